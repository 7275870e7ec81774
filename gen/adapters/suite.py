"""The draft of a suite as text: commented YAML, which is read back before anybody sees it."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml

from longpole.gen.adapters.model import Draft, Entry
from longpole.gen.suite.read import suite_from_bytes

SCHEMA_LINE = "# yaml-language-server: $schema=.longpole/suite.schema.json"
"""The line by which editors find the schema; `longpole init` writes it there."""
_WIDTH = 118
_BAD = re.compile(r"[^A-Za-z0-9_.-]+")
MAX_NAME = 100


def name_for(text: str, taken: Collection[str] = ()) -> str:
    """A name for a module, variant or step that reads like `text`, and is not one of `taken`."""
    name = _BAD.sub("-", text).strip(".-")[:MAX_NAME] or "tests"
    number, found = 2, name
    folded = {each.casefold() for each in taken}
    while found.casefold() in folded:
        found = f"{name[: MAX_NAME - 6]}-{number}"
        number += 1
    return found


def title_for(names: Sequence[str]) -> str:
    """The name of a module for these tests: that of one; of several what they begin with, up to the end of a word."""
    if len(names) == 1:
        return names[0]
    first, last = min(names), max(names)
    same = next(
        (number for number, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first)
    )
    found = re.match(r".*[^A-Za-z0-9]", first[:same] + (" " if same == len(first) else ""), re.DOTALL)
    return name_for((found.group() if found else "").rstrip(" _.-") or "tests")


def to_text(draft: Draft) -> str:
    """The suite's text. Raises `UseError` if it is no suite: a mistake of the adapter."""
    lines = [SCHEMA_LINE, *_comment(draft.comment, ""), "version: 1", f"name: {flow(draft.name)}"]
    for key, value in (("limits", draft.limits), ("defaults", draft.defaults)):
        if value:
            lines += ["", *_block(key, value, "")]
    for key, entries in (("steps", draft.steps), ("variants", draft.variants), ("modules", draft.modules)):
        if entries:
            lines += ["", f"{key}:"]
            for entry in entries:
                lines += entry_lines(entry, "  ")
    text = "\n".join(lines) + "\n"
    suite_from_bytes(text.encode(), "suite.yaml")
    return text


def entry_lines(entry: Entry, indent: str) -> list[str]:
    """The lines of a variant, module or step: in one line if it fits, else a key a line."""
    comment = _comment(entry.comment, indent)
    if not entry.keys:
        return [*comment, f"{indent}{flow(entry.name)}:"]
    line = f"{indent}{flow(entry.name)}: {flow(dict(entry.keys))}"
    return [*comment, *([line] if len(line) <= _WIDTH else _block(entry.name, entry.keys, indent))]


def _block(name: str, keys: Mapping[str, Any], indent: str) -> list[str]:
    lines = [f"{indent}{flow(name)}:"]
    for key, value in keys.items():
        line = f"{indent}  {flow(key)}: {flow(value)}"
        if len(line) > _WIDTH and isinstance(value, Mapping):
            lines += _block(key, value, f"{indent}  ")
        elif len(line) > _WIDTH and isinstance(value, list):
            lines += [f"{indent}  {flow(key)}:", *(f"{indent}    - {flow(each)}" for each in value)]
        else:
            lines.append(line)
    return lines


def flow(value: Any) -> str:  # noqa: ANN401  any value of YAML
    """A value on one line."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...").rstrip("\n")


class _Dumper(yaml.SafeDumper):
    """Without aliases, and every text on one line."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if _is_plain(text) else '"')


def _is_plain(text: str) -> bool:
    return text.isprintable() and not yaml.safe_dump(text, default_flow_style=True).startswith("'")


_Dumper.add_representer(str, _text)


def _comment(text: str, indent: str) -> list[str]:
    return [f"{indent}# {line}".rstrip() for line in text.splitlines()]
