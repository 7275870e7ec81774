"""A suite's tree checked against the schema, and pydantic's errors in our words.

Importing this file imports pydantic: it is imported when a suite is loaded and not before.
"""

import re

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from longpole.gen.suite.command_shapes import SHELL, WASM, ShellSpec, WasmSpec
from longpole.gen.suite.fork_shapes import ForksSpec, ResultsSpec
from longpole.gen.suite.scenario_shapes import IdentitySpec, RedactSpec, ScenariosSpec
from longpole.gen.suite.schema import (
    VERSION,
    LimitsSpec,
    ModuleSpec,
    PlatformSpec,
    StepSpec,
    SuiteSpec,
    VariantSpec,
)
from longpole.gen.suite.values import AUTO, MAX_NAME, MAX_SLOTS, MAX_STATUS, MAX_WORD_BYTES
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Entry, Mapping, Node, Scalar, Sequence

_COMMON_SYSTEMS = ("x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin", "i686-linux", "armv7l-linux")


def validate(root: Mapping, problems: Problems) -> tuple[SuiteSpec, frozenset[Node]]:
    """The suite as far as each single value is valid, and the nodes left out of it, which are in `problems`.

    Invalid values are removed and the rest is validated again, so that no error hides another. Raises `UseError` if the
    rest is not a suite.
    """
    bad: set[Node] = set()
    for _ in range(3):
        data = _plain(root, frozenset(bad))
        assert isinstance(data, dict)
        if bad:
            _stand_in(data)
        try:
            return SuiteSpec.model_validate(data), frozenset(bad)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                bad |= _report(details, root, problems)
    problems.stop()


def _plain(root: Node, bad: frozenset[Node]) -> object:
    """Dictionaries and lists of the tree without `bad`; nodes that aliases share become shared objects."""
    made: dict[Node, object] = {}

    def plain(node: Node) -> object:
        if isinstance(node, Scalar):
            return node.value
        if node not in made:
            if isinstance(node, Sequence):
                made[node] = [plain(item) for item in node.items]
            else:
                made[node] = {
                    name: plain(entry.value)
                    for name, entry in node.entries.items()
                    if entry.key not in bad and entry.value not in bad
                }
        return made[node]

    return plain(root)


def _stand_in(data: dict[str, object]) -> None:
    """Add the keys that a suite must have if they are missing or were removed; that has been reported."""
    data["version"] = VERSION
    data.setdefault("name", "name")
    for key in ("variants", "modules"):
        if not data.get(key) and not (key == "modules" and data.get("scenarios")):
            data[key] = {"name": {}}


def _find(root: Mapping, path: tuple[int | str, ...]) -> list[tuple[Entry | None, Node]]:
    """The entries and nodes on the way of one of pydantic's paths, which also holds names of union members."""
    way: list[tuple[Entry | None, Node]] = [(None, root)]
    for step in path:
        node = way[-1][1]
        if isinstance(node, Mapping) and (entry := node.entries.get(str(step))):
            way.append((entry, entry.value))
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            way.append((None, node.items[step]))
    return way


def _report(details: ErrorDetails, root: Mapping, problems: Problems) -> set[Node]:
    """Report one of pydantic's errors in plain words; return the nodes to leave out so that it does not come again."""
    kind, path = details["type"], details["loc"]
    way = _find(root, path)
    node = way[-1][1]
    entries = [entry for entry, _ in way if entry]
    key = entries[-1].key if entries else None
    # What goes is the innermost key, but a command of several keys with something wrong in it goes as a whole.
    kinds = [step for step in path if step in _COMMANDS]
    whole = _find(root, path[: path.index(kinds[0])])[-1][0] if kinds else None
    gone: set[Node] = {whole.key} if whole else {key} if key else {root}
    if path and path[-1] == "[key]":
        assert key
        problems.add(key, *_bad_name(kind, key.text, path, problems))
        return gone
    if kind == "extra_forbidden":
        assert key
        problems.add(key, f"{_where(path)} has no key {shown(key.text)}", _other_key(key.text, path, problems))
        return gone
    if kind == "missing":
        above = _find(root, path[:-1])[-1][1]
        if key is not None and isinstance(above, Mapping) and str(path[-1]) in above.entries:
            return {key}  # it is there, with an error that has been reported
        place = key or root
        remedy = "add `version: 1`" if path == ("version",) else f"add `{path[-1]}:`"
        problems.add(place, f"{_where(path)} has no `{path[-1]}`", remedy)
        return gone
    if kind == "string_unicode":
        return gone  # half a surrogate pair: reported when the file was read
    subject = shown(key.text) if key else "the suite"
    problems.add(node, *_bad_value(details, subject, node, problems))
    return gone


