"""Where the values of a YAML file stand in its text, from their first character to their last."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import yaml

_BREAK = re.compile("\r\n|\r|\n")
Kind = Literal["scalar", "alias", "flow", "block"]


@dataclass(frozen=True, slots=True)
class Place:
    """A value; `begin` and `end` are indexes of characters, an anchor is part of it, and a comment after it is not.

    `items` are those of a sequence, or keys and values of a mapping in turn. `text` is that of a scalar.
    """

    kind: Kind
    begin: int
    end: int
    text: str = ""
    items: tuple["Place", ...] = ()

    def pair(self, key: str) -> tuple["Place", "Place"]:
        """The key and the value of a mapping; raises `KeyError`."""
        for name, value in self.pairs:
            if name.text == key:
                return name, value
        raise KeyError(key)

    @property
    def pairs(self) -> list[tuple["Place", "Place"]]:
        """Keys and values of a mapping."""
        return list(zip(self.items[::2], self.items[1::2], strict=True))


@dataclass(slots=True)
class _Open:
    kind: Kind
    begin: int
    items: list[Place] = field(default_factory=list)


def places(text: str) -> Place:
    """The root of a file in one document, which has been read as a suite: so it is bounded. Raises `yaml.YAMLError`."""
    import yaml

    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    root = _Open("block", 0)
    stack = [root]
    while (event := loader.get_event()) is not None:
        if isinstance(event, (yaml.CollectionStartEvent, yaml.CollectionEndEvent, yaml.NodeEvent)):
            _fold(event, text, starts, stack)
    return root.items[0]


def _fold(event: "yaml.Event", text: str, starts: list[int], stack: list[_Open]) -> None:
    """Add one value, or begin or end a collection."""
    import yaml

    assert event.start_mark is not None
    assert event.end_mark is not None
    begin, end = (_index(mark.line, mark.column, text, starts) for mark in (event.start_mark, event.end_mark))
    if isinstance(event, yaml.CollectionStartEvent):
        stack.append(_Open("flow" if event.flow_style else "block", begin))
        return
    if isinstance(event, yaml.CollectionEndEvent):
        done = stack.pop()
        if done.kind == "block":  # its event stands where the next value begins
            end = done.items[-1].end if done.items else done.begin
        place = Place(done.kind, done.begin, end, items=tuple(done.items))
    else:
        length = len(text[begin:end].rstrip())  # a block scalar reaches into the next line
        value = event.value if isinstance(event, yaml.ScalarEvent) else None
        place = Place("alias" if value is None else "scalar", begin, begin + length, value or "")
    stack[-1].items.append(place)


def _index(line: int, column: int, text: str, starts: list[int]) -> int:
    """The index of a character; the end of a text without a last line break is a line after it for one loader."""
    return min(starts[line] + column, len(text)) if line < len(starts) else len(text)
