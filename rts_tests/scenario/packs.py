"""Git objects and packs in memory, without a process: what is needed to write a small repository at once.

The formats are those of gitformat-pack(5), version 2 of packs and of indexes, and of gitdatamodel(7). Nothing is stored
as a delta: the texts of a scenario are short.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

COMMIT, TREE, BLOB = 1, 2, 3
_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob"}
_LEVEL = 1
"""Of zlib: a better compression takes longer than what it saves."""
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
_FAR = 1 << 31
"""Offsets from here on take 8 bytes in an index, in a table of their own."""
FILE, EXECUTABLE, FOLDER = b"100644", b"100755", b"40000"
Tree = Mapping[str, tuple[bytes, bytes]]
"""Paths of files to their mode and the name of their content."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack and its index. The names of their files are `pack-NAME.pack` and `pack-NAME.idx`."""

    name: str
    data: bytes
    index: bytes


class Objects:
    """The objects of a repository to be. Object names are bytes: 20 of SHA-1, 32 of SHA-256."""

    def __init__(self, object_format: str) -> None:
        """`object_format` is `sha1` or `sha256`."""
        self._hash = _HASHES[object_format]
        self._objects: dict[bytes, tuple[int, bytes]] = {}

    def add(self, kind: int, data: bytes) -> bytes:
        """Add an object; return its name."""
        name = self._hash(b"%b %d\0%b" % (_NAMES[kind], len(data), data)).digest()
        self._objects[name] = (kind, data)
        return name

    def tree(self, files: Tree) -> bytes:
        """Add the tree of these files, with its folders; return its name. No file is in the place of a folder."""
        folders: dict[str, list[tuple[bytes, bytes, bytes]]] = {"": []}  # to sort key, mode and name, object name
        for path, (mode, name) in files.items():
            folder, _, file = path.rpartition("/")
            key = _encoded(file)
            folders.setdefault(folder, []).append((key, mode + b" " + key, name))
            while folder and (above := folder.rpartition("/")[0]) not in folders:
                folders[above] = []
                folder = above
        for folder in sorted(folders, key=lambda path: path.count("/") + bool(path), reverse=True):
            entries = sorted(folders[folder])
            name = self.add(TREE, b"".join(b"%b\0%b" % entry[1:] for entry in entries))
            above, _, last = folder.rpartition("/")
            if folder:  # git sorts a folder as if its name ended with `/`
                key = _encoded(last)
                folders[above].append((key + b"/", FOLDER + b" " + key, name))
        return name

    def pack(self) -> Pack:
        """Return a pack of all objects. There must be one."""
        parts = [struct.pack(">4sLL", b"PACK", 2, len(self._objects))]
        offset = len(parts[0])
        rows: list[tuple[bytes, int, int]] = []  # name, checksum, offset
        for name, (kind, data) in self._objects.items():
            entry = _header(kind, len(data)) + zlib.compress(data, _LEVEL)
            rows.append((name, zlib.crc32(entry), offset))
            offset += len(entry)
            parts.append(entry)
        body = b"".join(parts)
        trailer = self._hash(body).digest()
        return Pack(trailer.hex(), body + trailer, self._index(rows, trailer))

    def _index(self, rows: list[tuple[bytes, int, int]], trailer: bytes) -> bytes:
        rows.sort()
        counts = [0] * 256
        for name, _, _ in rows:
            counts[name[0]] += 1
        total, fanout = 0, []
        for count in counts:
            total += count
            fanout.append(total)
        far = [offset for _, _, offset in rows if offset >= _FAR]
        places = {offset: _FAR | place for place, offset in enumerate(far)}
        index = b"".join(
            (
                struct.pack(">4sL256L", b"\377tOc", 2, *fanout),
                *(name for name, _, _ in rows),
                struct.pack(f">{len(rows)}L", *(checksum for _, checksum, _ in rows)),
                struct.pack(f">{len(rows)}L", *(places.get(offset, offset) for _, _, offset in rows)),
                struct.pack(f">{len(far)}Q", *far),
                trailer,
            )
        )
        return index + self._hash(index).digest()


def _header(kind: int, size: int) -> bytes:
    """The type and the size before an object's data: 4 bits of the size, then 7 in each further byte."""
    byte, size = kind << 4 | size & 15, size >> 4
    header = bytearray()
    while size:
        header.append(byte | 128)
        byte, size = size & 127, size >> 7
    header.append(byte)
    return bytes(header)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
