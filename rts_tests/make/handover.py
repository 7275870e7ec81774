"""The pipes through which make's recipes hand units to the supervisor.

A recipe writes its target's name to the request FIFO. The supervisor holds this FIFO open for reading and writing, so
it has no end of file; a name is shorter than PIPE_BUF, so names never mix. Then the recipe opens the FIFO of its target
and blocks until the supervisor opens the other end, writes the exit status and closes it. The supervisor opens without
blocking: if the recipe has not reached its own open yet, this fails with ENXIO and is repeated in the next round.
"""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

BUILT = "built-"
"""The prefix of a request that names a variant whose build succeeded; the targets of units begin with `test-`."""

NOT_RUN = 130
"""The answer for a unit that is not run any more; it ends a lane."""


class Handover:
    """The supervisor's end of the pipes; `folder` is private to the run."""

    def __init__(self, folder: Path) -> None:
        self._reply = f"{folder}/reply"
        self.descriptor = os.open(folder / "request", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._buffer = b""
        self._pending: dict[str, int] = {}

    def requests(self) -> list[str]:
        """Return the lines that recipes have written since the last call: targets, or `BUILT` and a variant."""
        try:
            while data := os.read(self.descriptor, 65536):
                self._buffer += data
        except BlockingIOError:
            pass
        *lines, self._buffer = self._buffer.split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def answer(self, target: str, status: int) -> None:
        """Let the recipe of `target` exit with `status`."""
        self._pending[target] = status
        self.flush()

    def flush(self) -> bool:
        """Deliver answers to the recipes that wait; return whether any answer still waits for its recipe."""
        for target, status in list(self._pending.items()):
            try:
                descriptor = os.open(f"{self._reply}/{target}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    del self._pending[target]
                continue
            try:
                os.write(descriptor, b"%d\n" % status)
            except BrokenPipeError:
                pass  # the recipe was killed between its open and our write
            finally:
                os.close(descriptor)
            del self._pending[target]
        return bool(self._pending)


def make_pipes(folder: Path, targets: Iterable[str]) -> None:
    """Make the request FIFO and a FIFO per target in `folder`, before make starts; raises `OSError`."""
    os.mkfifo(folder / "request", 0o600)
    reply = f"{folder}/reply"
    os.mkdir(reply, 0o700)
    for target in targets:
        os.mkfifo(f"{reply}/{target}", 0o600)