_COMMANDS: dict[int | str, str] = {SHELL: "a shell command", WASM: "a wasm call"}


def _where(path: tuple[int | str, ...]) -> str:
    """What the last key of `path` is a key of."""
    if len(path) == 1:
        return "a suite"
    if kind := _COMMANDS.get(path[-2]):
        return kind
    section = str(path[0])
    if section == "modules" and len(path) > 3:
        section = str(path[2])  # a mapping in a module
    elif section == "scenarios" and len(path) > 2:
        section = str(path[1])
    return {"platforms": "a platform", "variants": "a variant", "modules": "a module", "steps": "a step"}.get(
        section, f"`{section}`"
    )


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


_MODELS: dict[str, type[BaseModel]] = {
    "a suite": SuiteSpec,
    "`limits`": LimitsSpec,
    "a platform": PlatformSpec,
    "`defaults`": VariantSpec,
    "a variant": VariantSpec,
    "a module": ModuleSpec,
    "a step": StepSpec,
    "`forks`": ForksSpec,
    "`results`": ResultsSpec,
    "`scenarios`": ScenariosSpec,
    "`identity`": IdentitySpec,
    "`redact`": RedactSpec,
    "a shell command": ShellSpec,
    "a wasm call": WasmSpec,
}


def _other_key(name: str, path: tuple[int | str, ...], problems: Problems) -> str:
    here = _where(path)
    known = _keys(_MODELS[here]) if here in _MODELS else []
    owners = [owner for owner, model in _MODELS.items() if name in _keys(model)]
    if owners:
        return f"it is a key of {' and of '.join(owners)}"
    return problems.suggest(name, known, f"its keys are {', '.join(known)}" if known else "remove it")


def _bad_name(kind: str, name: str, path: tuple[int | str, ...], problems: Problems) -> tuple[str, str]:
    if kind in _BAD_NAMES:
        what, remedy = _BAD_NAMES[kind]
        return what.format(shown(name)), remedy
    if path[0] == "platforms":
        remedy = problems.suggest(name, _COMMON_SYSTEMS, "write one such as `x86_64-linux`")
        return f"{shown(name)} is not one of Nix's names of systems", remedy
    if path[0] == "scenarios" or "env" in path:
        remedy = "write letters, digits and `_`, not beginning with a digit"
        return f"{shown(name)} cannot be the name of an environment variable", remedy
    return _not_a_name(name)


_BAD_NAMES = {
    "reserved": ("the variable {} is set by Longpole for every unit", "remove it or choose another name"),
    "string_too_long": (f"the name {{}} is longer than {MAX_NAME} characters", "choose a shorter one"),
    "not_in_texts": ("{} cannot be a variable of texts", "write capital letters, digits and `_`"),
    "of_sandbox": ("the variable {} is the sandbox's own", "choose another name"),
}


def _not_a_name(name: str) -> tuple[str, str]:
    return f"{shown(name)} cannot be a name", "write letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`"


_RANGES = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}
_DUE = {
    "string_type": ("text", "put it in quotes"),
    "int_type": ("a whole number", "write digits only"),
    "float_type": ("a number", "write one such as 10 or 0.5"),
    "finite_number": ("a finite number", "write one such as 10 or 0.5"),
    "bool_type": ("true or false", "write `true` or `false`"),
    "dict_type": ("a mapping", "write `name: value` below it, indented"),
    "model_type": ("a mapping", "write `key: value` below it, indented"),
    "list_type": ("a list", "write `[one, another]`"),
    "env_value": ("text or a number", "write one value, in quotes if it is text"),
}

_SHAPES: dict[tuple[str, int | str], tuple[str, str]] = {
    ("model_type", "forks"): ("a mapping", "write `list: [...]` and `run: [...]` below it, indented"),
    ("model_type", "results"): (
        "a mapping",
        "write one of `{protocol: stdout}`, `{tap: stdout}`, `{libtest: stdout}`, `{go: stdout}` and `{junit: FILE}`",
    ),
}


