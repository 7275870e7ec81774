"""Runs the command line of a step until it has ended, and collects its output."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from longpole.rts_tests.scenario.ends import Ends, with_terminal
from longpole.rts_tests.scenario.start import KILLED, Started, start
from longpole.rts_tests.scenario.talk import Source
from longpole.rts_tests.scenario.variables import Variables
from longpole.rts_tests.scenario.waiting import PIPES_S, Meanwhile, Wait

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
    """How a command line ended.

    `problem` says why it could not be started, with an exit code of -1, or why its dialog failed; or if it `timed_out`
    what it was waiting for then. `dropped` is the number of bytes of output that were not kept. `held` is whether what
    it left running still had its output open at the end.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    problem: str | None = None
    dropped: int = 0
    held: bool = False

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
    source: Source | None = None,
) -> Outcome:
    """Run `text`, in which variables are expanded, in `cwd`, and wait for its end. Its input is empty without `source`.

    After `timeout_s` its process group gets SIGTERM, and SIGKILL two seconds later. So it does if an exception, such as
    KeyboardInterrupt, ends the wait; then `interrupted` is called with the outcome so far, before the exception is
    raised again.
    """
    began = time.monotonic()
    ends = Ends(source)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # no handler raises between the start and the wait
    try:
        started = _started(text, cwd, environ, ends)
    except (OSError, ValueError) as error:
        ends.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return Outcome(KILLED, b"", b"", time.monotonic() - began, problem=why_not(error, cwd))
    wait = Wait(started.pid, (ends.out, ends.err), {} if meanwhile is None else meanwhile, ends)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        wait.run(None if timeout_s is None else began + timeout_s, PIPES_S)
    except BaseException:
        wait.end()
        if interrupted is not None:
            interrupted(replace(_outcome(started, wait, ends, began), problem=None))
        raise
    finally:
        wait.close()
        ends.leave(meanwhile)
    return _outcome(started, wait, ends, began)


def _started(text: str, cwd: str, environ: Mapping[str, str], ends: Ends) -> Started:
    stdin, stdout, stderr = ends.open()
    environ = with_terminal(environ, ends.terminal)
    terminal = ends.terminal
    started = start(text, cwd=cwd, environ=environ, stdin=stdin, stdout=stdout, stderr=stderr, terminal=terminal)
    if terminal is None:
        ends.close_theirs()
    return started


def _outcome(started: Started, wait: Wait, ends: Ends, began: float) -> Outcome:
    code, message = started.ended(wait.close())
    seconds = time.monotonic() - began - wait.stopped_s
    stdout, stderr = ends.printed()
    problem = None
    if ends.talk is not None and wait.timed_out:
        problem = ends.talk.under_way
    elif ends.talk is not None:
        ends.talk.end()
        problem = ends.talk.problem
    dropped = ends.out.dropped + ends.err.dropped
    return Outcome(code, stdout, stderr + message, seconds, wait.timed_out, problem, dropped, wait.held)


def why_not(error: OSError | ValueError, cwd: str) -> str:
    """Why a command line could not be started in the folder `cwd`, in a sentence."""
    if not isinstance(error, OSError):
        return f"the command cannot be executed: {error}"
    if error.filename == cwd:
        return f"the working directory {cwd} cannot be entered: {error.strerror}"
    return f"{error.filename or 'the command'} cannot be executed: {error.strerror}"
