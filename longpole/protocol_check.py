"""Runs the command of a client as a fork would be run, for `longpole protocol check`, and prints what it does wrong."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import longpole
from longpole.options import show
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.project_python import project_python
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.forks.queue import Queue
from longpole.rts_tests.machine import processes
from longpole.rts_tests.results.blocks import one_line
from longpole.rts_tests.results.conformance import Conformance, Finding
from longpole.rts_tests.results.told import End, Told
from longpole.rts_tests.results.wire import MARK
from longpole.rts_tests.unit.environment import without_steering

_READ = 65536
_LOOK_S = 0.05
"""How often we look whether the client has ended while something else holds its output open."""


@dataclass(frozen=True, slots=True)
class Check:
    """What is asked for. `kill_after` is the number of envelopes after which the client is killed, None for never."""

    command: tuple[str, ...]
    classes: tuple[str, ...]
    select: tuple[str, ...]
    queue: bool
    threads: int
    timeout_s: float
    kill_after: int | None


@dataclass(slots=True)
class _Observed:
    """How the client ended, beyond its standard output."""

    status: Status = Status.PASSED
    exit_code: int | None = None
    killed: bool = False
    left_running: bool = False
    envelope_on_stderr: bool = False


def check(wanted: Check) -> int:
    """Run the client and print what it does wrong, and what it told; return the exit status. Raises `UseError`."""
    with tempfile.TemporaryDirectory(prefix="longpole-protocol-") as folder:
        tmpdir, classes_file = Path(folder, "tmp"), Path(folder, "classes")
        tmpdir.mkdir(0o700)
        classes_file.write_bytes(b"".join(os.fsencode(name) + b"\n" for name in wanted.classes))
        queue = Queue(f"{folder}/queue", wanted.classes) if wanted.queue else None
        if queue is not None:
            queue.make()
        environ = _environ(wanted, tmpdir, classes_file, queue)
        reader, writer, packets = _pipe()
        client = Conformance(wanted.classes or None, packets=packets)
        with os.fdopen(reader, "rb", buffering=0) as output:
            words, release = _words(wanted, classes_file), _hold_interrupts()
            try:
                process = _start(words, environ, writer)
            except UseError:
                release()
                raise
            observed = _observe(process, output.fileno(), client, wanted, release)
        end = End(observed.status, observed.exit_code, str(tmpdir))
        if queue is not None:
            queue.look()
            end = replace(end, claimed=queue.claims(0), unclaimed=queue.left)
        told, found = client.finish(end, killed=observed.killed)
    found += _besides(observed, wanted)
    _print(client, told, found, observed)
    return ExitStatus.FAILED if any(each.violates for each in found) else ExitStatus.PASSED


# -- the command ------------------------------------------------------------------------------------------------------


def _environ(wanted: Check, tmpdir: Path, classes_file: Path, queue: Queue | None) -> dict[str, str]:
    """The environment of a fork."""
    ours = {
        "LONGPOLE_UNIT": "protocol/check[fork-0]",
        "LONGPOLE_VARIANT": "protocol",
        "LONGPOLE_MODULE": "check",
        "LONGPOLE_SEED": "0",
        "LONGPOLE_RUN": "check",
        "LONGPOLE_PROTOCOL": "1",
        "LONGPOLE_FORK": "0",
        "LONGPOLE_FORKS": "1",
        "LONGPOLE_THREADS": str(wanted.threads),
        "LONGPOLE_CLASSES": str(classes_file),
        "TMPDIR": str(tmpdir),
    }
    if queue is not None:
        ours["LONGPOLE_QUEUE"] = queue.folder
    if wanted.select:
        ours["LONGPOLE_SELECT"] = "\n".join(wanted.select)
    inherited = {name: value for name, value in without_steering(os.environ).items() if name not in _OF_FORKS}
    return {**inherited, **ours}


_OF_FORKS = ("LONGPOLE_QUEUE", "LONGPOLE_SELECT")


def _words(wanted: Check, classes_file: Path) -> list[str]:
    """The command; placeholders of `forks.run` are replaced in words that contain no other braces."""
    values = {
        "classes_file": str(classes_file),
        "clients": str(Path(longpole.__file__).parent / "clients"),
        "fork": "0",
        "forks": "1",
        "threads": str(wanted.threads),
        "python": project_python(os.environ, None),
        "longpole_python": sys.executable,
    }
    words: list[str] = []
    for word in wanted.command:
        if word == "{classes}":
            words += wanted.classes
            continue
        try:
            names = placeholders.names(word)
        except placeholders.PlaceholderError:
            names = frozenset()
        words.append(placeholders.expand(word, values) if names and names <= values.keys() else word)
    return words


def _pipe() -> tuple[int, int, bool]:
    """A pipe for the output, and whether it keeps apart what was written apart: packet mode, which only Linux has."""
    with contextlib.suppress(AttributeError, OSError):
        return *os.pipe2(os.O_CLOEXEC | os.O_DIRECT), True
    return *os.pipe(), False


def _start(words: Sequence[str], environ: Mapping[str, str], writer: int) -> "subprocess.Popen[bytes]":
    """Start the client in a process group of its own; `writer` is closed. Raises `UseError`."""
    try:
        return subprocess.Popen(
            words,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        what = f"cannot be executed: {error.strerror}"
        raise UseError.at(words[0], what, "write the command of the client after `--`") from None
    except ValueError as error:
        raise UseError.at("", f"the command cannot be executed: {error}", "leave out NUL characters") from None
    finally:
        os.close(writer)


def _hold_interrupts() -> Callable[[], None]:
    """Hold back Ctrl-C until the returned function is called, so that no client is started and then not ended."""
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))

    def release() -> None:
        signal.signal(signal.SIGINT, before)
        if held:
            raise KeyboardInterrupt

    return release


# -- its run ----------------------------------------------------------------------------------------------------------


def _observe(
    process: "subprocess.Popen[bytes]",
    output: int,
    client: Conformance,
    wanted: Check,
    release: Callable[[], None],
) -> _Observed:
    """Read the client's output until it has ended; end it when its time is over, or after the wanted envelope.

    `release` is called when an interruption ends the client.
    """
    observed = _Observed()
    assert process.stderr is not None
    try:
        release()
        for is_stderr, data in _pieces(process, output, time.monotonic() + wanted.timeout_s):
            if data is None:
                observed.status = Status.TIMEOUT
                processes.kill_group(process.pid, signal.SIGKILL)
            elif is_stderr:
                observed.envelope_on_stderr |= data.startswith(MARK) or b"\n" + MARK in data
                sys.stderr.write(data.decode(errors="replace"))
            else:
                client.feed(data)
            if wanted.kill_after is not None and client.envelopes >= wanted.kill_after and not observed.killed:
                observed.killed = True
                processes.kill_group(process.pid, signal.SIGKILL)
        process.wait()
    finally:
        observed.left_running = processes.kill_group(process.pid) and process.returncode is not None
        process.wait()
        process.stderr.close()
    observed.exit_code = process.returncode if process.returncode >= 0 else None
    if observed.exit_code is None and observed.status is Status.PASSED:
        observed.status = Status.CRASHED
    elif observed.exit_code and observed.status is Status.PASSED:
        observed.status = Status.FAILED
    return observed


def _pieces(process: "subprocess.Popen[bytes]", output: int, deadline: float) -> Iterator[tuple[bool, bytes | None]]:
    """Whether a piece is of standard error, and the piece, until the pipes or the client end; None when time is up."""
    assert process.stderr is not None
    errors, late = process.stderr.fileno(), False
    os.set_blocking(output, False)
    os.set_blocking(errors, False)
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        selector.register(errors, selectors.EVENT_READ)
        while selector.get_map():
            if time.monotonic() > deadline and not late:
                late = True
                yield False, None
            ended = process.poll() is not None
            ready = selector.select(0 if ended else _LOOK_S)
            if ended and not ready:  # a process that the client left behind holds the pipes
                return
            for key, _ in ready:
                data = os.read(key.fd, _READ)
                if not data:
                    selector.unregister(key.fd)
                else:
                    yield key.fd == errors, data


# -- what is printed --------------------------------------------------------------------------------------------------


def _besides(observed: _Observed, wanted: Check) -> Iterator[Finding]:
    """What is wrong beyond standard output."""
    if observed.status is Status.TIMEOUT:
        yield Finding(f"the client did not end within {wanted.timeout_s:g} s", "use --timeout if that is not enough")
    elif observed.status is Status.CRASHED and not observed.killed:
        yield Finding("the client was ended by a signal", "find out why it crashes")
    if observed.left_running and not observed.killed and observed.status is not Status.TIMEOUT:
        yield Finding("the client left processes running", "end them; a run would call the fork `leaked`")
    if observed.envelope_on_stderr:
        yield Finding("an envelope is on standard error", "write envelopes to standard output")


def _print(client: Conformance, told: Told, found: Sequence[Finding], observed: _Observed) -> None:
    for each in found:
        place = "" if each.line is None else f"line {each.line} of the output: "
        show(f"{'violation' if each.violates else 'advice'}: {place}{each.what}; {each.remedy}")
    if observed.killed:
        show(f"killed after {count(client.envelopes, 'envelope')}; a run would show:")
        for result in told.classes:
            show(f"  {one_line(result.name)}: {result.status}")
    envelopes = count(client.envelopes, "envelope")
    show(f"{envelopes}; {_counted('class', 'classes', told.classes)}; {_counted('case', 'cases', told.cases)}")
    violations = sum(each.violates for each in found)
    show("the client conforms" if not violations else count(violations, "violation"))


def _counted(one: str, many: str, results: Sequence[Case] | Sequence[ClassResult]) -> str:
    """`3 classes: 2 passed, 1 failed`."""
    counts = Counter(str(each.status) for each in results)
    named = ", ".join(f"{counts[status]:,} {status}" for status in Status if counts[status])
    return f"{len(results):,} {one if len(results) == 1 else many}" + (f": {named}" if named else "")
