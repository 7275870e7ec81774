"""Which files of a project are Longpole's: those that name, near their beginning, the command that rendered them."""

from pathlib import Path

from longpole.rts_tests.contracts.files import read_regular


def made_here(path: Path, mark: str) -> bool | None:
    """Whether the file at `path` has our mark near its beginning; None if there is no such file."""
    try:
        return mark.encode() in read_regular(path)[:1000]
    except FileNotFoundError:
        return None


def head(path: Path) -> str:
    """The beginning of a file, where our mark is; empty if there is no such file."""
    try:
        return read_regular(path)[:1000].decode(errors="replace")
    except FileNotFoundError:
        return ""
