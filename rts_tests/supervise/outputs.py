"""What units write, read from their pipes when there is something, and handed to their captures."""

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
        """Read, from now on, what the attempt under way writes."""
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
        """Read what is there; once its process has ended, a unit's output ends with it unless something was left."""
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
        """Read no more of it, whoever may hold its other end; closed already is fine."""
        output = running.attempt.output
        if output >= 0:
            self._selector.unregister(output)
            del self._open[output]
            os.close(output)
            running.attempt.output = -1
