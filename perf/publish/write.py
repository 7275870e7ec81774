"""A site on the disk, replaced while people read it.

All files but `index.html` and the marker are in `files/`, and have a digest of their content in their names. So a new
site is written beside the old one, file by file; then `index.html`, which names the files, is replaced in one step;
then the files that only the old page named are removed. Whoever opens the page has all of the old site or all of the
new one, on any file system, and a publisher that is killed leaves a page that works. The marker lists our files: a
folder that has others and no marker is not ours.
"""

import fcntl
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json, read_regular, write_atomic

MARKER = "longpole-site.json"
INDEX = "index.html"
FILES = "files"
_VERSION = 1
_TEMPORARY = re.compile(r"\.[0-9]+\.tmp$")


def check_folder(out: Path) -> None:
    """Raises `UseError` unless `out` is missing, empty, or a site that was published before."""
    try:
        if not stat.S_ISDIR(out.stat().st_mode):
            raise UseError.at(str(out), "not a folder", "name a folder to publish to")
        if not (out / MARKER).is_file() and any(not _is_temporary(path) for path in out.iterdir()):
            raise UseError.at(
                str(out), "not empty, and no page was published there", f"name another folder: it has no {MARKER}"
            )
        if (out / MARKER).is_file():
            _listed(out)
        if (out / FILES).is_symlink() or ((out / FILES).exists() and not (out / FILES).is_dir()):
            raise UseError.at(str(out / FILES), "not a folder", "remove it")
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed(error, out) from None


def write(out: Path, index: bytes, files: Mapping[str, bytes]) -> None:
    """Make `out` the site of this page and these files, named below `files/`. Equal files are not written again.

    Raises `UseError` if `out` is not ours, or cannot be written; the page that was there works then as before.
    """
    check_folder(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _alone(out):
            check_folder(out)
            before = _listed(out) if (out / MARKER).is_file() else set()
            _mark(out, before | files.keys())
            (out / FILES).mkdir(exist_ok=True)
            for path in filter(_is_temporary, [*out.iterdir(), *(out / FILES).iterdir()]):
                path.unlink()
            for name, data in files.items():
                _write_missing(out / FILES / name, data)
            write_atomic(out / INDEX, index)
            for name in before - files.keys():
                (out / FILES / name).unlink(missing_ok=True)
            _mark(out, set(files))
    except OSError as error:
        raise _failed(error, out) from None


def _is_temporary(path: Path) -> bool:
    """Whether it is what `write_atomic` leaves when it is killed."""
    return _TEMPORARY.search(path.name) is not None


def _write_missing(path: Path, data: bytes) -> None:
    """Write a file unless it is there as it should be: browsers and mirrors keep what was not touched."""
    try:
        if read_regular(path) == data:
            return
    except OSError:
        pass  # missing, or something else in its place, which the rename replaces
    write_atomic(path, data)


def _mark(out: Path, names: set[str]) -> None:
    text = json.dumps({"version": _VERSION, "files": sorted(names)}, indent=1)
    write_atomic(out / MARKER, f"{text}\n".encode())


def _listed(out: Path) -> set[str]:
    """The files that the marker lists. Raises `UseError` if it is none of ours."""
    try:
        content = parse_json(read_regular(out / MARKER))
        names = content["files"]
        if not all(isinstance(name, str) and name == Path(name).name and name not in ("", ".", "..") for name in names):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise UseError.at(str(out / MARKER), "damaged", "remove the folder, and publish again") from None
    return set(names)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Wait until no other publisher writes to `out`."""
    folder = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _failed(error: OSError, out: Path) -> UseError:
    return UseError.at(str(error.filename or out), error.strerror or "cannot be written", "name a folder to publish to")
