"""The shape of `suite.yaml`: pydantic models, the JSON Schema published from them, and their errors in plain words.

The models say what one value may be; what values must be to each other is in `gen.suite.suite`. Importing this file imports
pydantic, which takes longer than reading most suites, so it is imported when a suite is loaded and not before.

The published schema is refreshed by `python -m longpole.gen.suite.schema > docs/suite.schema.json`.
"""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationError,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from longpole.gen.suite.yamltree import Entry, Mapping, Node, Problems, Scalar, Sequence, shown

VERSION = 1
MAX_NAME = 100
MAX_SEED = 2**32 - 1
MAX_SLOTS = 65_536
MAX_SIZE = 2**50
AUTO = "auto"
# The kernel's limit on one argument or one `NAME=value` of a program: MAX_ARG_STRLEN of Linux, its final NUL included.
MAX_WORD_BYTES = 131_071

_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
_ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
_PATH = r"^[A-Za-z0-9_.+@,{][A-Za-z0-9_./+@,{}-]*$"
_SYSTEM = r"^[a-z0-9_]+-[a-z0-9_]+$"
_SIZE = r"^([0-9]{1,15}(?:\.[0-9]{1,6})?) ?(B|KiB|MiB|GiB|TiB)$"
_UNITS_OF_SIZE = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_RESERVED_ENV = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "TMPDIR")
_RESERVED_ENV_PREFIX = "LONGPOLE_"
_COMMON_SYSTEMS = ("x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin", "i686-linux", "armv7l-linux")

_YEAR = 366 * 24 * 3600.0
_SHELL = "<shell>"
_ARGV = "<argv>"


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
    text = str(value)
    if "\0" in text:
        raise PydanticCustomError("nul", "nul")
    if len(text.encode("utf-8", "replace")) > MAX_WORD_BYTES:
        raise PydanticCustomError("word_too_long", "word_too_long")
    return value


def _slots(value: object) -> object:
    if value != AUTO and not (type(value) is int and 1 <= value <= MAX_SLOTS):
        raise PydanticCustomError("slots", "slots")
    return value


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


def _command_kind(value: object) -> str | None:
    return _SHELL if isinstance(value, dict) else _ARGV if isinstance(value, list) else None


