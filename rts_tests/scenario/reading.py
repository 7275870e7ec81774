"""From a tree of YAML to records: the values of a mapping, checked against a table of keys.

Nothing here knows what a key means. Errors are collected; a value in which one was found is left out of its record.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Entry, Mapping, Node, Scalar, Sequence
from longpole.rts_tests.scenario import shapes
from longpole.rts_tests.scenario.shapes import Key, Kind, Shape

_EXIT_CODE = re.compile(r"-1|0|[1-9][0-9]{0,2}")
_SECONDS = re.compile(r"((?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,9})?)(ms|s|m|h)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_COUNT = re.compile(r"[1-9][0-9]{0,3}")
_NO_NUL = "remove it; no command line, variable or path can hold one"


@dataclass(slots=True)
class Record:
    """The good values of one mapping, by key, and where they are."""

    node: Node
    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    lists: dict[str, tuple[Scalar, ...]] = field(default_factory=dict)
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    maps_in_list: dict[str, tuple[tuple[Node, dict[str, str]], ...]] = field(default_factory=dict)
    text_lists: dict[str, dict[str, tuple[Scalar, ...]]] = field(default_factory=dict)
    records: dict[str, tuple["Record", ...]] = field(default_factory=dict)
    places: dict[str, Node] = field(default_factory=dict)
    """The values as nodes, also those that are wrong."""
    bad: bool = False
    """Whether an error was found in it."""


class Reader:
    """Reads mappings; errors go to `problems`. With `strict`, extensions are errors."""

    def __init__(self, problems: Problems, *, strict: bool) -> None:
        self.problems = problems
        self._strict = strict

    def record(self, node: Node, shape: Shape) -> Record:
        """What `node` holds, by `shape`; empty if it is no mapping."""
        record = Record(node)
        if not isinstance(node, Mapping):
            remedy = "write " + " and ".join(f"`{key.name}: ...`" for key in _first(shape))
            self.problems.add(node, f"{shape.what} must be a mapping, and is {_kind(node)}", remedy)
            record.bad = True
            return record
        before = len(self.problems)
        for name, entry in node.entries.items():
            key = shape.keys.get(name)
            if key is None or (key.extension and self._strict):
                self._unknown(entry, shape, key)
            else:
                record.places[name] = entry.value
                self._value(record, key, entry.value)
        for key in shape.keys.values():
            if key.required and not node.entries.keys() & {key.name, *key.instead}:
                self.problems.add(node, f"{shape.what} needs `{key.name}`", f"add `{key.name}:`")
        record.bad = len(self.problems) > before
        return record

    def _unknown(self, entry: Entry, shape: Shape, key: Key | None) -> None:
        name = entry.key.text
        owners = [each.what for each in _SHAPES if name in self._keys(each)]
        if key is not None or (self._strict and name in shape.later):
            what, remedy = f"`{name}` is an extension, and the suite is strict", "remove it, or set `strict: false`"
        elif name in shape.later:
            what, remedy = f"`{name}` is not supported by this version of Longpole", "remove it"
        else:
            what = f"{shape.what} has no key {shown(name)}"
            otherwise = f"it is a key of {owners[0]}" if owners else f"its keys are {', '.join(self._keys(shape))}"
            remedy = otherwise if owners else self.problems.suggest(name, self._keys(shape), otherwise)
        self.problems.add(entry.key, what, remedy)

    def _keys(self, shape: Shape) -> list[str]:
        return [key.name for key in shape.keys.values() if not (key.extension and self._strict)]

    def _value(self, record: Record, key: Key, node: Node) -> None:
        is_none = isinstance(node, Scalar) and node.value is None and (key.kind is not Kind.TEXT or not key.required)
        if is_none:
            if key.required:
                self.problems.add(node, f"`{key.name}` has no value", "give it one")
        elif key.kind is Kind.TEXT:
            text = self._text(key, node, f"`{key.name}`")
            if text is not None:
                record.texts[key.name] = text
        elif key.kind in (Kind.NUMBER, Kind.SECONDS, Kind.COUNT):
            number = self._number(key, node)
            if number is not None:
                record.numbers[key.name] = number
        elif key.kind is Kind.TEXTS:
            record.lists[key.name] = self._texts(key, self._items(key, node), f"an item of `{key.name}`")
        elif key.kind is Kind.TEXT_MAP:
            record.maps[key.name] = self._text_map(f"`{key.name}`", node)
        elif key.kind is Kind.TEXT_MAPS:
            what = f"an item of `{key.name}`"
            record.maps_in_list[key.name] = tuple((item, self._text_map(what, item)) for item in self._items(key, node))
        elif key.kind is Kind.TEXT_LISTS:
            record.text_lists[key.name] = self._text_lists(key, node)
        elif key.kind is Kind.MAPPING:
            assert key.of is not None
            record.records[key.name] = (self.record(node, key.of),)
        else:
            record.records[key.name] = tuple(self.record(item, self._of(key, item)) for item in self._items(key, node))

    def _of(self, key: Key, item: Node) -> Shape:
        """The shape of an item: a repository that names a fixture has keys of its own."""
        assert key.of is not None
        from_fixture = isinstance(item, Mapping) and "use_fixture" in item.entries
        return shapes.REFERENCE if key.of is shapes.REPOSITORY and from_fixture else key.of

    def _text(self, key: Key, node: Node, what: str) -> str | None:
        if not isinstance(node, Scalar):
            remedy = "put it in quotes if it is text"
            self.problems.add(node, f"{what} must be text, and is {_kind(node)}", remedy)
        elif node.plain and not node.text and not key.empty:
            self.problems.add(node, f"{what} has no value", "give it one")
        elif "\0" in node.text and not key.nul:
            self.problems.add(node, f"{what} holds a NUL character", _NO_NUL)
        elif key.choices and node.text not in key.choices:
            remedy = f"write {' or '.join(f'`{choice}`' for choice in key.choices)}"
            self.problems.add(node, f"{what} cannot be {shown(node.text)}", remedy)
        else:
            return node.text
        return None

    def _number(self, key: Key, node: Node) -> float | None:
        text = node.text if isinstance(node, Scalar) and node.plain else ""
        if key.kind is Kind.NUMBER:
            if _EXIT_CODE.fullmatch(text) and int(text) <= shapes.MAX_EXIT_CODE:
                return int(text)
            remedy = "write a number from 0 to 255 without quotes, or -1 for death by a signal"
            self.problems.add(node, f"`{key.name}` must be an exit status, and is {_kind(node)}", remedy)
        elif key.kind is Kind.COUNT:
            if _COUNT.fullmatch(text):
                return int(text)
            remedy = f"write a number from 1 to {shapes.MAX_COUNT} without quotes"
            self.problems.add(node, f"`{key.name}` must be a whole number, and is {_kind(node)}", remedy)
        else:
            if duration := _SECONDS.fullmatch(text):
                seconds = float(duration[1]) * _UNITS[duration[2]]
                if 0 < seconds <= shapes.MAX_TIMEOUT_S:
                    return seconds
            remedy = "write seconds above 0, as in `30` or `0.5`, or with a unit, as in `100ms` or `2m`, without quotes"
            self.problems.add(node, f"`{key.name}` must be a number of seconds, and is {_kind(node)}", remedy)
        return None

    def _items(self, key: Key, node: Node) -> Iterator[Node]:
        if isinstance(node, Sequence):
            yield from node.items
        else:
            self.problems.add(node, f"`{key.name}` must be a list, and is {_kind(node)}", "begin each item with `- `")

    def _texts(self, key: Key, nodes: Iterable[Node], what: str) -> tuple[Scalar, ...]:
        items = [(item, self._text(key, item, what)) for item in nodes]
        return tuple(item for item, text in items if text is not None and isinstance(item, Scalar))

    def _text_lists(self, key: Key, node: Node) -> dict[str, tuple[Scalar, ...]]:
        found: dict[str, tuple[Scalar, ...]] = {}
        if not isinstance(node, Mapping):
            remedy = "write `NAME: [value, value]`"
            self.problems.add(node, f"`{key.name}` must be a mapping, and is {_kind(node)}", remedy)
            return found
        for name, entry in node.entries.items():
            if not isinstance(entry.value, Sequence):
                what = f"the values of {shown(name)} must be a list, and are {_kind(entry.value)}"
                self.problems.add(entry.value, what, "write `[value, value]`")
            elif not entry.value.items:
                self.problems.add(entry.value, f"{shown(name)} has no values", "give it one")
            else:
                found[name] = self._texts(key, entry.value.items, f"a value of {shown(name)}")
        return found

    def _text_map(self, what: str, node: Node) -> dict[str, str]:
        found: dict[str, str] = {}
        if not isinstance(node, Mapping):
            self.problems.add(node, f"{what} must be a mapping, and is {_kind(node)}", "write `NAME: value`")
            return found
        for name, entry in node.entries.items():
            if not name or "=" in name or "\0" in name:
                what = f"{shown(name)} cannot be the name of a variable"
                self.problems.add(entry.key, what, "write a name without `=` and NUL")
            elif not isinstance(entry.value, Scalar):
                what = f"the variable {shown(name)} must be text, and is {_kind(entry.value)}"
                self.problems.add(entry.value, what, "write one text")
            elif "\0" in entry.value.text:
                self.problems.add(entry.value, f"the variable {shown(name)} holds a NUL character", _NO_NUL)
            else:
                found[name] = entry.value.text
        return found


def distinct(items: Iterable[Scalar], pattern: re.Pattern[str], noun: str, problems: Problems) -> tuple[str, ...]:
    """The texts of a list of names; those that `pattern` does not match, and those given twice, go to `problems`."""
    texts: dict[str, None] = {}
    for item in items:
        if not pattern.fullmatch(item.text):
            problems.add(item, f"{shown(item.text)} cannot be a {noun}", "write letters, digits, `_`, `.` and `-`")
        elif item.text in texts:
            problems.add(item, f"the {noun} {shown(item.text)} is given twice", "remove one of the two")
        texts[item.text] = None
    return tuple(texts)


_SHAPES = (
    *(shapes.SCENARIO, shapes.STEP, shapes.EXPECT, shapes.REPOSITORY, shapes.REFERENCE, shapes.BRANCH),
    *(shapes.MATCH, shapes.SYMLINK, shapes.MODE),
    *(shapes.TTY, shapes.EXCHANGE, shapes.EVENTUALLY),
    *(shapes.READY, shapes.STOP, shapes.ISOLATE),
    *(shapes.FILE, shapes.COMMIT, shapes.HOOK, shapes.CONTAINS, shapes.WORKTREE, shapes.BRANCH_EXISTS),
)


def _first(shape: Shape) -> list[Key]:
    required = [key for key in shape.keys.values() if key.required]
    return required or list(shape.keys.values())[:1]


def _kind(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.plain and not node.text:
        return "nothing"
    return f"{shown(node.text)}" if node.plain else f"the text {shown(node.text)}"
