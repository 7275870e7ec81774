"""Which scenarios there are, and which of them a user's words name.

Scenarios are the `.yml` and `.yaml` files of a folder and of the folders directly in it, its *groups*. What is deeper
is taken only if it is named; names that begin with a dot never are.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.problems import shown

SUFFIXES = (".yaml", ".yml")
FIXTURES = "fixtures"
"""The folder of fixtures in a folder of scenarios, unless another is named."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A scenario's file: its group, empty at the top, its name without suffix, its path."""

    group: str
    stem: str
    path: str

    @property
    def name(self) -> str:
        """`group/stem`, or `stem` at the top."""
        return f"{self.group}/{self.stem}" if self.group else self.stem


def discover(folder: str, fixtures: str | None = None) -> tuple[Found, ...]:
    """All scenarios of `folder`, sorted by group and name; the group `fixtures`, a path, has none.

    Raises `UseError` if the folder cannot be read, or if two files have one name.
    """
    found = list(_files(folder, ""))
    skipped = os.path.realpath(fixtures if fixtures is not None else os.path.join(folder, FIXTURES))
    for entry in _entries(folder):
        if os.path.isdir(entry.path) and os.path.realpath(entry.path) != skipped:
            found += _files(entry.path, entry.name)
    found.sort()
    _refuse_twins(found)
    return tuple(found)


def select(found: tuple[Found, ...], selectors: Iterable[str], commands: Iterable[str] = ()) -> tuple[Found, ...]:
    """The scenarios that any selector names, each once, sorted; without selectors all of `found`.

    A selector is the path of a file or of a folder, a group, `group:stem`, or a stem, in this order. Raises `UseError`
    with one problem for each selector that names nothing or, being a bare stem, more than one scenario. `commands` are
    other words that the user may have meant.
    """
    words = list(dict.fromkeys(selectors))
    if not words:
        return found
    by_path = {_identity(each.path): each for each in found}
    chosen: dict[str, Found] = {}
    problems: list[Problem] = []
    for word in words:
        try:
            for each in _named(found, by_path, word, commands):
                chosen.setdefault(_identity(each.path), each)
        except UseError as error:
            problems += error.problems
    if problems:
        raise UseError(*problems)
    return tuple(sorted(chosen.values()))


def _named(found: tuple[Found, ...], by_path: dict[str, Found], word: str, commands: Iterable[str]) -> list[Found]:
    if "\0" not in word and os.path.isdir(word):
        return _in_folder(by_path, word)
    if "\0" not in word and os.path.exists(word):
        path = _identity(word)
        stem = os.path.basename(word).removesuffix(".yml").removesuffix(".yaml")
        return [by_path.get(path) or Found(os.path.basename(os.path.dirname(path)), stem, word)]
    group, colon, stem = word.partition(":")
    if not word:
        matches = []
    elif colon:
        matches = [each for each in found if (each.group, each.stem) == (group, stem)]
    else:
        matches = [each for each in found if each.group == word] or [each for each in found if each.stem == word]
        if len(matches) > 1 and matches[0].group != word:
            names = ", ".join(f"`{_selector(each)}`" for each in matches)
            raise UseError.at("", f"{shown(word)} is the name of {len(matches)} scenarios", f"name one of {names}")
    return matches or _nothing(found, word, commands)


def _identity(path: str) -> str:
    """One path for all ways to the same file; links to files are scenarios of their own."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _in_folder(by_path: dict[str, Found], folder: str) -> list[Found]:
    """The discovered scenarios below a folder; those of the folder itself if none of them is."""
    inside = os.path.join(os.path.realpath(folder), "")
    matches = [each for path, each in by_path.items() if path.startswith(inside)]
    if not matches:
        matches = list(discover(folder))
    if not matches:
        raise UseError.at(folder, "there are no scenarios in this folder", "name a file, or write one")
    return matches


def _nothing(found: tuple[Found, ...], word: str, commands: Iterable[str]) -> list[Found]:
    known = {each.group for each in found} | {each.stem for each in found} | {_selector(each) for each in found}
    near = nearest(word, sorted({*known, *commands} - {""}))
    remedy = f"did you mean `{near}`?" if near else "`longpole scenario --list` shows all"
    raise UseError.at("", f"{shown(word)} is no file, folder, group or scenario", remedy)


def folders_of(folder: str) -> list[str]:
    """A folder of scenarios, and the folders directly in it. Raises `UseError` if it cannot be read."""
    return [folder, *sorted(entry.path for entry in _entries(folder) if entry.is_dir())]


def _selector(found: Found) -> str:
    return f"{found.group}:{found.stem}" if found.group else found.path


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UseError.at(folder, f"this folder of scenarios cannot be read: {reason}", "name another") from None


def _files(folder: str, group: str) -> Iterator[Found]:
    for entry in _entries(folder):
        stem, suffix = os.path.splitext(entry.name)
        if suffix in SUFFIXES and os.path.isfile(entry.path):
            yield Found(group, stem, entry.path)


def _refuse_twins(found: list[Found]) -> None:
    twins = [(one, two) for one, two in pairwise(found) if one.name == two.name]
    if twins:
        raise UseError(
            *(
                Problem(two.path, None, None, f"{shown(one.path)} is the same scenario, `{one.name}`", "rename one")
                for one, two in twins
            )
        )