class _NullIsEmpty:
    """A mapping of which nothing is written but its key: `eop:` means `eop: {}`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(lambda v: {} if v is None else v, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "null"}]}


_GIVEN = BeforeValidator(_refuse_null)

Name = Annotated[str, Field(pattern=_NAME, max_length=MAX_NAME)]
EnvName = Annotated[str, Field(pattern=_ENV_NAME, max_length=MAX_NAME), AfterValidator(_env_name)]
EnvValue = Annotated[Any, AfterValidator(_env_value), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Env = Annotated[
    dict[EnvName, EnvValue],
    _NullIsEmpty(),
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
_NUMBER_OF_SLOTS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_SLOTS}
_SIZES: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 1, "maximum": MAX_SIZE},
    {"type": "string", "pattern": _SIZE},
]
SlotsOrAuto = Annotated[
    Any, _GIVEN, AfterValidator(_slots), WithJsonSchema({"anyOf": [_NUMBER_OF_SLOTS, {"const": AUTO}]})
]
Size = Annotated[Any, _GIVEN, AfterValidator(_size), WithJsonSchema({"anyOf": _SIZES})]
SizeOrAuto = Annotated[
    Any, _GIVEN, AfterValidator(_size_or_auto), WithJsonSchema({"anyOf": [*_SIZES, {"const": AUTO}]})
]
Retries = Annotated[int, Field(ge=0, le=100)]
Seconds = Annotated[float, Field(gt=0, le=_YEAR, allow_inf_nan=False)]
Locks = Annotated[list[Name], AfterValidator(_refuse_twice), Field(json_schema_extra={"uniqueItems": True})]
VariantNames = Annotated[
    list[str] | None, _GIVEN, AfterValidator(_refuse_twice), Field(json_schema_extra={"uniqueItems": True})
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ShellSpec(_Strict):
    """A command for the shell, run as `sh -c`. Values of placeholders are quoted for it."""

    shell: Annotated[str, AfterValidator(_text), Field(min_length=1, max_length=MAX_WORD_BYTES)] = Field(
        description="The text that `sh -c` executes. Write `{{` and `}}` for braces of the shell's own.",
        examples=["./configure && {make}", "./run {module} | grep -c ok"],
    )


CommandSpec = Annotated[
    Annotated[Annotated[list[Word], Field(min_length=1)], Tag(_ARGV)] | Annotated[ShellSpec, Tag(_SHELL)],
    Discriminator(_command_kind),
]
Command = Annotated[CommandSpec | None, _GIVEN]


class LimitsSpec(_Strict):
    """What a run may use."""

    jobs: Annotated[Annotated[int, Field(ge=1, le=65_536)] | None, _GIVEN] = Field(
        default=None,
        description="Units that run at once where nobody said `-j`, as in `longpole run`, in Nix and in CI.",
        examples=[8],
    )
    timeout: Seconds = Field(default=600.0, description="Seconds that a unit may take before it is ended.")
    grace: Seconds = Field(default=5.0, description="Seconds between SIGTERM and SIGKILL when a unit is ended.")
    log: int = Field(default=16 * 1024 * 1024, ge=1024, le=2**40, description="Bytes of a unit's output that are kept.")
    retries: Retries = Field(
        default=0, description="How often a unit that failed is run again with the same seeds, to tell what kind it is."
    )
    flaky: Literal["fail", "pass"] = Field(
        default="fail", description="Whether a unit that failed and then passed with the same seeds fails the run."
    )
    keep: Literal["none", "failed"] = Field(
        default="none", description="Whether what a failing unit left in its TMPDIR is kept, in the run's folder."
    )
    slots: SlotsOrAuto = Field(
        default=None,
        description="Slots that the units of all your runs on a machine share; `auto` is one a core. "
        "LONGPOLE_SLOTS wins. Default: no limit but `-j`.",
        examples=["auto", 8],
    )
    memory: SizeOrAuto = Field(
        default=None,
        description="Memory that the units of all your runs on a machine may be expected to take together; `auto` is "
        "80 % of what there is. Default: no limit.",
        examples=["auto", "24 GiB"],
    )


class PlatformSpec(_Strict):
    """What is done on one platform."""

    default: Literal["checked", "build"] = Field(
        default="build",
        description="What Nix's default package does there: `checked` builds and tests, `build` only builds.",
    )
    nightly: bool = Field(
        default=False, description="Whether the tests run there every night and not for every change."
    )
    shards: int = Field(default=1, ge=1, le=256, description="Parts that CI splits the tests into, one machine each.")


class VariantSpec(_Strict):
    """One way of building the program under test. In `defaults`, what every variant has that says nothing else."""

    target_dir: Annotated[str | None, _GIVEN] = Field(
        default=None,
        json_schema_extra={"pattern": _PATH},
        description="The variant's own directory, relative, may use {variant}. Default: `target-{variant}`.",
        examples=["target-{variant}"],
    )
    artifact: Annotated[str | None, _GIVEN] = Field(
        default=None,
        json_schema_extra={"pattern": _PATH},
        description="The file that is tested, relative. Placeholders: variant, target_dir.",
        examples=["{target_dir}/rts-test.cwasm"],
    )
    build: Command = Field(
        default=None,
        description="The command that makes the artifact. Placeholders: make, python, variant, target_dir, artifact.",
        examples=[["{make}", "-C", "rts", "VARIANT={variant}"], {"shell": "./configure && {make}"}],
    )
    run: Command = Field(
        default=None,
        description="The command that is one unit; every variant needs one. Placeholders: make, python, variant, "
        "target_dir, artifact, module, chunk, first_seed, seed_count, seeds.",
        examples=[["{artifact}", "{module}", "{first_seed}", "{seed_count}"]],
    )
    warm: Annotated[bool | None, _GIVEN] = Field(
        default=None,
        description="Whether units are called in a forked copy of the supervisor, prepared once, instead of executed. "
        "`run` must then begin with `{python}, -m, rts_tests.warm.<module>`. Default: false.",
    )
    env: Env = Field(
        default_factory=dict,
        description="Environment variables of the variant's build and units, as they are written; no placeholders. "
        "A variant's are added to those of `defaults`, and a module's to those of its variant; the last one wins.",
    )


class ModuleSpec(_Strict):
    """One named group of tests, run in every variant."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {key: ["seeds"] for key in ("chunks", "seed_policy", "first_seed")}}
    )

    weight: float = Field(
        default=1.0,
        gt=0,
        le=1e9,
        allow_inf_nan=False,
        description="Seconds that the module roughly takes in one variant; divided over its chunks.",
        examples=[15],
    )
    seeds: Annotated[Annotated[int, Field(ge=1, le=MAX_SEED + 1)] | None, _GIVEN] = Field(
        default=None, description="Number of seeds that the module is tested with. Without it the module takes no seed."
    )
    chunks: Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, _GIVEN] = Field(
        default=None, description="Number of units that the seeds are split into, at most `seeds`. Default: not split."
    )
    seed_policy: Annotated[Literal["fixed", "commit"] | None, _GIVEN] = Field(
        default=None,
        description="`fixed`: the seeds count up from `first_seed`. `commit`: each is derived from the commit and its "
        "index. Default: fixed.",
    )
    first_seed: Annotated[Annotated[int, Field(ge=0, le=MAX_SEED)] | None, _GIVEN] = Field(
        default=None, description="The first of the fixed seeds. Default: 0."
    )
    timeout: Annotated[Seconds | None, _GIVEN] = Field(
        default=None, description="Seconds that one of its units may take. Default: `limits.timeout`."
    )
    retries: Annotated[Retries | None, _GIVEN] = Field(
        default=None, description="How often one of its units is run again when it failed. Default: `limits.retries`."
    )
    leaks: Literal["fail", "warn", "allow"] = Field(
        default="fail",
        description="What a unit is that passed but left processes running: `leaked` and failed, or passed with a "
        "note, or just passed. They are ended in any case.",
    )
    slots: int = Field(
        default=1, ge=1, le=MAX_SLOTS, description="Slots that each of its units takes, where slots are limited."
    )
    memory: Size = Field(
        default=None,
        description="Memory that one of its units takes, until runs have measured it. Default: none.",
        examples=["512 MiB"],
    )
    exclusive: bool = Field(
        default=False, description="Whether no other unit of any of your runs on the machine runs beside one of its."
    )
    locks: Locks = Field(
        default_factory=list,
        description="Locks that each of its units holds while it runs: of all your units on the machine one at a time.",
        examples=[["port-8080"]],
    )
    only: VariantNames = Field(default=None, description="The variants that the module is run in. Default: all.")
    except_: VariantNames = Field(default=None, alias="except", description="Variants that the module is not run in.")
    env: Env = Field(default_factory=dict, description="Environment variables of the module's units; no placeholders.")


