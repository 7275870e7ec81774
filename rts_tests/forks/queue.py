"""A queue from which forks take their classes, so that the one that is done first takes the next.

It is a folder with a file for each class, whose name is the rank of the class and whose content is its name. A fork
claims a class by renaming its file, from `0017` to `0017.fork-2`: a rename is atomic, and fails if another fork was
faster. So each class is claimed once, whatever dies when. Only names in the folder are believed: what a fork has
written into the files is not, and neither is a rank that does not exist or was claimed before.
"""

import os
import re
from collections.abc import Sequence

_DIGITS = 4
"""The least number of digits of a rank."""
_CLAIMED = re.compile(r"([0-9]{4,9})\.fork-([0-9]{1,3})", re.ASCII)


class Queue:
    """The queue of a module's forks, or of one that runs again; `classes` are in order."""

    def __init__(self, folder: str, classes: Sequence[str]) -> None:
        self.folder = folder
        self._classes = tuple(classes)
        self._claimed: dict[int, int] = {}  # rank to fork, in the order in which they were seen

    def make(self) -> None:
        """Make the folder and its files. Raises `OSError`."""
        os.mkdir(self.folder, 0o700)
        digits = max(_DIGITS, len(str(len(self._classes))))
        for rank, name in enumerate(self._classes):
            descriptor = os.open(f"{self.folder}/{rank:0{digits}}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(descriptor, name.encode())
            finally:
                os.close(descriptor)

    def look(self) -> None:
        """Read which classes have been claimed since the last call. A folder that is gone holds no claims."""
        try:
            names = sorted(os.listdir(self.folder))
        except OSError:
            return
        for name in names:
            match = _CLAIMED.fullmatch(name)
            if match and int(match[1]) < len(self._classes):
                self._claimed.setdefault(int(match[1]), int(match[2]))

    def claims(self, fork: int) -> tuple[str, ...]:
        """The classes that a fork has claimed, in the order of the queue, as of the last look."""
        return tuple(self._classes[rank] for rank in sorted(self._claimed) if self._claimed[rank] == fork)

    @property
    def left(self) -> tuple[str, ...]:
        """The classes that no fork has claimed, in order, as of the last look."""
        return tuple(name for rank, name in enumerate(self._classes) if rank not in self._claimed)
