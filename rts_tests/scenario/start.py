"""Starts the command line of a step: without a shell where that is provably the same, else by bash.

Where a program cannot be found or executed, bash is asked as well: it says why, and with which exit status.
"""

import errno
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.working_directory import entered
from longpole.rts_tests.scenario import command_line
from longpole.rts_tests.scenario.command_line import Words

KILLED = -1
"""The exit code of a command that a signal ended."""
_FROM_SIGNAL = 128
_SILENT = (signal.SIGINT, signal.SIGPIPE)


@dataclass(frozen=True, slots=True)
class Started:
    """A process in a group of its own. `joined` if both of its streams are one, without the bash that would wait."""

    pid: int
    text: str
    joined: bool = False

    def ended(self, status: int) -> tuple[int, bytes]:
        """Return the exit code for a status of `waitpid`, and what bash would say on standard error about its end.

        bash executes a lone program in its own place, unless it has redirections: then bash sees the signal.
        """
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return code, b""
        if not self.joined:
            return KILLED, b""
        return _FROM_SIGNAL - code, os.fsencode(self._obituary(-code, os.WCOREDUMP(status)))

    def _obituary(self, number: int, dumped: bool) -> str:
        what = signal.strsignal(number) or f"Unknown signal {number}"
        if number in _SILENT:
            return ""
        if number == signal.SIGTERM:
            return f"{what}\n"
        core = "(core dumped) " if dumped else ""
        return f"bash: line 1: {self.pid:5} {what:24}{core}{command_line.raw_words(self.text)}\n"


def start(
    text: str,
    *,
    cwd: str,
    environ: Mapping[str, str],
    stdin: int,
    stdout: int,
    stderr: int,
    terminal: str | None = None,
) -> Started:
    """Start `text`, in which variables are expanded, in the folder `cwd`, with these descriptors.

    The path of a `terminal` makes it the controlling terminal of a session of its own; a descriptor below 0 is that.

    Raises `OSError` or `ValueError` if `cwd` cannot be entered, or neither it nor bash can be executed.
    """
    streams = _Streams((stdin, stdout, stderr), terminal)
    with entered(cwd):
        words = command_line.split(text) if command_line.is_plain(environ, text) else None
        if words is not None:
            pid = _direct(words, environ, streams.joined() if words.joined else streams)
            if pid is not None:
                return Started(pid, text, words.joined)
        return Started(_spawn(_bash(environ), ("bash", "-c", text), environ, streams), text)


@dataclass(frozen=True, slots=True)
class _Streams:
    """The three descriptors of a process, and the path of its terminal."""

    descriptors: tuple[int, int, int]
    terminal: str | None = None

    def joined(self) -> "_Streams":
        """Standard error goes where standard output goes."""
        stdin, stdout, _ = self.descriptors
        return _Streams((stdin, stdout, stdout), self.terminal)

    def file_actions(self) -> list[tuple[Any, ...]]:
        """How they come into the new process. What a session opens first is its controlling terminal."""
        numbered = [*enumerate(self.descriptors)]
        opened = [(os.POSIX_SPAWN_OPEN, number, self.terminal, os.O_RDWR, 0) for number, each in numbered if each < 0]
        return [*opened, *((os.POSIX_SPAWN_DUP2, each, number) for number, each in numbered if each >= 0)]


def _direct(words: Words, environ: Mapping[str, str], streams: _Streams) -> int | None:
    """Start a program without a shell; None if bash has to say why that is not possible."""
    path = command_line.program(words.argv[0], environ)
    env = None if path is None else command_line.environment_of(words, path, environ)
    if path is None or env is None:
        return None
    try:
        return _spawn(path, words.argv, env, streams)
    except OSError:
        return None


def _bash(environ: Mapping[str, str]) -> str:
    """bash, by PATH. Raises `FileNotFoundError`."""
    for folder in environ.get("PATH", os.defpath).split(":"):
        path = os.path.join(folder or ".", "bash")
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "bash")


def _spawn(path: str, argv: tuple[str, ...], environ: Mapping[str, str], streams: _Streams) -> int:
    """`posix_spawn` shares our memory until the exec, so its cost does not grow with ours."""
    group: dict[str, Any] = {"setpgroup": 0} if streams.terminal is None else {"setsid": True}
    return os.posix_spawn(
        path,
        argv,
        environ,
        file_actions=streams.file_actions(),
        setsigmask=[],
        setsigdef=processes.HANDLED_SIGNALS,
        **group,
    )