def _bad_value(details: ErrorDetails, subject: str, node: Node, problems: Problems) -> tuple[str, str]:  # noqa: PLR0911  one return for each kind of mistake
    kind, path = details["type"], details["loc"]
    context = details.get("ctx", {})
    found = _found(node)
    if kind == "empty" or (isinstance(node, Scalar) and node.value is None and kind != "word"):
        return f"{subject} has no value", "give it one or remove the key"
    if kind in _RANGES:
        bound, words = _RANGES[kind]
        limit = context[bound]
        number = f"{limit:,}" if isinstance(limit, int) or limit >= 1000 else str(limit)
        return f"{subject} must be {words} {number.removesuffix('.0')}, and is {found}", "write such a number"
    if kind == "string_type" and (word := _bare_placeholder(node)):
        return f"YAML reads {shown(word)} as a mapping, not as text", f'put it in quotes: "{word}"'
    if kind in _DUE:
        due, remedy = _SHAPES.get((kind, path[-1]), _DUE[kind]) if path[0] == "modules" else _DUE[kind]
        return f"{subject} must be {due}, and is {found}", remedy
    if kind == "union_tag_not_found":
        return _bad_command(subject, node)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        expected = " or ".join(f"`{choice}`" for choice in choices)
        given = node.text if isinstance(node, Scalar) else ""
        return f"{subject} must be {expected}, and is {found}", problems.suggest(given, choices, f"write {expected}")
    if kind == "slots":
        remedy = f"write a number from 1 to {MAX_SLOTS:,}, or `{AUTO}`"
        return f"{subject} must be a number of slots or `{AUTO}`, and is {found}", remedy
    if kind == "size":
        or_auto = f" or `{AUTO}`" if path[0] == "limits" else ""
        remedy = "write bytes, or a number and one of KiB, MiB, GiB, TiB, as in `512 MiB`"
        return f"{subject} must be a size{or_auto}, and is {found}", remedy
    if kind == "skip_status":
        remedy = f"write a whole number from 1 to {MAX_STATUS}, or a list of them, as in `skip_status: 77`"
        return f"{subject} must be an exit status other than 0, or a list of them, and is {found}", remedy
    if kind == "program":
        remedy = "write a name such as python3.12, or a path of A-Z a-z 0-9 _ . / + @ , -"
        return f"{subject} must be the name or the path of a program, and is {found}", remedy
    if kind == "twice":
        return f"{subject} names {shown(str(context['name']))} twice", "remove one of the two"
    return _bad_text(details, subject, node)


def _bad_command(subject: str, node: Node) -> tuple[str, str]:
    if isinstance(node, Mapping):
        return f"{subject} cannot be a wasm call", "write a list of words, or a shell command; only `run` calls wasm"
    remedy = 'write a list of words, or `{shell: "..."}` for the shell'
    return f"{subject} must be a command, and is {_found(node)}", remedy


def _bad_text(details: ErrorDetails, subject: str, node: Node) -> tuple[str, str]:  # noqa: PLR0911  as `_bad_value`
    kind, path = details["type"], details["loc"]
    if kind == "string_pattern_mismatch" and isinstance(node, Scalar):
        return _not_a_name(node.text)
    if kind == "word":
        return _bad_word(subject, node)
    if kind == "nul":
        return f"{subject} holds a NUL character, which no program can be given", "remove it"
    if kind in ("word_too_long", "string_too_long"):
        limit = details.get("ctx", {}).get("max_length", MAX_WORD_BYTES)
        unit = "bytes" if limit == MAX_WORD_BYTES else "characters"
        return f"{subject} holds a text longer than {limit:,} {unit}", "shorten it"
    if kind == "inherited":
        return (
            f"{_found(node)} cannot be the name of an environment variable",
            "write a name, with `*` at its end at most",
        )
    if kind in ("not_in_texts", "of_sandbox", "reserved") and isinstance(node, Scalar):
        what, remedy = _BAD_NAMES[kind]
        return what.format(shown(node.text)), remedy
    if kind == "in_sandbox":
        return f"{subject} must be a folder in the sandbox, and is {_found(node)}", "write a relative path without `..`"
    if kind == "pattern":
        return f"{subject} is not a regular expression: {details['ctx']['why']}", "write one of Python's"
    if kind in ("too_short", "string_too_short"):
        if isinstance(node, Scalar):
            return f"{subject} is empty", "write at least one character"
        return f"{subject} is empty", "a command needs a word" if len(path) > 1 else "write at least one"
    what = details["msg"][:1].lower() + details["msg"][1:]  # a kind that none of our keys has caused so far
    return f"{subject} is not valid: {what}", "docs/suite.md describes the key"


def _bad_word(subject: str, node: Node) -> tuple[str, str]:
    if word := _bare_placeholder(node):
        return f"YAML reads {shown(word)} as a mapping, not as a word", f'put it in quotes: "{word}"'
    remedy = 'put it in quotes, or write "" for an empty word'
    return f"a word of {subject} must be text or a number, and is {_found(node)}", remedy


def _bare_placeholder(node: Node) -> str | None:
    """What was written where `{name}` without quotes has become a mapping."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        (entry,) = node.entries.values()
        if isinstance(entry.value, Scalar) and entry.value.value is None:
            return f"{{{entry.key.text}}}"
    return None


def _found(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node.value, bool):
        return f"{shown(node.text)}, which YAML reads as {str(node.value).lower()}"
    return shown(node.text) if node.value is not None else "empty"
