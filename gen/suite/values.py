"""The types of single values in `suite.yaml`, which pydantic checks and the JSON Schema shows.

Importing this file imports pydantic, which takes longer than reading most suites: it is imported when a suite is
loaded and not before.
"""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

MAX_NAME = 100
MAX_SEED = 2**32 - 1
MAX_SLOTS = 65_536
MAX_SIZE = 2**50
MAX_STATUS = 255
PROGRAM = r"^[A-Za-z0-9_./+@,][A-Za-z0-9_./+@,-]*$"
AUTO = "auto"
# The kernel's limit on one argument or one `NAME=value` of a program: MAX_ARG_STRLEN of Linux, its final NUL included.
MAX_WORD_BYTES = 131_071
_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
_ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
_SIZE = r"^([0-9]{1,15}(?:\.[0-9]{1,6})?) ?(B|KiB|MiB|GiB|TiB)$"
_UNITS_OF_SIZE = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_RESERVED_ENV = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "TMPDIR")
_RESERVED_ENV_PREFIX = "LONGPOLE_"
_YEAR = 366 * 24 * 3600.0


def _refuse_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("empty", "empty")
    return value


def _refuse_twice(names: list[str] | None) -> list[str] | None:
    for index, name in enumerate(names or ()):
        if name in (names or ())[:index]:
            raise PydanticCustomError("twice", "{name}", {"name": name})
    return names


def _env_name(name: str) -> str:
    if name in _RESERVED_ENV or name.startswith(_RESERVED_ENV_PREFIX):
        raise PydanticCustomError("reserved", "reserved")
    return name


def _word(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PydanticCustomError("word", "word")
    return _text(value)


def _env_value(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("env_value", "env_value")
    return _text(value)


def _text(value: object) -> object:
    word = str(value)
    if "\0" in word:
        raise PydanticCustomError("nul", "nul")
    if len(word.encode("utf-8", "replace")) > MAX_WORD_BYTES:
        raise PydanticCustomError("word_too_long", "word_too_long")
    return value


def _program(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(PROGRAM, value):
        raise PydanticCustomError("program", "program")
    return value


def _slots(value: object) -> object:
    if value != AUTO and not (type(value) is int and 1 <= value <= MAX_SLOTS):
        raise PydanticCustomError("slots", "slots")
    return value


def _skip_status(value: object) -> tuple[int, ...]:
    statuses = value if isinstance(value, list) else [value]
    if not all(type(status) is int and 1 <= status <= MAX_STATUS for status in statuses):
        raise PydanticCustomError("skip_status", "skip_status")
    return tuple(sorted(set(statuses)))


def _size(value: object) -> int:
    match = re.fullmatch(_SIZE, value) if isinstance(value, str) else None
    size = value
    if match is not None:
        size = int(float(match[1]) * _UNITS_OF_SIZE[match[2]])
    if type(size) is not int or not 1 <= size <= MAX_SIZE:
        raise PydanticCustomError("size", "size")
    return size


def _size_or_auto(value: object) -> object:
    return value if value == AUTO else _size(value)


class NullIsEmpty:
    """A mapping that may be empty: `eop:` means `eop: {}`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(lambda v: {} if v is None else v, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "null"}]}


GIVEN = BeforeValidator(_refuse_null)
Name = Annotated[str, Field(pattern=_NAME, max_length=MAX_NAME)]
EnvName = Annotated[str, Field(pattern=_ENV_NAME, max_length=MAX_NAME), AfterValidator(_env_name)]
EnvValue = Annotated[Any, AfterValidator(_env_value), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Env = Annotated[
    dict[EnvName, EnvValue],
    NullIsEmpty(),
    WithJsonSchema(
        {
            "type": ["object", "null"],
            "propertyNames": {
                "pattern": _ENV_NAME.replace("^", f"^(?!{_RESERVED_ENV_PREFIX})"),
                "maxLength": MAX_NAME,
                "not": {"enum": list(_RESERVED_ENV)},
            },
            "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": MAX_WORD_BYTES},
        }
    ),
]
Word = Annotated[
    Any, AfterValidator(_word), WithJsonSchema({"type": ["string", "number"], "maxLength": MAX_WORD_BYTES})
]
Text = Annotated[str, AfterValidator(_text), Field(min_length=1, max_length=MAX_WORD_BYTES)]
Argument = Annotated[
    Any,
    AfterValidator(_word),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1},
                {"type": "string", "pattern": r"^-?([0-9]+|\{(first_seed|seed_count)\})+$"},
            ]
        }
    ),
]
_NUMBER_OF_SLOTS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_SLOTS}
_SIZES: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 1, "maximum": MAX_SIZE},
    {"type": "string", "pattern": _SIZE},
]
Program = Annotated[
    str | None, GIVEN, AfterValidator(_program), Field(max_length=1000, json_schema_extra={"pattern": PROGRAM})
]
SlotsOrAuto = Annotated[
    Any, GIVEN, AfterValidator(_slots), WithJsonSchema({"anyOf": [_NUMBER_OF_SLOTS, {"const": AUTO}]})
]
Size = Annotated[Any, GIVEN, AfterValidator(_size), WithJsonSchema({"anyOf": _SIZES})]
SizeOrAuto = Annotated[Any, GIVEN, AfterValidator(_size_or_auto), WithJsonSchema({"anyOf": [*_SIZES, {"const": AUTO}]})]
_STATUS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_STATUS}
SkipStatus = Annotated[
    Any,
    GIVEN,
    AfterValidator(_skip_status),
    WithJsonSchema({"anyOf": [_STATUS, {"type": "array", "items": _STATUS}]}),
]
Retries = Annotated[int, Field(ge=0, le=100)]
Seconds = Annotated[float, Field(gt=0, le=_YEAR, allow_inf_nan=False)]
Locks = Annotated[list[Name], AfterValidator(_refuse_twice), Field(json_schema_extra={"uniqueItems": True})]
Labels = Annotated[
    list[Name] | None, GIVEN, AfterValidator(_refuse_twice), Field(json_schema_extra={"uniqueItems": True})
]
Names = Annotated[
    list[str] | None, GIVEN, AfterValidator(_refuse_twice), Field(json_schema_extra={"uniqueItems": True})
]
