"""FILTER: which units are meant, by their ids and labels. Pure functions.

`FILTER='eop/* label:slow,label:net !label:flaky'` has three terms with spaces between, and a unit has to match all of
them. A term is one or more conditions with commas between, of which one has to hold: a glob over ids, or `label:` and a
glob over labels; `!` before a condition means that it must not hold.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.nearest import nearest

LABEL = "label:"
HOW = "a space between conditions means and, a comma or, and `!` not: FILTER='eop/*,w/gc* !label:slow'"
_MAGIC = re.compile(r"[*?[]")
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Condition:
    """A glob over ids, or over labels; `wanted` is false after `!`."""

    glob: str
    of_labels: bool
    wanted: bool

    def holds(self, unit_id: str, labels: Collection[str]) -> bool:
        """Whether it holds for a unit. A glob also matches the text that it is: `gc[3]` is then no character class."""
        names = labels if self.of_labels else (unit_id,)
        return any(name == self.glob or fnmatchcase(name, self.glob) for name in names) is self.wanted


@dataclass(frozen=True, slots=True)
class Filter:
    """The value of FILTER: its text, and its terms, of which each needs one of its conditions to hold."""

    text: str
    terms: tuple[tuple[Condition, ...], ...]

    def matches(self, unit_id: str, labels: Collection[str]) -> bool:
        """Whether a unit with this id and these labels is meant."""
        return all(any(condition.holds(unit_id, labels) for condition in term) for term in self.terms)

    def refuse_misspelt(self, labels: Collection[str]) -> None:
        """Raise `UseError` for a label that no unit has, if it is near to one of `labels`, which units have.

        Other labels that no unit has are accepted: the same FILTER may be meant for several suites.
        """
        for condition in (condition for term in self.terms for condition in term if condition.of_labels):
            if condition.glob in labels or _MAGIC.search(condition.glob):
                continue
            near = nearest(condition.glob, sorted(labels), _NEAR)
            if near is not None:
                what = f"no unit has the label {condition.glob!r}"
                raise UseError.at("FILTER", what, f"did you mean `{LABEL}{near}`?")


def parse_filter(text: str | None) -> Filter | None:
    """Return the filter that `text` describes; None if it is unset or blank. Raises `UseError`."""
    terms = tuple(_term(word) for word in (text or "").split())
    return Filter(text or "", terms) if terms else None


def _term(word: str) -> tuple[Condition, ...]:
    return tuple(_condition(part, word) for part in _alternatives(word))


def _alternatives(word: str) -> list[str]:
    """The parts of a term between commas; a comma in `[...]` is part of a glob."""
    parts, in_class = [""], False
    for character in word:
        in_class = character == "[" or (in_class and character != "]")
        if character == "," and not in_class:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _condition(part: str, word: str) -> Condition:
    glob = part.removeprefix("!")
    of_labels = glob.startswith(LABEL)
    glob = glob.removeprefix(LABEL)
    if not glob:
        raise UseError.at("FILTER", f"{word!r} lacks a condition", HOW)
    if glob.startswith("!"):
        raise UseError.at("FILTER", f"{word!r} negates a negation", HOW)
    if ":" in glob:
        what = f"{part!r} is neither a glob over ids nor a label"
        raise UseError.at("FILTER", what, f"write a glob such as 'eop/gc*', or `{LABEL}NAME`")
    return Condition(glob, of_labels, wanted=not part.startswith("!"))
