"""Packs: the result files of a platform and month in one file, byte for byte.

A pack is `packs/<runs or skips>/<platform>/<yyyy>-<mm>.<sha256>.jsonl.gz`, named by its own content. As a result file
is one line, and its name is the digest of that line, lines are all that a pack needs to give back every file under its
name: `zcat PACK` prints result files.
"""

import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256

from longpole.rts_tests.contracts.errors import UseError

MAX_BYTES = 16 * 1024 * 1024
"""The size of the largest result file that is read."""
MAX_PACKED = 64 * 1024 * 1024
"""The size of the largest pack that is read. Hosts of repositories refuse files of 100 MB."""
MAX_CONTENT = 1024 * 1024 * 1024
"""The size of what is in the largest pack that is read."""
_CHUNK = 1024 * 1024
_GZIP = 31
"""zlib's window bits for the format of gzip."""

_PLATFORM = r"(?P<platform>[A-Za-z0-9][A-Za-z0-9._-]{0,99})"
PATH = re.compile(
    rf"packs/(?P<folder>runs|skips)/{_PLATFORM}/(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})"
    r"\.(?P<digest>[0-9a-f]{64})\.jsonl\.gz"
)
FILE = re.compile(
    rf"(?P<folder>runs|skips)/{_PLATFORM}/(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{2}})/(?P<digest>[0-9a-f]{{64}})\.json"
)
"""The path of a result file on the branch, see `files.place_of`; `PATH` is that of a pack."""


def packable(path: str, data: bytes) -> bool:
    """Whether a pack gives this file back: it is one line, and its name is the digest of it."""
    name = FILE.fullmatch(path)
    one_line = data.endswith(b"\n") and data.count(b"\n") == 1
    return bool(name and one_line and len(data) <= MAX_BYTES and name["digest"] == sha256(data).hexdigest())


def pack(folder: str, platform: str, year: str, month: str, lines: Iterable[bytes]) -> tuple[str, bytes]:
    """The path and the content of the pack of files of `folder`, `runs` or `skips`.

    The order of the lines is that of their names, so the same files are the same pack. The time in gzip's header is 0.
    """
    packer = zlib.compressobj(9, wbits=_GZIP)
    ordered = sorted(lines, key=lambda line: sha256(line).digest())
    data = b"".join([*map(packer.compress, ordered), packer.flush()])
    return f"packs/{folder}/{platform}/{year}-{month}.{sha256(data).hexdigest()}.jsonl.gz", data


def unpack(path: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in a pack: the path each had, and its content. Raises `UseError` if the pack is damaged."""
    place = PATH.fullmatch(path)
    assert place is not None
    if sha256(data).hexdigest() != place["digest"]:
        raise _damaged(path, "its content does not fit its name")
    folder = f"{place['folder']}/{place['platform']}/{place['year']}/{place['month']}"
    for line in _lines(path, data):
        yield f"{folder}/{sha256(line).hexdigest()}.json", line


def names(path: str, data: bytes | UseError) -> list[str] | UseError:
    """The paths of the files in a pack, or why it cannot be read."""
    if isinstance(data, UseError):
        return data
    try:
        return [name for name, _ in unpack(path, data)]
    except UseError as error:
        return error


def wanted_of(path: str, data: bytes | UseError, wanted: Collection[str]) -> Iterator[tuple[str, bytes | UseError]]:
    """The files of a pack that are `wanted`; for each that it does not give back, why."""
    left = dict.fromkeys(wanted)
    why = _damaged(path, "a file is missing")
    try:
        if isinstance(data, UseError):
            raise data
        for name, line in unpack(path, data):
            if name in left:
                del left[name]
                yield name, line
    except UseError as error:
        why = error
    yield from ((name, why) for name in left)


def _lines(path: str, data: bytes) -> Iterator[bytes]:
    """The lines of a pack, with their ends. What is unpacked at a time is bounded, whatever the pack says."""
    unpacker = zlib.decompressobj(wbits=_GZIP)
    rest, packed, size = b"", data, 0
    while not unpacker.eof:
        try:
            chunk = unpacker.decompress(packed, _CHUNK)
        except zlib.error:
            raise _damaged(path, "not a file of gzip") from None
        packed = unpacker.unconsumed_tail
        size += len(chunk)
        if not chunk and not packed and not unpacker.eof:
            raise _damaged(path, "incomplete")
        *lines, rest = (rest + chunk).split(b"\n")
        if size > MAX_CONTENT or len(rest) >= MAX_BYTES:
            raise _damaged(path, "absurdly large")
        yield from (line + b"\n" for line in lines)
    if rest or unpacker.unused_data:
        raise _damaged(path, "something follows its last line")


def _damaged(path: str, what: str) -> UseError:
    return UseError.at(path, f"a damaged pack: {what}", "restore it, or remove it")
