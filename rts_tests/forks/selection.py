"""SELECT: which classes and tests of forks are meant. Pure functions.

`SELECT='com.example.*Spec ~*Slow* FooTest#adds'` has three terms. A term is a glob over classes, and maybe `#` and a
glob over the names of tests; `~` before it negates. A test is meant if no negative term matches it, and a positive one
does, if there is one. Longpole leaves out classes of which no test can be meant; the client of the framework leaves out
tests, by the terms in LONGPOLE_SELECT.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from longpole.rts_tests.contracts.errors import UseError

PLACE = "SELECT"
HOW = "write globs with spaces between: SELECT='com.example.*Spec ~*Slow* FooTest#adds'"


@dataclass(frozen=True, slots=True)
class Term:
    """A glob over classes, and one over tests, None for all; `wanted` is false after `~`."""

    classes: str
    tests: str | None
    wanted: bool

    def matches(self, name: str) -> bool:
        """Whether the glob over classes matches the class `name`, or the last part of its name.

        Of `FILE::PART` it may also match `FILE`.
        """
        return any(
            fnmatchcase(each, self.classes)
            for whole in {name, name.partition("::")[0]}
            for each in (whole, whole.rpartition("/" if "/" in whole else ".")[2])
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """The value of SELECT: its text, for messages, and its terms, of which there is at least one."""

    text: str
    terms: tuple[Term, ...]

    def may_run(self, name: str) -> bool:
        """Whether some test of the class `name` can be meant."""
        positive = [term for term in self.terms if term.wanted]
        if any(term.tests is None and term.matches(name) for term in self.terms if not term.wanted):
            return False
        return not positive or any(term.matches(name) for term in positive)

    def may_split(self, name: str) -> bool:
        """Whether some tests of the class `name` may be meant and others not."""
        return any(term.tests is not None and term.matches(name) for term in self.terms)

    @property
    def words(self) -> tuple[str, ...]:
        """The terms as text."""
        return tuple(map(_text, self.terms))

    @property
    def lines(self) -> str:
        """The value of LONGPOLE_SELECT: a term a line."""
        return "\n".join(self.words)


def parse_selection(text: str | None) -> Selection | None:
    """Return the selection that `text` describes; None if it is unset or blank. Raises `UseError`.

    Spaces separate terms. In a text of several lines only line ends do, so that a term may contain spaces.
    """
    text = text or ""
    words = [line.strip() for line in text.split("\n")] if "\n" in text else text.split()
    words = [word for word in words if word]
    terms = tuple(map(_term, words))
    return Selection(" ".join(words), terms) if terms else None


def in_lines(words: Iterable[str]) -> str:
    """Return terms as a text for `parse_selection`, in which they may contain spaces."""
    return "".join(f"{word}\n" for word in words)


def _term(word: str) -> Term:
    classes, separator, tests = word.removeprefix("~").partition("#")
    if classes.startswith("~"):
        raise UseError.at(PLACE, f"{word!r} negates a negation", HOW)
    if not classes:
        what = f"{word!r} names no class"
        raise UseError.at(PLACE, what, f"write {word[: word.find('#')]}*#{tests}" if tests else HOW)
    if separator and not tests:
        raise UseError.at(PLACE, f"{word!r} names no test after `#`", f"write {word[:-1]} for the whole class")
    return Term(classes, tests if separator else None, wanted=not word.startswith("~"))


def _text(term: Term) -> str:
    return ("" if term.wanted else "~") + term.classes + ("" if term.tests is None else f"#{term.tests}")
