"""The tree that a YAML file is read into: scalars, sequences and mappings that know their places.

Nobody changes a node, but they are not frozen: that would double the time of making one, and a corpus of scenarios has
100,000 of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(slots=True, eq=False)
class Scalar:
    """A leaf: its value, its text as it was written (escapes resolved), and where it begins, counted from 1."""

    value: str | int | float | bool | None
    text: str
    line: int
    column: int
    plain: bool = False
    """Whether it was written without quotes."""


@dataclass(slots=True, eq=False)
class Sequence:
    """A list of nodes."""

    items: "tuple[Node, ...]"
    line: int
    column: int


@dataclass(slots=True, eq=False)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    value: "Node"


@dataclass(slots=True, eq=False)
class Mapping:
    """The entries by the text of their keys, in the file's order."""

    entries: dict[str, Entry]
    line: int
    column: int


Node: TypeAlias = Scalar | Sequence | Mapping


def mapping_of(entry: Entry | None) -> Mapping:
    """The mapping under a key; an empty one where the key is missing or holds something else."""
    return entry.value if entry and isinstance(entry.value, Mapping) else _EMPTY


def good_entries(root: Mapping, key: str, bad: frozenset[Node]) -> Iterator[tuple[str, Entry]]:
    """The entries of the section under `key`, without those in which a mistake has been reported."""
    for name, entry in mapping_of(root.entries.get(key)).entries.items():
        if entry.key not in bad and entry.value not in bad:
            yield name, entry


_EMPTY = Mapping({}, 1, 1)
