"""Programs executed and measured by the launcher, a small process beside this one."""

import marshal
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.perf.measure.bench import Command
from longpole.rts_tests.contracts.errors import UseError

_LAUNCHER = Path(__file__).with_name("launcher.py")
_MAX_TAIL = 4096
_MAX_OUTPUT = 1 << 20
_ASK_AGAIN_S = 0.2
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a program: why it failed, or empty; wall and CPU seconds; peak memory in bytes, None if it is
    not known; and its standard output, empty unless it was asked for.

    `said` is the end of what it wrote to standard error.
    """

    why: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    memory: int | None = None
    said: str = ""
    output: bytes = b""


class Launcher:
    """The launcher, as a context. Leaving it ends everything that programs have left running."""

    def __enter__(self) -> "Launcher":
        """Start the launcher."""
        self._out = tempfile.TemporaryFile()
        self._err = tempfile.TemporaryFile()
        files = (self._out.fileno(), self._err.fileno())
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), *map(str, files)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=files,
            bufsize=0,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Have the launcher end what is left, and wait for its own end."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        while self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)  # a program runs only if a KeyboardInterrupt was interrupted
            try:
                self._process.wait(_ASK_AGAIN_S)
            except subprocess.TimeoutExpired:
                pass
        self._process.stdout.close()
        self._out.close()
        self._err.close()

    def execute(self, command: Command, timeout_s: float, *, measured: bool = True, output: bool = False) -> Execution:
        """Execute a command and wait for its end, at most `timeout_s` seconds.

        A `measured` program has no standard output unless `output` is asked for, and what it leaves running in its
        process group is killed; the output of another one is in `said`. With a KeyboardInterrupt the program is ended.
        """
        program = _program(command)
        if program is None:
            return Execution(f"there is no program {command.argv[0]!r}")
        stdout = "out" if output else "null" if measured else "err"
        request = (program, list(command.argv), dict(command.environ), command.cwd, timeout_s, stdout, measured)
        why, status, wall_ns, cpu_s, peak, timed_out = self._ask(request)
        if not why:
            why = f"timed out after {timeout_s:g} s" if timed_out else _how_it_ended(status, command.statuses)
        said = _tail(self._err.fileno(), _MAX_TAIL) if why else ""
        printed = os.pread(self._out.fileno(), _MAX_OUTPUT + 1, 0) if output else b""
        memory = peak * _RSS_UNIT if peak else None
        return Execution(why, wall_ns / 1e9, cpu_s, memory, said, printed)

    def _ask(self, request: tuple[Any, ...]) -> Any:  # noqa: ANN401  the answer, see `launcher`
        try:
            self._send(request)
            return self._receive()
        except KeyboardInterrupt:
            self._cancel()
            raise
        except (EOFError, BrokenPipeError):
            raise UseError.at("", "the process that starts the programs was killed", "measure again") from None

    def _cancel(self) -> None:
        """End the program that is running. It may not have been started yet, so it is asked until there is an answer.

        Or it may just have ended: an empty request behind it has an answer in any case.
        """
        assert self._process.stdout is not None
        answer: object = ...
        try:
            self._send(None)
            while answer is not None:
                self._process.send_signal(signal.SIGTERM)
                if select.select([self._process.stdout], [], [], _ASK_AGAIN_S)[0]:
                    answer = self._receive()
        except (EOFError, BrokenPipeError):
            pass  # it was killed, too

    def _send(self, request: tuple[Any, ...] | None) -> None:
        """Send a request whole: a KeyboardInterrupt is raised before it or behind it."""
        assert self._process.stdin is not None
        data = memoryview(marshal.dumps(request))
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            while data:
                data = data[os.write(self._process.stdin.fileno(), data) :]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _receive(self) -> Any:  # noqa: ANN401  an answer, or the number at the beginning
        assert self._process.stdout is not None
        return marshal.load(self._process.stdout)  # noqa: S302  from our own child


def _program(command: Command) -> str | None:
    """The path of a command's program, found as `execvp` would in the command's own PATH and folder."""
    name = command.argv[0]
    if "/" in name:
        return name
    places = command.environ.get("PATH", os.defpath).split(os.pathsep)
    return shutil.which(name, path=os.pathsep.join(os.path.join(command.cwd, place) for place in places))


def _how_it_ended(status: int, good: tuple[int, ...]) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code in good:
        return ""
    if code < 0:
        return f"ended by {_signal_name(-code)}"
    return f"exit status {code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _tail(descriptor: int, limit: int) -> str:
    """The last whole characters of a file that a program wrote, at most `limit` bytes."""
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, limit, max(0, size - limit)).decode(errors="replace").strip("\n")
