"""Archives of an artifact: zip and tar, also with gzip. Nothing is unpacked to a disk, and nothing in them is believed.

Names that leave the archive's folder, links and devices are refused, although they could do no harm here: an archive
with such a name is not what it claims to be. What is decompressed is bounded by what is read, not by what the archive
says: a member by the size of a result file, and the headers of tar, which may have any size, by the same.
"""

import gzip
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import IO, cast

from longpole.perf.files import MAX_BYTES
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import open_regular

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, struct.error,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What the readers of the standard library raise for input that is not right: a method they do not know, a password."""
_MAX_DIRECTORY = 32 * 1024 * 1024
"""The size of a zip's table of contents, which is read at once; about 300,000 names."""
_END_OF_ZIP = b"PK\5\6"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that may be a result: its place for messages, its name, its size in bytes, and how to read it.

    `read` returns at most one byte more than a result file may have. It raises `OSError` or `UseError`.
    """

    place: str
    name: str
    size: int
    read: Callable[[], bytes]


def members(path: str, opened: ExitStack) -> Iterator[Entry | Problem]:
    """The regular files in an archive, and a problem for each member that is refused. `opened` keeps it open.

    Raises `UseError` if it is no archive.
    """
    try:
        file = opened.enter_context(open_regular(path))
        yield from _of_zip(path, file, opened) if path.endswith(".zip") else _of_tar(path, file, opened)
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _of_zip(path: str, file: IO[bytes], opened: ExitStack) -> Iterator[Entry | Problem]:
    _check_directory(file)
    archive = opened.enter_context(zipfile.ZipFile(file))
    for info in archive.infolist():
        place = f"{path}/{info.filename}"
        kind = stat.S_IFMT(info.external_attr >> 16)
        why = _refused(info.filename) or _not_regular(kind in (0, stat.S_IFREG, stat.S_IFDIR))
        if why:
            yield Problem(place, None, None, why, "pack the files themselves, under names in the folder")
        elif not info.is_dir():
            yield Entry(place, info.filename, info.file_size, partial(_read, path, partial(archive.open, info)))


def _check_directory(file: IO[bytes]) -> None:
    """Raise `BadZipFile` if the table of contents is absurdly large, as `zipfile` would read all of it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile("not a zip file")
    if struct.unpack_from("<I", tail, at + 12)[0] > _MAX_DIRECTORY:
        raise zipfile.BadZipFile("too many files")
    file.seek(0)


def _of_tar(path: str, file: IO[bytes], opened: ExitStack) -> Iterator[Entry | Problem]:
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    content = opened.enter_context(gzip.GzipFile(fileobj=file)) if packed else file
    bounded = cast("IO[bytes]", _Bounded(content))
    archive = opened.enter_context(tarfile.TarFile(fileobj=bounded))
    for info in archive:
        place = f"{path}/{info.name}"
        why = _refused(info.name) or _not_regular(info.isreg() or info.isdir())
        if why:
            yield Problem(place, None, None, why, "pack the files themselves, under names in the folder")
        elif info.isreg():
            yield Entry(place, info.name, info.size, partial(_read, path, partial(archive.extractfile, info)))


class _Bounded:
    """A file of which no more than a result file is read at a time."""

    def __init__(self, file: "IO[bytes] | gzip.GzipFile") -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        if size > MAX_BYTES + 1:
            raise tarfile.ReadError("a header is absurdly large")
        return self._file.read(size)


def _read(path: str, start: Callable[[], IO[bytes] | None]) -> bytes:
    try:
        member = start()
        if member is None:
            raise EOFError
        with member:
            return member.read(MAX_BYTES + 1)
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _refused(name: str) -> str:
    """Why a name is refused; empty if it is not."""
    parts = name.replace("\\", "/").split("/")
    return "its path leaves the archive" if ".." in parts or parts[0] == "" or "\0" in name else ""


def _not_regular(regular: bool) -> str:
    return "" if regular else "a link or device, not a regular file"


def _damaged(path: str, error: BaseException) -> UseError:
    if isinstance(error, UseError):
        return error
    return UseError.at(path, f"not an archive that can be read: {error or type(error).__name__}", "pack it again")
