"""The shape of `bench.yaml`, which pydantic checks and the JSON Schema shows.

Importing this file imports pydantic: it is imported when a file is read and not before.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from longpole.perf.model import Text

MAX_ROUNDS = 1000
_MAX_WORD_BYTES = 131_071
"""The kernel's limit on one argument: MAX_ARG_STRLEN of Linux, its final NUL included."""
_YEAR = 366 * 24 * 3600.0
_ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"

WRONG = "longpole"
"""The kind of an error whose context has the words of its message: `what`, after the key, and `remedy`."""


def _wrong(what: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError(WRONG, "{what}", {"what": what, "remedy": remedy})


def _word(value: object, what: str = "a word of it") -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(f"must be text, and {what} is not", "put it in quotes")
    text = str(value)
    if "\0" in text or len(text.encode("utf-8", "surrogateescape")) > _MAX_WORD_BYTES:
        raise _wrong("holds text that no program can be given", f"write at most {_MAX_WORD_BYTES:,} bytes, without NUL")
    return text


def _command(value: object) -> tuple[str, ...]:
    """The argument list of a command; that of a text is `sh -c TEXT`."""
    if isinstance(value, dict) and value.keys() == {"shell"}:
        value = value["shell"]
        if not isinstance(value, str):
            raise _wrong("has no text for the shell", 'write `{shell: "..."}`')
    if isinstance(value, str) and value.strip():
        return ("sh", "-c", _word(value))
    if isinstance(value, list) and value and value[0] != "":
        return tuple(_word(word) for word in value)
    raise _wrong("is no command", "write a list of words, or a text for the shell")


def _texts(value: object) -> tuple[str, ...]:
    """One path or several."""
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text and "\0" not in text for text in texts):
        raise _wrong("must be a path, or a list of paths", "write the path of a file or a folder")
    return tuple(texts)


def _statuses(value: object) -> tuple[int, ...]:
    statuses = value if isinstance(value, list) else [value]
    if not statuses or not all(type(status) is int and 0 <= status <= 255 for status in statuses):
        raise _wrong("must be an exit status, or a list of them", "write whole numbers from 0 to 255")
    return tuple(statuses)


def _environ(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _wrong("must be a mapping", "write `NAME: value` below it, indented")
    for name in value:
        if not name or not name.isascii() or not name.replace("_", "a").isalnum() or name[0].isdigit():
            raise _wrong(f"has {name[:60]!r}, which cannot be the name of a variable", "write letters, digits and `_`")
    return {name: _word(each, f"the value of {name}") for name, each in value.items()}


_WORD: dict[str, Any] = {"type": ["string", "number"]}
_SHELL = {"type": "string", "minLength": 1}
_STATUS = {"type": "integer", "minimum": 0, "maximum": 255}
_PATH = {"type": "string", "minLength": 1}
_MAPPING = {"type": "object", "propertyNames": {"pattern": _ENV_NAME}, "additionalProperties": _WORD}


def _or_list(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]})


CommandSpec = Annotated[
    tuple[str, ...],
    BeforeValidator(_command),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": _WORD, "minItems": 1},
                _SHELL,
                {
                    "type": "object",
                    "properties": {"shell": _SHELL},
                    "required": ["shell"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
Paths = Annotated[tuple[str, ...], BeforeValidator(_texts), _or_list(_PATH)]
Statuses = Annotated[tuple[int, ...], BeforeValidator(_statuses), _or_list(_STATUS)]
Environ = Annotated[dict[str, str], BeforeValidator(_environ), WithJsonSchema(_MAPPING)]
Path = Annotated[str, AfterValidator(lambda path: _texts(path)[0]), Field(min_length=1)]
Times = Annotated[int, Field(ge=0, le=MAX_ROUNDS)]


class Strict(BaseModel):
    """A mapping of known keys only, whose values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Settings(Strict):
    """The keys of `defaults`, which a benchmark may have, too."""

    cwd: Path | None = Field(default=None, description="The folder in which commands run. Default: that of the file.")
    env: Environ = Field(
        default={}, description="Variables added to the environment; with `defaults`, to those of all."
    )
    setup: CommandSpec | None = Field(default=None, description="Executed once, before the benchmark; not measured.")
    prepare: CommandSpec | None = Field(default=None, description="Executed before each execution; not measured.")
    conclude: CommandSpec | None = Field(default=None, description="Executed after each execution; not measured.")
    cleanup: CommandSpec | None = Field(default=None, description="Executed once, after all rounds; not measured.")
    warmup: Times | None = Field(
        default=None, description="Executions after the first, the cold one, that are not recorded. Default: 1."
    )
    rounds: Annotated[int, Field(ge=1, le=MAX_ROUNDS)] | None = Field(
        default=None, description="Executions that are measured. Default: 10."
    )
    timeout: Annotated[float, Field(gt=0, le=_YEAR)] | None = Field(
        default=None, description="Seconds that each command may take. Default: 600."
    )
    exit_status: Statuses | None = Field(
        default=None, description="Exit statuses of `run` that are no failure. Default: 0."
    )


class BenchmarkSpec(Settings):
    """One benchmark."""

    run: CommandSpec = Field(description="The command that is measured: a list of words, or a text for `sh -c`.")
    output: Paths | None = Field(
        default=None, description="Files or folders whose size after an execution is the metric `size`."
    )
    metrics: Literal["stdout"] | None = Field(
        default=None, description="`stdout`: `run` prints a JSON object with metrics of its own, name to number."
    )
    records: Path | None = Field(
        default=None,
        description="The state directory of a suite, such as `.longpole`, of which `run` makes a run: what each unit "
        "took is measured, too.",
    )


class BenchSpec(Strict):
    """A `bench.yaml`."""

    version: Literal[1] = Field(description="The version of this format.")
    reference: bool = Field(default=True, description="Whether the reference workload is executed in every round.")
    defaults: Settings = Field(default_factory=Settings, description="Keys for all benchmarks that do not have them.")
    benchmarks: Annotated[dict[Text, BenchmarkSpec], Field(min_length=1)] = Field(description="The benchmarks by name.")


def json_schema() -> str:
    """The JSON Schema of `bench.yaml`, with a line end."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "bench.yaml of longpole perf run"}
    return json.dumps({**schema, **BenchSpec.model_json_schema(), "title": schema["title"]}, indent=2) + "\n"
