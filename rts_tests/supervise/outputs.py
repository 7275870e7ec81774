"""Reads the output of units from their pipes and adds it to their captures."""

import fcntl
import os
import selectors
import sys

from longpole.rts_tests.unit.running import RunningUnit

_READ = 65536


class Outputs:
    """The open pipes of the attempts under way.

    An attempt has one pipe. If its results come from its standard output, it has another one for its standard error.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._open: dict[int, RunningUnit] = {}

    def open(self, running: RunningUnit) -> None:
        """Read the output of the attempt under way from now on."""
        for descriptor in _pipes(running):
            self._open[descriptor] = running
            self._selector.register(descriptor, selectors.EVENT_READ, self._read)

    def _read(self, descriptor: int) -> None:
        running = self._open[descriptor]
        data = os.read(descriptor, _READ)
        if data:
            _add(running, descriptor, data)
        else:
            self._close(running, descriptor)

    def drain(self, running: RunningUnit) -> None:
        """Read the available output, and close each pipe at its end of file.

        The process of the unit has ended, so its output ends, too, unless the unit left a process running.
        """
        for descriptor in _pipes(running):
            if _drain(running, descriptor):
                self._close(running, descriptor)

    def close(self, running: RunningUnit) -> None:
        """Close our ends, even if a process still holds the other ones. May be repeated."""
        for descriptor in _pipes(running):
            self._close(running, descriptor)

    def _close(self, running: RunningUnit, descriptor: int) -> None:
        self._selector.unregister(descriptor)
        del self._open[descriptor]
        os.close(descriptor)
        if descriptor == running.attempt.output:
            running.attempt.output = -1
        else:
            running.attempt.errors = -1


def _pipes(running: RunningUnit) -> tuple[int, ...]:
    attempt = running.attempt
    return tuple(descriptor for descriptor in (attempt.output, attempt.errors) if descriptor >= 0)


def _drain(running: RunningUnit, descriptor: int) -> bool:
    """Read what is in a pipe; return whether its end of file was met.

    What a process that has ended wrote is no more than the pipe holds. After that, output comes from one that it left,
    which may write faster than we read.
    """
    size = 0
    try:
        while data := os.read(descriptor, _READ):
            _add(running, descriptor, data)
            size += len(data)
            if size >= _READ and size >= _capacity(descriptor):
                return False
    except BlockingIOError:
        return False
    return True


def _capacity(descriptor: int) -> int:
    """The bytes that a pipe holds at most. On systems that do not tell, no pipe is known to hold more."""
    return fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) if sys.platform == "linux" else 64 * 1024


def _add(running: RunningUnit, descriptor: int, data: bytes) -> None:
    results = running.attempt.results
    if results is None or not results.apart:
        running.capture.add(data)
    elif descriptor == running.attempt.output:
        running.capture.add(results.reader.feed(data))
    else:
        assert running.errors is not None
        running.errors.add(data)
        running.capture.add(results.error_lines.feed(data))
