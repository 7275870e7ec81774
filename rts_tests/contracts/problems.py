"""The problems of one file, each with its place and a remedy, collected until they are raised together."""

from collections.abc import Iterable
from typing import NoReturn

from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.tree import Node

_SUGGESTIONS = 100


class Problems:
    """The problems of one file, collected so that all of them are reported at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[Problem, None] = {}
        self._suggestions = _SUGGESTIONS

    def __len__(self) -> int:
        return len(self._found)

    def add(self, node: Node, what: str, remedy: str = "") -> None:
        """Add a problem at the place of `node`; equal problems are kept once."""
        self.add_at(node.line, node.column, what, remedy)

    def add_at(self, line: int | None, column: int | None, what: str, remedy: str = "") -> None:
        """Add a problem at a line and a column, from 1."""
        self._found[Problem(self.file, line, column, what, remedy)] = None

    def forget(self) -> None:
        """Drop all problems, before the file is read again."""
        self._found.clear()

    def stop(self) -> NoReturn:
        """Raise all problems as one `UseError`, sorted by place."""
        raise UseError(*sorted(self._found, key=lambda problem: (problem.line or 0, problem.column or 0)))

    def suggest(self, word: str, known: Iterable[str], otherwise: str) -> str:
        """A remedy that suggests the most similar of `known`, or `otherwise` if none is similar."""
        if not self._suggestions:
            return otherwise
        self._suggestions -= 1  # comparing is slow, and a hundred suggestions are enough
        near = nearest(word, known)
        return otherwise if near is None else f"did you mean `{near}`?"


def shown(text: str) -> str:
    """`text` in backquotes, shortened, for a message."""
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"
