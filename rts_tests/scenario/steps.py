"""Runs the command line of a step until it has ended, and collects its output."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from longpole.rts_tests.scenario.start import KILLED, Started, start
from longpole.rts_tests.scenario.variables import Variables
from longpole.rts_tests.scenario.waiting import PIPES_S, Meanwhile, Stream, Wait

_SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGALRM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
"""Signals of which a handler may raise."""
_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""White space by Unicode's property White_Space; `str.strip` takes four control characters more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command line ended. `problem` says why it could not be started; the exit code is -1 then.

    `dropped` is the number of bytes of output that were not kept.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    problem: str | None = None
    dropped: int = 0

    @property
    def output(self) -> str:
        """Standard output without white space at its ends, a newline, and standard error likewise, if not empty."""
        return "\n".join(text for text in (stripped(self.stdout), stripped(self.stderr)) if text)


def stripped(data: bytes) -> str:
    """Return `data` as text, undecodable bytes replaced, without white space at both ends."""
    return data.decode(errors="replace").strip(_SPACE)


def folder_of(cwd: str | None, variables: Variables, work: str) -> str:
    """Return the folder in which a step with this `cwd` is run, to which the paths of its checks are relative."""
    return work if cwd is None else os.path.join(work, variables.expand(cwd))


def run_step(
    text: str,
    *,
    cwd: str,
    environ: Mapping[str, str],
    timeout_s: float | None = None,
    meanwhile: Meanwhile | None = None,
    interrupted: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Run `text`, in which variables are expanded, in `cwd`, with empty input, and wait for its end.

    After `timeout_s` its process group gets SIGTERM, and SIGKILL two seconds later. So it does if an exception, such as
    KeyboardInterrupt, ends the wait; then `interrupted` is called with the outcome so far, before the exception is
    raised again.
    """
    began = time.monotonic()
    out, err = Stream(), Stream()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # no handler raises between the start and the wait
    try:
        with _empty() as stdin, out.writer() as stdout, err.writer() as stderr:
            started = start(text, cwd=cwd, environ=environ, stdin=stdin, stdout=stdout, stderr=stderr)
    except (OSError, ValueError) as error:
        out.close()
        err.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return Outcome(KILLED, b"", b"", time.monotonic() - began, problem=why_not(error, cwd))
    wait = Wait(started.pid, (out, err), {} if meanwhile is None else meanwhile)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        wait.run(None if timeout_s is None else began + timeout_s, PIPES_S)
    except BaseException:
        wait.end()
        if interrupted is not None:
            interrupted(_outcome(started, wait, out, err, began))
        raise
    finally:
        wait.close()
        for stream in (out, err):
            stream.leave(meanwhile)
    return _outcome(started, wait, out, err, began)


def _outcome(started: Started, wait: Wait, out: Stream, err: Stream, began: float) -> Outcome:
    code, message = started.ended(wait.close())
    seconds = time.monotonic() - began - wait.stopped_s
    dropped = out.dropped + err.dropped
    return Outcome(code, out.data(), err.data() + message, seconds, wait.timed_out, dropped=dropped)


def why_not(error: OSError | ValueError, cwd: str) -> str:
    """Why a command line could not be started in the folder `cwd`, in a sentence."""
    if not isinstance(error, OSError):
        return f"the command cannot be executed: {error}"
    if error.filename == cwd:
        return f"the working directory {cwd} cannot be entered: {error.strerror}"
    return f"{error.filename or 'the command'} cannot be executed: {error.strerror}"


@contextmanager
def _empty() -> Iterator[int]:
    descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