class SuiteSpec(_Strict):
    """A test suite: the variants that the program is built in, and the modules that test it in each of them."""

    version: Literal[1] = Field(description="The version of this format.")
    name: Name = Field(description="The name of the suite.", examples=["rts"])
    limits: Annotated[LimitsSpec, _NullIsEmpty()] = Field(default_factory=LimitsSpec, description="What a run may use.")
    platforms: Annotated[
        dict[
            Annotated[str, Field(pattern=_SYSTEM, max_length=MAX_NAME)],
            Annotated[PlatformSpec, _NullIsEmpty()],
        ],
        _NullIsEmpty(),
    ] = Field(default_factory=dict, description="The platforms, by Nix's names of systems.")
    defaults: Annotated[VariantSpec, _NullIsEmpty()] = Field(
        default_factory=VariantSpec, description="Keys that every variant has unless it says otherwise."
    )
    variants: Annotated[dict[Name, Annotated[VariantSpec, _NullIsEmpty()]], Field(min_length=1)] = Field(
        description="The ways of building the program under test, by name."
    )
    modules: Annotated[dict[Name, Annotated[ModuleSpec, _NullIsEmpty()]], Field(min_length=1)] = Field(
        description="The groups of tests, by name."
    )


_EXAMPLE = {
    "version": 1,
    "name": "rts",
    "defaults": {
        "build": ["{make}", "-C", "rts", "VARIANT={variant}", "OUT=../{target_dir}"],
        "artifact": "{target_dir}/rts-test",
        "run": ["{artifact}", "{module}", "{first_seed}", "{seed_count}"],
    },
    "variants": {"32bit": {"env": {"CFLAGS": "-m32"}}, "64bit": None},
    "modules": {"gc": {"weight": 15, "seeds": 100, "chunks": 10}, "crc32": None},
}


