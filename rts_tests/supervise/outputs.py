"""Reads the output of units from their pipes and adds it to their captures."""

import os
import selectors

from longpole.rts_tests.unit.running import RunningUnit

_READ = 65536


class Outputs:
    """The open pipes of the attempts under way."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._open: dict[int, RunningUnit] = {}

    def open(self, running: RunningUnit) -> None:
        """Read the output of the attempt under way from now on."""
        output = running.attempt.output
        self._open[output] = running
        self._selector.register(output, selectors.EVENT_READ, self._read)

    def _read(self, descriptor: int) -> None:
        running = self._open[descriptor]
        data = os.read(descriptor, _READ)
        if data:
            running.capture.add(data)
        else:
            self.close(running)

    def drain(self, running: RunningUnit) -> None:
        """Read the available output, and close the pipe at its end of file.

        The process of the unit has ended, so its output ends, too, unless the unit left a process running.
        """
        output = running.attempt.output
        if output < 0:
            return
        try:
            while data := os.read(output, _READ):
                running.capture.add(data)
        except BlockingIOError:
            return
        self.close(running)

    def close(self, running: RunningUnit) -> None:
        """Close our end, even if a process still holds the other one. May be repeated."""
        output = running.attempt.output
        if output >= 0:
            self._selector.unregister(output)
            del self._open[output]
            os.close(output)
            running.attempt.output = -1
