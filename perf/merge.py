"""What adding files to a branch means: which are new, which are there, and which cannot be added. Pure functions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import Problem, UseError

FOLDERS = ("runs", "skips", "packs")
"""The folders of a branch of results."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The paths that are `new`, those that are `present` with the same content, and why the others are refused."""

    new: tuple[str, ...]
    present: tuple[str, ...]
    refused: Mapping[str, str]


def merge(there: Mapping[str, str], packed: Collection[str], ids: Mapping[str, str]) -> Merge:
    """Compare the files to add, `ids`, with those that are `there`, id by path, and with those in packs, `packed`.

    A file is never replaced: one that is there with another content stays, and so does a file where a folder would
    have to be.
    """
    folders = {folder for path in there for folder in _folders(path)}
    new, present, refused = [], [], {}
    for path, name in ids.items():
        if there.get(path) == name or (path in packed and path not in there):
            present.append(path)
        elif path in there:
            refused[path] = "the branch has another content under this name, which is a digest"
        elif path in folders or not there.keys().isdisjoint(_folders(path)):
            refused[path] = "on the branch a file is where a folder should be, or a folder where the file should be"
        else:
            new.append(path)
    return Merge(tuple(new), tuple(present), refused)


def foreign(there: Collection[str]) -> str:
    """A folder that shows that a branch holds no results, but something else; empty if it may hold results."""
    folders = {path.partition("/")[0] for path in there if "/" in path}
    return "" if folders & set(FOLDERS) else min(folders, default="")


def refuse_foreign(branch: str, there: Collection[str], remedy: str) -> None:
    """Raises `UseError` if the branch holds something else than results, with what to do instead."""
    other = foreign(there)
    if other:
        raise UseError.at(f"branch {branch}", f"it holds no results, but {other}/", f"{remedy} with --branch")


def problem(place: str, why: str) -> Problem:
    """The problem with a file of an artifact that `merge` refuses."""
    return Problem(place, None, None, why, "mend the branch: results are never rewritten")


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
