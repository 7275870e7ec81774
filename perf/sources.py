"""Where result files come from: what all sources can do, and the one that is a folder. See `branch_source`, too."""

import os
import stat
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Protocol

from longpole.perf import packs
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import open_regular


class Source(Protocol):
    """A set of result files.

    `place` says where they are, for messages. `key` identifies what is there: sources of the same place and key have
    the same files.
    """

    @property
    def place(self) -> str:
        """Where the files are; the same whenever the same source is opened again."""

    @property
    def key(self) -> str:
        """Identifies the files, without reading them."""

    def files(self) -> dict[str, str]:
        """The path of each file to what identifies its content. A file of a pack has the path it had before.

        A pack that is damaged is a file itself.
        """

    def added_since(self, key: str) -> dict[str, str] | None:
        """The files that were not here when the source had `key`; None if that is unknown, or if others are gone."""

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | UseError]]:
        """The content of files, in any order, or why one cannot be read. `paths` are some of those of `files()`."""


class WithPacks:
    """What all sources share: files of which some are packs. `_contents` is what differs."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        self._damaged: dict[str, UseError] = {}

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | UseError]]:
        """See `Source`."""
        alone: list[str] = []
        packed: dict[str, set[str]] = {}
        for path in paths:
            if path in self._damaged:
                yield path, self._damaged[path]
            elif path in self._places:
                packed.setdefault(self._places[path], set()).add(path)
            else:
                alone.append(path)
        yield from self._contents(alone)
        for place, data in self._contents(list(packed)):
            yield from packs.wanted_of(place, data, packed[place])

    def opened(self, listed: dict[str, str]) -> dict[str, str]:
        """The same, with the files that are in packs instead of the packs."""
        packed = {path for path in listed if packs.PATH.fullmatch(path)}
        found = {path: identity for path, identity in listed.items() if path not in packed}
        for path in found.keys() & self._places.keys():
            del self._places[path]
        for place, data in self._contents(sorted(packed)):
            inside = packs.names(place, data)
            if isinstance(inside, UseError):
                self._damaged[place] = inside
                inside = [place]
            for path in inside:
                # A file that is beside the pack as well is read from where it is by itself.
                if path not in listed or path == place:
                    found[path] = listed[place]
                    self._places[path] = place
        return found

    def _contents(self, paths: list[str]) -> Iterator[tuple[str, bytes | UseError]]:
        """The content of files, packs as they are, or why one cannot be read."""
        raise NotImplementedError


class FolderSource(WithPacks):
    """The result files of a folder and all folders in it: `*.json`, and packs.

    Links are not followed, and `.git` is passed over.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Raises `UseError` if there is no such folder."""
        self.place = os.path.realpath(folder)
        if not os.path.isdir(self.place):
            raise UseError.at(os.fspath(folder), "no such folder", "name a folder of result files")
        super().__init__()
        self._listed = dict(sorted(_listing(self.place)))
        self.key = sha256(repr(self._listed).encode("utf-8", "surrogateescape")).hexdigest()

    def files(self) -> dict[str, str]:
        """See `Source`."""
        return self.opened(self._listed)

    def added_since(self, key: str) -> dict[str, str] | None:
        """See `Source`. A folder does not remember what it held before."""
        return {} if key == self.key else None

    def _contents(self, paths: list[str]) -> Iterator[tuple[str, bytes | UseError]]:
        for path in paths:
            yield path, _read(self.place, path)


def _read(folder: str, path: str) -> bytes | UseError:
    limit = packs.MAX_PACKED if packs.PATH.fullmatch(path) else packs.MAX_BYTES
    try:
        with open_regular(os.path.join(folder, path)) as file:
            data = file.read(limit + 1)
    except OSError as error:
        return UseError.at(path, error.strerror or "cannot be read", "make it readable, or leave it out")
    return data if len(data) <= limit else too_large(path, limit)


def too_large(path: str, limit: int) -> UseError:
    """The error about a file above `limit` bytes."""
    return UseError.at(path, f"larger than {limit >> 20} MiB", "it is no result file")


def _listing(folder: str) -> Iterator[tuple[str, str]]:
    """The regular files below `folder` that results may be in: path below it, and size, time and number as identity."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each != ".git")
        for name in names:
            path = os.path.join(place, name)
            relative = path.removeprefix(f"{folder.rstrip('/')}/")
            if name.endswith(".json") or packs.PATH.fullmatch(relative):
                try:
                    found = os.lstat(path)
                except OSError:
                    continue  # removed since it was listed
                if stat.S_ISREG(found.st_mode):
                    yield relative, f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}"
