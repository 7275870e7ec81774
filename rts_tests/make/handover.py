"""The pipes through which make's recipes hand units to the supervisor.

A recipe asks for a unit: it writes its target's name to the request FIFO. The supervisor holds this FIFO open for
reading and writing, so it has no end of file; a name is shorter than PIPE_BUF, so names never mix. Then the recipe
opens the FIFO of its target and blocks until the supervisor opens the other end, writes the exit status and closes it.
The supervisor opens without blocking: if the recipe has not reached its own open yet, this fails with ENXIO and is
repeated in the next round. So is what fails because something has run out, descriptors for example, for up to
PATIENCE_S. Any other error is final, as when somebody has removed the pipes: then no recipe can be answered any more,
and those that wait must be ended.
"""

import errno
import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path

BUILT = "built-"
"""The prefix of a request that names a variant whose build succeeded; the targets of units begin with `test-`."""

NOT_BUILT = "not-built-"
"""The prefix of a request that names a variant whose build failed."""

NOT_RUN = 130
"""The answer for a unit that is not run any more; it ends a lane."""


PATIENCE_S = 10.0
"""How long an answer is tried again after a transient error."""

CHECK_S = 1.0
"""The interval at which `check` is to be called."""

_MAX_REQUEST = 65_536
_TRANSIENT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN, errno.EINTR)


class Handover:
    """The supervisor's end of the pipes; `folder` is private to the run.

    `problem` says why recipes cannot be answered any more; it is None while they can.
    """

    def __init__(self, folder: Path) -> None:
        self.problem: str | None = None
        self._request = f"{folder}/request"
        self._reply = f"{folder}/reply"
        self._failing_since: float | None = None
        self.descriptor = os.open(folder / "request", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._buffer = b""
        self._pending: dict[str, int] = {}

    def requests(self) -> list[str]:
        """Return the lines that recipes have written since the last call: targets, and ends of builds."""
        try:
            while data := os.read(self.descriptor, 65536):
                self._buffer += data
        except BlockingIOError:
            pass
        *lines, self._buffer = self._buffer.split(b"\n")
        if len(self._buffer) > _MAX_REQUEST:  # no recipe writes that
            self._buffer = b""
        return [line.decode(errors="replace") for line in lines]

    def answer(self, target: str, status: int) -> None:
        """Let the recipe of `target` exit with `status`."""
        self._pending[target] = status
        self.flush()

    def flush(self) -> bool:
        """Deliver answers to the recipes that wait; return whether any answer still waits for its recipe."""
        failure = None
        for target, status in list(self._pending.items()):
            try:
                delivered = _deliver(f"{self._reply}/{target}", b"%d\n" % status)
            except OSError as error:
                failure = error
                if error.errno not in _TRANSIENT:
                    break
                continue
            if delivered:
                del self._pending[target]
        if failure is None:
            self._failing_since = None
        else:
            self._failed(failure)
        return bool(self._pending)

    def check(self) -> None:
        """Look whether the pipes are still there: a recipe that writes to another file would wait for ever."""
        try:
            found, own = os.stat(self._request), os.fstat(self.descriptor)
            if (found.st_dev, found.st_ino) != (own.st_dev, own.st_ino):
                raise FileExistsError(errno.EEXIST, "replaced by another file", self._request)
            os.stat(self._reply)
        except OSError as error:
            if error.errno not in _TRANSIENT:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if error.errno not in _TRANSIENT or now - self._failing_since > PATIENCE_S:
            self.problem = f"make cannot be answered: {error.filename}: {error.strerror}"
            self._pending.clear()


def _deliver(path: str, answer: bytes) -> bool:
    """Write an answer to a recipe; return whether that is done. Raises `OSError`."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return False  # the recipe has not opened it yet
        raise
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise FileExistsError(errno.EEXIST, "not a pipe", path)
        os.write(descriptor, answer)
    except BrokenPipeError:
        pass  # the recipe was killed between its open and our write
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(descriptor)
    return True


def make_pipes(folder: Path, targets: Iterable[str]) -> None:
    """Make the request FIFO and a FIFO per target in `folder`, before make starts; raises `OSError`."""
    os.mkfifo(folder / "request", 0o600)
    reply = f"{folder}/reply"
    os.mkdir(reply, 0o700)
    for target in targets:
        os.mkfifo(f"{reply}/{target}", 0o600)
