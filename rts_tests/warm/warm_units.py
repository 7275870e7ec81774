"""The supervisor's side of the zygote: it requests warm units and receives events: started, refused, ended."""

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
    """The unit requested with `token` is the process `pid`."""

    token: int
    pid: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The unit requested with `token` did not start: its module cannot be imported (`missing`), or the fork failed."""

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


class WarmUnits:
    """One zygote, started when it is first needed, and again if it was killed; `pid` is 0 while there is none."""

    def __init__(
        self, environ: Mapping[str, str], selector: selectors.BaseSelector, on_event: Callable[[Event], None]
    ) -> None:
        """The selector's callback reads the zygote's messages and calls `on_event` with each event."""
        self._environ = environ
        self._selector = selector
        self._on_event = on_event
        self._channel: Channel | None = None
        self.pid = 0

    def open(self) -> Channel:
        """Start the zygote if there is none; return the channel to it. Raises `OSError`."""
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
                setpgroup=0,  # a terminal's Ctrl-C must not reach it
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
        except ConnectionError:  # it has been killed, and we had not read that yet
            self._lose()
            self.open().send(message, descriptors)
        return self.pid

    def _read(self) -> None:
        assert self._channel is not None
        try:
            messages = self._channel.receive()
        except (EOFError, ConnectionError):
            self._lose()
            return
        for message in messages:
            self._on_event(_event(message))

    def _lose(self) -> None:
        pid = self.pid
        self.close()
        self._on_event(Lost(pid))

    def close(self) -> None:
        """Close the channel, which ends the zygote."""
        if self._channel is not None:
            self._selector.unregister(self._channel)
            self._channel.close()
            self._channel = None
            self.pid = 0


def _event(message: Message) -> Event:
    kind, *fields = message
    event: Event = {STARTED: Started, REFUSED: Refused, ENDED: Ended}[kind](*fields)
    return event
