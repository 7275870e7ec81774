"""Artifacts: what the jobs of CI left, gathered into results and skips that may be added to the branch.

Everything in them is hostile until it is read: they were made by programs under test, maybe of a stranger's pull
request. A file is recognised by its content, wherever it lies. What is refused has a problem with its place, and takes
nothing else with it; so sizes and numbers are bounded for each artifact by itself.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import IO

from longpole.perf.archives import ENDINGS, Entry, members
from longpole.perf.files import MAX_BYTES, place_of, read, to_bytes
from longpole.perf.model import Result, Skip
from longpole.perf.progress import progress
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import open_regular, parse_json

MAX_FILES = 50_000
"""How many files an artifact may have."""
MAX_TOTAL = 1024 * 1024 * 1024
"""How many bytes the files of an artifact may have, together."""
_DIGEST = re.compile(r"([0-9a-f]{64})(\.json)?")
_SMALLER = "upload the result files only, or collect it in parts"


@dataclass(frozen=True, slots=True)
class Found:
    """A result or skip of an artifact: where it was, its path on the branch, and when it was measured or decided.

    Its content is `size` bytes of the spool from `offset`.
    """

    place: str
    path: str
    kind: str
    commit: str
    platform: str
    at: datetime
    failed: bool
    offset: int
    size: int


@dataclass(slots=True)
class Gathered:
    """What artifacts hold: `found` by path, with the contents in the file `spool`; `ignored` files are no results."""

    spool: IO[bytes]
    found: dict[str, Found] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def content(self, item: Found) -> bytes:
        """The file, byte for byte."""
        self.spool.seek(item.offset)
        return self.spool.read(item.size)

    def add(self, item: Result | Skip, data: bytes, place: str) -> None:
        """Take a result that has been read from `data`. It is taken once, however often it is given."""
        path = place_of(item, data)
        if path not in self.found:
            offset = self.spool.seek(0, os.SEEK_END)
            self.spool.write(data)
            failed = isinstance(item, Result) and item.failed
            at = item.measured_at if isinstance(item, Result) else item.decided_at
            self.found[path] = Found(place, path, item.kind, item.commit, item.platform, at, failed, offset, len(data))


def gather(paths: Sequence[str], spool: IO[bytes]) -> Gathered:
    """The results and skips in artifacts: folders with a folder an artifact, files, and archives.

    `spool` is an empty file for their contents. Raises `UseError` if one of `paths` does not exist; what is wrong
    inside them is in `Gathered.refused`.
    """
    for path in paths:
        if not os.path.exists(path):
            raise UseError.at(path, "no such file or folder", "name the folder with the artifacts")
    gathered = Gathered(spool)
    with ExitStack() as opened:
        entries: list[Entry] = []
        for path in paths:
            try:
                for each in _listed(path, opened):
                    if isinstance(each, Problem):
                        gathered.refused.append(each)
                    else:
                        entries.append(each)
            except UseError as error:
                gathered.refused += error.problems
        for entry in progress(entries, "Reading artifacts"):
            _take(gathered, entry)
    return gathered


def _take(gathered: Gathered, entry: Entry) -> None:
    """Take one file, or refuse or ignore it."""
    digest = _DIGEST.fullmatch(os.path.basename(entry.name))
    claims = digest is not None or entry.name.endswith(".json")
    try:
        if entry.size > MAX_BYTES:
            if not claims:
                gathered.ignored.append(entry.place)
                return
            raise UseError.at(entry.place, f"larger than {MAX_BYTES >> 20} MiB", "it is no result file")
        data = entry.read()
        if not claims and not _looks_like_one(data):
            gathered.ignored.append(entry.place)
            return
        if digest is not None and sha256(data).hexdigest() != digest[1]:
            raise UseError.at(entry.place, "its content does not fit the digest in its name", "measure it again")
        item = read(data, entry.place)
        gathered.add(item, data if digest is not None else to_bytes(item), entry.place)
    except UseError as error:
        gathered.refused += error.problems
    except OSError as error:
        why = error.strerror or "cannot be read"
        gathered.refused.append(Problem(entry.place, None, None, why, "make it readable, or leave it out"))


def _looks_like_one(data: bytes) -> bool:
    """Whether a file of any name is meant to be a result or skip."""
    if not data.lstrip().startswith(b"{") or len(data) > MAX_BYTES:
        return False
    try:
        content = parse_json(data)
    except ValueError:
        return False
    return isinstance(content, dict) and "version" in content and content.get("kind") in ("result", "skip")


def _listed(path: str, opened: ExitStack) -> Iterator[Entry | Problem]:
    """The files of an argument, and what is refused before it is read. Raises `UseError`."""
    if os.path.isdir(path):
        for name in sorted(os.listdir(path)):
            artifact = os.path.join(path, name)
            yield from _bounded(artifact, _below(artifact))
    elif path.endswith(ENDINGS):
        yield from _bounded(path, members(path, opened))
    else:
        yield _file(path, os.stat(path))


def _bounded(artifact: str, entries: Iterable[Entry | Problem]) -> Iterator[Entry | Problem]:
    """The same, up to the limits of an artifact, then a problem."""
    total = 0
    for number, entry in enumerate(entries, 1):
        total += entry.size if isinstance(entry, Entry) else 0
        if number > MAX_FILES:
            yield Problem(artifact, None, None, f"more than {MAX_FILES:,} files: the rest is refused", _SMALLER)
            return
        if total > MAX_TOTAL:
            yield Problem(artifact, None, None, f"more than {MAX_TOTAL >> 30} GiB: the rest is refused", _SMALLER)
            return
        yield entry


def _below(path: str) -> Iterator[Entry | Problem]:
    """The files at and below `path`, in order, without recursion: folders may be nested as deep as paths allow."""
    waiting = [path]
    while waiting:
        place = waiting.pop()
        try:
            found = os.lstat(place)
            if stat.S_ISDIR(found.st_mode):
                waiting += sorted((os.path.join(place, name) for name in os.listdir(place)), reverse=True)
            else:
                yield _file(place, found)
        except OSError as error:
            yield Problem(place, None, None, error.strerror or "cannot be read", "make it readable, or leave it out")


def _file(place: str, found: os.stat_result) -> Entry | Problem:
    if stat.S_ISLNK(found.st_mode):
        return Problem(place, None, None, "a symbolic link, which is not followed", "upload the file itself")
    if not stat.S_ISREG(found.st_mode):
        return Problem(place, None, None, "not a regular file", "leave pipes, sockets and devices out")
    return Entry(place, os.path.basename(place), found.st_size, partial(_read, place))


def _read(place: str) -> bytes:
    with open_regular(place) as file:
        return file.read(MAX_BYTES + 1)
