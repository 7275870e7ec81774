"""Write files so that a reader never sees a partial one; read files that may contain anything."""

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading. Raises `OSError`, also for a pipe, a device or a folder, without waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    return open(descriptor, "rb")


def read_regular(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a regular file. Raises `OSError` as `open_regular`."""
    with open_regular(path) as file:
        return file.read()


def read_json(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401  the reader checks what it is
    """Return the content of a JSON file. Raises `OSError` as `open_regular`, and `ValueError` as `parse_json`."""
    return parse_json(read_regular(path))


def parse_json(data: bytes | str) -> Any:  # noqa: ANN401  the reader checks what it is
    """Return what a JSON text says. Raises `ValueError` for anything else, also if it is nested too deeply."""
    try:
        return _DECODER.decode(data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""To open a new file. What somebody has put in its place, a link or a pipe, is an error, and nothing waits for it."""


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` under a temporary name in the same folder, then rename it to `path`.

    Raises `OSError`; the temporary file is removed first.
    """
    temporary = f"{os.fspath(path)}.{os.getpid()}.tmp"
    try:
        descriptor = os.open(temporary, _NEW, 0o666)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def write_if_changed(path: Path, text: str) -> bool:
    """Write `text` to `path` unless the file already contains it; return whether it was written.

    An unchanged modification time keeps make from rebuilding what depends on the file.
    """
    data = text.encode()
    try:
        if read_regular(path) == data:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)
    return True