class _Generator(GenerateJsonSchema):
    """Optional keys are left out, never null, so the published schema shows None neither as type nor as default."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", 0) is None or "default_factory" in schema:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def json_schema() -> str:
    """The published JSON Schema (draft 2020-12) of `suite.yaml`, one text for one version of this file."""
    schema = SuiteSpec.model_json_schema(schema_generator=_Generator)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A Longpole test suite, suite.yaml",
        "examples": [_EXAMPLE],
    }
    return json.dumps(schema, indent=2, sort_keys=False) + "\n"


def validate(root: Mapping, problems: Problems) -> tuple[SuiteSpec, frozenset[Node]]:
    """The suite as far as each value is good for itself, and the nodes that were left out of it, being in `problems`.

    What is wrong is taken out and the rest validated again, so that one mistake hides no other. Raises `UseError` when
    what is left is no suite.
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
    """Give what a suite cannot do without to one that lost it or never had it; both have been reported."""
    data["version"] = VERSION
    data.setdefault("name", "name")
    for key in ("variants", "modules"):
        if not data.get(key):
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
    """Tell one of pydantic's errors in plain words; returns what has to be left out for it not to come again."""
    kind, path = details["type"], details["loc"]
    way = _find(root, path)
    node = way[-1][1]
    entries = [entry for entry, _ in way if entry]
    key = entries[-1].key if entries else None
    # What goes is the innermost key, but a shell command with something wrong in it goes as a whole.
    whole = _find(root, path[: path.index(_SHELL)])[-1][0] if _SHELL in path else None
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
        place = key or root
        remedy = "add `version: 1`" if path == ("version",) else f"add `{path[-1]}:`"
        problems.add(place, f"{_where(path)} has no `{path[-1]}`", remedy)
        return gone
    subject = shown(key.text) if key else "the suite"
    problems.add(node, *_bad_value(details, subject, node, problems))
    return gone


def _where(path: tuple[int | str, ...]) -> str:
    """What the last key of `path` is a key of."""
    if len(path) == 1:
        return "a suite"
    if path[-2] == _SHELL:
        return "a shell command"
    section = str(path[0])
    return {"platforms": "a platform", "variants": "a variant", "modules": "a module"}.get(section, f"`{section}`")


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


_MODELS: dict[str, type[BaseModel]] = {
    "a suite": SuiteSpec,
    "`limits`": LimitsSpec,
    "a platform": PlatformSpec,
    "`defaults`": VariantSpec,
    "a variant": VariantSpec,
    "a module": ModuleSpec,
    "a shell command": ShellSpec,
}


