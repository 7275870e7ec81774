"""Modules come and go in a suite's text, and words of their `args`: everything else stays as it is, byte for byte.

YAML is not written anew, because that would lose comments and layout. The text is changed at the places of values, in
the style that surrounds them. Whether that was right is not argued but tried: the new text must be a suite, and its
tree the old tree with these changes. What cannot be changed that way, such as `args` that an alias shares, is refused.
"""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from longpole.gen.adapters.model import Entry
from longpole.gen.adapters.source import Source, refused
from longpole.gen.suite.dialect import SUITE
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts import tree, yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems


@dataclass(frozen=True, slots=True)
class Edit:
    """Modules that come, at the end of all; other words of `args`, by module; and modules that go.

    `remarks` are lines of comments: a comment above a module that goes leaves with it if all its lines are among them.
    """

    added: tuple[Entry, ...] = ()
    args: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    remarks: frozenset[str] = frozenset()


def edited(data: bytes, path: str, edit: Edit) -> bytes:
    """The suite file `data`, changed; it must be a suite. Raises `UseError` if that cannot be done safely."""
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    before = _plain_modules(data, path)
    kept = {name: _kept(_args(data, path, name), words) for name, words in edit.args.items()}
    text = _with_new(data.removeprefix(bom).decode(), path, edit, kept)
    changed = bom + _without_old(text, path, edit, kept).encode()
    expected = {name: value for name, value in before.items() if name not in edit.removed}
    for name, indexes in kept.items():
        old = before[name]["args"]
        expected[name] = {**before[name], "args": [*(old[at] for at in indexes), *edit.args[name][len(indexes) :]]}
    expected.update((entry.name, dict(entry.keys)) for entry in edit.added)
    try:
        found = _plain(_root(changed, path)), _plain(_root(data, path))
        suite_from_bytes(changed, path)
    except UseError as error:
        raise refused(path, None, error.problems[0].what) from None  # its place is that in the new text
    if found[0] != {**found[1], "modules": expected} or list(found[0]["modules"]) != list(expected):
        raise refused(path, None, "its modules are written in a way that cannot be changed safely")
    return changed


def _with_new(text: str, path: str, edit: Edit, kept: Mapping[str, Sequence[int]]) -> str:
    """The text with what comes: that is put in first, so that no list is ever empty."""
    source = Source(text, path)
    changes = []
    for name, indexes in kept.items():
        words = edit.args[name][len(indexes) :]
        if words:
            changes.append(source.append_words(source.args_of(name), words))
    if edit.added:
        changes.append(source.append_modules(edit.added))
    return source.changed(changes)


def _without_old(text: str, path: str, edit: Edit, kept: Mapping[str, Sequence[int]]) -> str:
    source = Source(text, path)
    changes = []
    for name, indexes in kept.items():
        args = source.args_of(name)
        old = len(args.items) - len(edit.args[name]) + len(indexes)
        changes += source.remove_words(args, set(range(old)) - set(indexes))
    return source.changed([*changes, *source.remove_modules(edit.removed, edit.remarks)])


def _kept(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """The indexes of old words with which the new ones begin, in their order; the rest of the new ones comes after."""
    found: list[int] = []
    at = 0
    for word in new:
        if word not in old[at:]:
            break
        found.append(old.index(word, at))
        at = found[-1] + 1
    return found


def _root(data: bytes, path: str) -> tree.Mapping:
    problems = Problems(path)
    root = yamltree.parse(data, problems, SUITE)
    if problems:
        problems.stop()
    return root


def _args(data: bytes, path: str, module: str) -> list[str]:
    """The words under `args` of a module, as they are written."""
    args = tree.mapping_of(tree.mapping_of(_root(data, path).entries["modules"]).entries[module]).entries["args"].value
    assert isinstance(args, tree.Sequence)
    return [item.text if isinstance(item, tree.Scalar) else "" for item in args.items]


def _plain_modules(data: bytes, path: str) -> dict[str, Any]:
    modules: dict[str, Any] = _plain(_root(data, path).entries["modules"].value)
    return modules


def _plain(node: tree.Node) -> Any:  # noqa: ANN401  any value of YAML
    """A tree without places."""
    if isinstance(node, tree.Scalar):
        return node.value
    if isinstance(node, tree.Sequence):
        return [_plain(item) for item in node.items]
    return {name: _plain(entry.value) for name, entry in node.entries.items()}
