"""The supervisor's side of the zygote: it requests warm units and receives events: started, refused, ended."""

import os
import selectors
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.working_directory import entered
from longpole.rts_tests.warm.channel import Channel, Message
from longpole.rts_tests.warm.zygote import ENDED, REFUSED, START, STARTED

_MAX_LINE = 500
"""Bytes at the end of a log in which its last line is looked for."""


@dataclass(frozen=True, slots=True)
class Started:
    """The unit requested with `token` is the process `pid`."""

    token: int
    pid: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The unit requested with `token` did not start: it has to run cold (`missing`), or the fork failed."""

    token: int
    missing: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The process `pid` has ended, with the results of `wait4`; `max_rss` is in the kernel's unit."""

    pid: int
    status: int
    user_s: float
    sys_s: float
    max_rss: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The zygote with the process id `pid` has ended, and with it every unit that it forked."""

    pid: int


Event = Started | Refused | Ended | Lost


@dataclass(frozen=True, slots=True)
class Program:
    """How a zygote is started.

    `argv` is its command, to which the number of its socket is added; `log` is the file to which it prints, or None if
    that is our own standard error. A program with a log is one of the project, which may fail to become a zygote.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str] | Mapping[bytes, bytes]
    cwd: str | None = None
    log: str | None = None


_SERVE = "import sys; from longpole.rts_tests.warm.zygote import serve; serve(int(sys.argv[1]))"


def own_program(environ: Mapping[str, str]) -> Program:
    """The zygote of this Python, which has warm modules."""
    return Program((sys.executable, "-EP", "-c", _SERVE), environ)


class Zygote:
    """One zygote, started when it is first needed, and again if it was killed; `pid` is 0 while there is none."""

    def __init__(self, program: Program, selector: selectors.BaseSelector, on_event: Callable[[Event], None]) -> None:
        """The selector's callback reads the zygote's messages and calls `on_event` with each event."""
        self._program = program
        self._selector = selector
        self._on_event = on_event
        self._channel: Channel | None = None
        self._silent = True
        self._requested: list[int] = []  # while it is silent
        self.pid = 0

    def open(self) -> Channel:
        """Start the zygote if there is none; return the channel to it. Raises `OSError`."""
        if self._channel is not None:
            return self._channel
        ours, theirs = socket.socketpair()
        try:
            os.set_inheritable(theirs.fileno(), True)
            with entered(self._program.cwd):
                self.pid = self._spawn(theirs.fileno())
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._channel = Channel(ours)
        self._silent = True
        self._selector.register(self._channel, selectors.EVENT_READ, lambda _: self._read())
        return self._channel

    def _spawn(self, descriptor: int) -> int:
        program, log = self._program, self._program.log
        output: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [(os.POSIX_SPAWN_DUP2, 2, 1)]
        if log is not None:
            os.makedirs(os.path.dirname(log), exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            output = [(os.POSIX_SPAWN_OPEN, 1, log, flags, 0o666), (os.POSIX_SPAWN_DUP2, 1, 2)]
        return os.posix_spawnp(
            program.argv[0],
            [*program.argv, str(descriptor)],
            program.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), *output],
            setpgroup=0,  # a terminal's Ctrl-C must not reach it
            setsigmask=[],
            setsigdef=processes.HANDLED_SIGNALS,
        )

    def start(
        self, token: int, module: str, argv: Sequence[str], own: Mapping[str, str], writers: tuple[int, int]
    ) -> int:
        """Request a unit; return the zygote's pid. Raises `OSError`.

        `writers` are its standard output and standard error, which may be the same.
        """
        apart = writers[0] != writers[1]
        message, descriptors = (START, token, module, list(argv), dict(own), apart), writers if apart else writers[:1]
        try:
            self.open().send(message, descriptors)
        except ConnectionError:  # it has ended, and we had not read that yet
            pid = self.pid
            if self._cannot_be_one:
                self._requested.append(token)
                self._lose()
                return pid
            self._lose()
            self.open().send(message, descriptors)
        if self._silent:
            self._requested.append(token)
        return self.pid

    @property
    def _cannot_be_one(self) -> bool:
        """Whether its program, if it has ended, cannot become a zygote: one of the project that has never answered."""
        return self._silent and self._program.log is not None

    def _read(self) -> None:
        assert self._channel is not None
        try:
            messages = self._channel.receive()
        except (EOFError, ConnectionError):
            self._lose()
            return
        if self._silent:
            self._silent = False
            self._requested.clear()
        for message in messages:
            self._on_event(_event(message))

    def _lose(self) -> None:
        """Report its end, or that its units have to run cold."""
        pid, requested = self.pid, self._requested[:]
        self.close()
        if not self._cannot_be_one:
            self._on_event(Lost(pid))
            return
        for token in requested:
            self._on_event(Refused(token, missing=True, reason=self._why_silent()))

    def _why_silent(self) -> str:
        log = self._program.log
        assert log is not None
        try:
            with open(log, "rb") as file:
                lines = file.read()[-_MAX_LINE:].decode(errors="replace").split("\n")
        except OSError:
            lines = []
        said = next((line for line in reversed(lines) if line.strip()), None)
        what = f"{self._program.argv[0]} ended while it imported the tests"
        return what if said is None else f"{what}: {harmless(said, colour=False)}"

    def close(self) -> None:
        """Close the channel, which ends the zygote; remove its log if it is empty."""
        if self._channel is None:
            return
        self._selector.unregister(self._channel)
        self._channel.close()
        self._channel = None
        self._requested.clear()
        self.pid = 0
        if self._program.log is not None:
            try:
                if not os.path.getsize(self._program.log):
                    os.unlink(self._program.log)
            except OSError:
                pass  # it is in the run's folder, and an empty file there does no harm


class Zygotes:
    """The zygotes of a run, by their keys."""

    def __init__(self, selector: selectors.BaseSelector, on_event: Callable[[Event], None]) -> None:
        """See `Zygote`."""
        self._selector = selector
        self._on_event = on_event
        self._zygotes: dict[str, Zygote] = {}

    def get(self, key: str) -> Zygote | None:
        """The zygote of this key, if it was added."""
        return self._zygotes.get(key)

    def add(self, key: str, program: Program) -> Zygote:
        """Add a zygote, which is not started yet."""
        self._zygotes[key] = zygote = Zygote(program, self._selector, self._on_event)
        return zygote

    @property
    def pids(self) -> set[int]:
        """The pids of those that run."""
        return {zygote.pid for zygote in self._zygotes.values() if zygote.pid}

    def close(self) -> None:
        """End all of them."""
        for zygote in self._zygotes.values():
            zygote.close()


def _event(message: Message) -> Event:
    kind, *fields = message
    event: Event = {STARTED: Started, REFUSED: Refused, ENDED: Ended}[kind](*fields)
    return event
