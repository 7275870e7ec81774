"""The published JSON Schema (draft 2020-12) of scenario files, made from the parser's own table of keys.

Editors check by it while a file is written. It cannot say what git refuses, or what values must be to each other; the
parser can.

The published file is refreshed by `python -m longpole.rts_tests.scenario.schema > docs/scenario.schema.json`.
"""

import json
from typing import Any

from longpole.rts_tests.scenario import shapes
from longpole.rts_tests.scenario.shapes import Key, Kind, Shape

_TEXT: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_OPTIONAL: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
_NULL: dict[str, Any] = {"type": "null"}
_DEFINITIONS = {
    "step": shapes.STEP,
    "expectations": shapes.EXPECT,
    "readiness": shapes.READY,
    "stop": shapes.STOP,
    "terminal": shapes.TTY,
    "exchange": shapes.EXCHANGE,
    "repetition": shapes.EVENTUALLY,
    "isolation": shapes.ISOLATE,
    "repository": shapes.REPOSITORY,
    "from_fixture": shapes.REFERENCE,
    "fixture": shapes.FIXTURE,
    "match": shapes.MATCH,
    "symlink": shapes.SYMLINK,
    "mode": shapes.MODE,
    "branch": shapes.BRANCH,
    "file": shapes.FILE,
    "commit": shapes.COMMIT,
    "hook_script": shapes.HOOK,
    "contains": shapes.CONTAINS,
    "worktree": shapes.WORKTREE,
    "branch_exists": shapes.BRANCH_EXISTS,
}


def json_schema() -> str:
    """The schema of a scenario; that of a fixture is its `$defs/fixture`. One text for one version of the table."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Longpole scenario",
        **_object(shapes.SCENARIO),
        "$defs": {name: _object(shape) for name, shape in _DEFINITIONS.items()},
    }
    schema["properties"]["steps"]["minItems"] = 1
    return json.dumps(schema, indent=2) + "\n"


def _object(shape: Shape) -> dict[str, Any]:
    required = [key.name for key in shape.keys.values() if key.required and not key.instead]
    either = [{"required": [name]} for key in shape.keys.values() if key.instead for name in (key.name, *key.instead)]
    return {
        "description": f"{shape.what[:1].upper()}{shape.what[1:]}.",
        "type": "object",
        "properties": {key.name: {"description": key.description, **_value(key)} for key in shape.keys.values()},
        **({"required": required} if required else {}),
        **({"oneOf": either} if either else {}),
        "additionalProperties": False,
    }


def _value(key: Key) -> dict[str, Any]:
    if key.choices == shapes.FLAG:
        return {"type": ["boolean", "null"]}
    if key.choices:
        return {"enum": [*key.choices, None]}
    if key.kind is Kind.TEXT:
        return _OPTIONAL if key.empty or not key.required else _TEXT
    if key.kind is Kind.MAPPING:
        return {"anyOf": [_reference(key), _NULL]}
    if key.kind is Kind.SECONDS:
        seconds = {"type": "number", "exclusiveMinimum": 0, "maximum": shapes.MAX_TIMEOUT_S}
        return {"anyOf": [seconds, {"type": "string", "pattern": shapes.DURATION}, *([] if key.required else [_NULL])]}
    described = _of_kind(key)
    return {**described, "type": [described["type"], *([] if key.required else ["null"])]}


def _of_kind(key: Key) -> dict[str, Any]:
    """What a value is if it is there, for the kinds that have a type of their own."""
    values = {"type": "array", "items": _OPTIONAL, "minItems": 1}
    kinds: dict[Kind, dict[str, Any]] = {
        Kind.NUMBER: {"type": "integer", "minimum": -1, "maximum": shapes.MAX_EXIT_CODE},
        Kind.COUNT: {"type": "integer", "minimum": 1, "maximum": shapes.MAX_COUNT},
        Kind.TEXT_MAP: {"type": "object", "additionalProperties": _OPTIONAL},
        Kind.TEXT_MAPS: {"type": "array", "items": {"type": "object", "additionalProperties": _OPTIONAL}},
        Kind.TEXT_LISTS: {"type": "object", "additionalProperties": values},
        Kind.TEXTS: {"type": "array", "items": _TEXT},
    }
    return kinds.get(key.kind) or {"type": "array", "items": _reference(key)}


def _reference(key: Key) -> dict[str, Any]:
    names = [name for name, shape in _DEFINITIONS.items() if shape is key.of]
    if key.of is shapes.REPOSITORY:
        names.append("from_fixture")
    references: list[dict[str, Any]] = [{"$ref": f"#/$defs/{name}"} for name in names]
    return references[0] if len(references) == 1 else {"anyOf": references}


if __name__ == "__main__":
    print(json_schema(), end="")