def _other_key(name: str, path: tuple[int | str, ...], problems: Problems) -> str:
    here = _where(path)
    known = _keys(_MODELS[here])
    owners = [owner for owner, model in _MODELS.items() if name in _keys(model)]
    if owners:
        return f"it is a key of {' and of '.join(owners)}"
    return problems.suggest(name, known, f"its keys are {', '.join(known)}")


def _bad_name(kind: str, name: str, path: tuple[int | str, ...], problems: Problems) -> tuple[str, str]:
    if kind == "reserved":
        return f"the variable {shown(name)} is set by Longpole for every unit", "remove it or choose another name"
    if kind == "string_too_long":
        return f"the name {shown(name)} is longer than {MAX_NAME} characters", "choose a shorter one"
    if path[0] == "platforms":
        remedy = problems.suggest(name, _COMMON_SYSTEMS, "write one such as `x86_64-linux`")
        return f"{shown(name)} is not one of Nix's names of systems", remedy
    if "env" in path:
        remedy = "write letters, digits and `_`, not beginning with a digit"
        return f"{shown(name)} cannot be the name of an environment variable", remedy
    return _not_a_name(name)


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
    "union_tag_not_found": ("a command", 'write a list of words, or `{shell: "..."}` for the shell'),
    "env_value": ("text or a number", "write one value, in quotes if it is text"),
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
    if kind in _DUE:
        due, remedy = _DUE[kind]
        return f"{subject} must be {due}, and is {found}", remedy
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        expected = " or ".join(f"`{choice}`" for choice in choices)
        given = node.text if isinstance(node, Scalar) else ""
        return f"{subject} must be {expected}, and is {found}", problems.suggest(given, choices, f"write {expected}")
    if kind == "string_pattern_mismatch" and isinstance(node, Scalar):
        return _not_a_name(node.text)
    if kind == "word":
        return _bad_word(subject, node, found)
    if kind == "nul":
        return f"{subject} holds a NUL character, which no program can be given", "remove it"
    if kind in ("word_too_long", "string_too_long"):
        limit = context.get("max_length", MAX_WORD_BYTES)
        unit = "bytes" if limit == MAX_WORD_BYTES else "characters"
        return f"{subject} holds a text longer than {limit:,} {unit}", "shorten it"
    if kind in ("too_short", "string_too_short"):
        return f"{subject} is empty", "a command needs a word" if len(path) > 1 else "write at least one"
    if kind == "slots":
        remedy = f"write a number from 1 to {MAX_SLOTS:,}, or `{AUTO}`"
        return f"{subject} must be a number of slots or `{AUTO}`, and is {found}", remedy
    if kind == "size":
        or_auto = f" or `{AUTO}`" if path[0] == "limits" else ""
        remedy = "write bytes, or a number and one of KiB, MiB, GiB, TiB, as in `512 MiB`"
        return f"{subject} must be a size{or_auto}, and is {found}", remedy
    if kind == "twice":
        return f"{subject} names {shown(str(context['name']))} twice", "remove one of the two"
    raise AssertionError(f"an error of pydantic's that nobody has put into words: {kind}")


def _bad_word(subject: str, node: Node, found: str) -> tuple[str, str]:
    if isinstance(node, Mapping) and len(node.entries) == 1:
        (entry,) = node.entries.values()
        if isinstance(entry.value, Scalar) and entry.value.value is None:
            word = f"{{{entry.key.text}}}"
            return f"YAML reads {shown(word)} as a mapping, not as a word", f'put it in quotes: "{word}"'
    remedy = 'put it in quotes, or write "" for an empty word'
    return f"a word of {subject} must be text or a number, and is {found}", remedy


def _found(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node.value, bool):
        return f"{shown(node.text)}, which YAML reads as {str(node.value).lower()}"
    return shown(node.text) if node.value is not None else "empty"


if __name__ == "__main__":
    print(json_schema(), end="")
