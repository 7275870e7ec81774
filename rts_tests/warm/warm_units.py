"""The supervisor's side of the zygote: asking for warm units, hearing that they have started and ended."""

import os
import selectors
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from longpole.rts_tests.machine import processes
from longpole.rts_tests.warm.channel import Channel, Message
from longpole.rts_tests.warm.zygote import ENDED, REFUSED, START, STARTED


@dataclass(frozen=True, slots=True)
class Started:
    """The unit that was asked for under `token` is the process `pid`."""

    token: int
    pid: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The unit that was asked for under `token` was not started: there is no such module (`missing`), or no process."""

    token: int
    missing: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The process `pid` has ended, as `wait4` says it; `max_rss` is in the kernel's unit."""

    pid: int
    status: int
    user_s: float
    sys_s: float
    max_rss: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The zygote that was the process `pid` has ended, and with it every unit that it forked."""

    pid: int


Event = Started | Refused | Ended | Lost


class WarmUnits:
    """One zygote, started when it is first needed and again should it be killed; `pid` is 0 while there is none."""

    def __init__(
        self, environ: Mapping[str, str], selector: selectors.BaseSelector, hear: Callable[[Event], None]
    ) -> None:
        """`hear` is called with every event when the selector says that there is something to read."""
        self._environ = environ
        self._selector = selector
        self._hear = hear
        self._channel: Channel | None = None
        self.pid = 0

    def open(self) -> Channel:
        """Start the zygote if there is none; raises `OSError`."""
        if self._channel is not None:
            return self._channel
        ours, theirs = socket.socketpair()
        try:
            os.set_inheritable(theirs.fileno(), True)
            code = f"from longpole.rts_tests.warm.zygote import serve; serve({theirs.fileno()})"
            self.pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-EP", "-c", code],
                self._environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, 2, 1),
                ],
                setpgroup=0,  # a terminal's Ctrl-C is for us to pass on
                setsigmask=[],
                setsigdef=processes.HANDLED_SIGNALS,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._channel = Channel(ours)
        self._selector.register(self._channel, selectors.EVENT_READ, lambda _: self._read())
        return self._channel

    def start(self, token: int, module: str, argv: Sequence[str], own: Mapping[str, str], output: int) -> int:
        """Ask for a unit whose output goes to `output`; return the zygote's pid. Raises `OSError`."""
        message = (START, token, module, list(argv), dict(own))
        try:
            self.open().send(message, output)
        except ConnectionError:  # it has been killed, and nobody has read that yet
            self._lose()
            self.open().send(message, output)
        return self.pid

    def _read(self) -> None:
        assert self._channel is not None
        try:
            messages = self._channel.receive()
        except (EOFError, ConnectionError):
            self._lose()
            return
        for message in messages:
            self._hear(_event(message))

    def _lose(self) -> None:
        pid = self.pid
        self.close()
        self._hear(Lost(pid))

    def close(self) -> None:
        """Let the zygote end."""
        if self._channel is not None:
            self._selector.unregister(self._channel)
            self._channel.close()
            self._channel = None
            self.pid = 0


def _event(message: Message) -> Event:
    kind, *fields = message
    made: Event = {STARTED: Started, REFUSED: Refused, ENDED: Ended}[kind](*fields)
    return made
