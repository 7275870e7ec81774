"""SIGTERM and SIGHUP end a command as Ctrl-C does: its temporary files are removed, and its children ended."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class _Ended(BaseException):
    """The process was told to end."""


@contextmanager
def tidy_end() -> Iterator[None]:
    """Within it, SIGTERM or SIGHUP first unwinds what is under way; then the process dies of the signal, as without.

    A second signal changes nothing, as `timeout` sends two: to the process, and to its group. A signal that is ignored,
    as by nohup, stays so.
    """
    heard: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        heard.append(number)
        if len(heard) == 1:
            raise _Ended

    handled = [each for each in _SIGNALS if signal.getsignal(each) is signal.SIG_DFL]
    for each in handled:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in handled:
            signal.signal(each, signal.SIG_DFL)
        if heard:
            os.kill(os.getpid(), heard[0])
