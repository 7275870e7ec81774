"""The shape of `suite.yaml`: pydantic models, and the JSON Schema published from them.

The models check single values; `variants`, `modules` and `goals` check how values fit together.
Importing this file imports pydantic, which takes longer than reading most suites, so it is imported when a suite is
loaded and not before.

The published schema is refreshed by `python -m longpole.gen.suite.schema > docs/suite.schema.json`.
"""

import json
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from longpole.gen.suite.command_shapes import Args, Build, Cwd, Run, Select, StepBuild, Strict
from longpole.gen.suite.fork_shapes import ForksSpec, ResultsSpec
from longpole.gen.suite.forks import OF_OTHERS
from longpole.gen.suite.scenario_shapes import GitConfig, ScenariosSpec
from longpole.gen.suite.values import (
    GIVEN,
    MAX_NAME,
    MAX_SEED,
    MAX_SLOTS,
    Env,
    Labels,
    Locks,
    Name,
    Names,
    NullIsEmpty,
    Program,
    Retries,
    Seconds,
    Size,
    SizeOrAuto,
    SkipStatus,
    SlotsOrAuto,
)

VERSION = 1
_PATH = r"^[A-Za-z0-9_.+@,{][A-Za-z0-9_./+@,{}-]*$"
_SYSTEM = r"^[a-z0-9_]+-[a-z0-9_]+$"


class LimitsSpec(Strict):
    """What a run may use."""

    jobs: Annotated[Annotated[int, Field(ge=1, le=65_536)] | None, GIVEN] = Field(
        default=None,
        description="Units that run at once without `-j`, as in `longpole run`, in Nix and in CI.",
        examples=[8],
    )
    timeout: Seconds = Field(default=600.0, description="Seconds that a unit may take before it is ended.")
    timeout_cpu: Annotated[Seconds | None, GIVEN] = Field(
        default=None,
        description="Seconds of CPU that all processes of a unit may use together. Default: no limit.",
        examples=[60],
    )
    grace: Seconds = Field(default=5.0, description="Seconds between SIGTERM and SIGKILL when a unit is ended.")
    log: int = Field(default=16 * 1024 * 1024, ge=1024, le=2**40, description="Bytes of a unit's output that are kept.")
    retries: Retries = Field(
        default=0,
        description="How often a failed unit is run again with the same seeds, to find out what kind it is.",
    )
    flaky: Literal["fail", "pass"] = Field(
        default="fail", description="Whether a unit that failed and then passed with the same seeds fails the run."
    )
    keep: Literal["none", "failed"] = Field(
        default="none", description="Whether what a failing unit left in its TMPDIR is kept, in the run's folder."
    )
    python: Program = Field(
        default=None,
        description="The project's Python, `{python}`, where it has neither a `.venv` nor an active environment: a "
        "program, or a path relative to the suite. Default: the Python that runs Longpole.",
        examples=["python3.12"],
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
        "80 % of the machine's memory. Default: no limit.",
        examples=["auto", "24 GiB"],
    )


class PlatformSpec(Strict):
    """What is done on one platform."""

    default: Literal["checked", "build"] = Field(
        default="build",
        description="What Nix's default package does there: `checked` builds and tests, `build` only builds.",
    )
    nightly: bool = Field(
        default=False, description="Whether the tests run there every night and not for every change."
    )
    benchmarks: bool = Field(default=False, description="Whether CI measures the project's benchmarks there.")
    shards: int = Field(default=1, ge=1, le=256, description="Parts that CI splits the tests into, one machine each.")


_CWD = "The working directory of its units, inside the suite's folder. Placeholders: variant, target_dir, module. "


class StepSpec(Strict):
    """Something that is built once, before the variants and modules that need it."""

    build: StepBuild = Field(
        description="The command that makes the output. Placeholders: make, python, longpole_python, clients, step, "
        "output.",
        examples=[["{make}", "-C", "third_party/libtommath"]],
    )
    output: str = Field(
        json_schema_extra={"pattern": _PATH},
        description="The file or directory that it makes, relative; `make clean` removes it. Placeholder: step.",
        examples=["build/{step}"],
    )
    need: Names = Field(default=None, description="The steps that are built before it. Default: none.")
    env: Env = Field(default_factory=dict, description="Environment variables of its build; no placeholders.")


class VariantSpec(Strict):
    """One way of building the program under test. In `defaults`: the keys of every variant that does not set them."""

    target_dir: Annotated[str | None, GIVEN] = Field(
        default=None,
        json_schema_extra={"pattern": _PATH},
        description="The variant's own directory, relative, may use {variant}. Default: `target-{variant}`.",
        examples=["target-{variant}"],
    )
    artifact: Annotated[str | None, GIVEN] = Field(
        default=None,
        json_schema_extra={"pattern": _PATH},
        description="The file that is tested, relative. Placeholders: variant, target_dir.",
        examples=["{target_dir}/rts-test.cwasm"],
    )
    build: Build = Field(
        default=None,
        description="The command that makes the artifact. Placeholders: make, python, longpole_python, clients, "
        "variant, target_dir, artifact, args.",
        examples=[["{make}", "-C", "rts", "VARIANT={variant}"], {"shell": "./configure && {make}"}],
    )
    need: Names = Field(
        default=None,
        description="The steps that are built before it, and before its units run. Default: none.",
        examples=[["libtommath"]],
    )
    run: Run = Field(
        default=None,
        description="The command that is one unit. Every variant needs one for modules without a `run` of their own. "
        "Placeholders: make, python, longpole_python, clients, variant, target_dir, artifact, module, chunk, "
        "first_seed, seed_count, seeds (one word, separated by commas; empty without seeds), args.",
        examples=[
            ["{artifact}", "{module}", "{first_seed}", "{seed_count}"],
            {"wasm": "{artifact}", "call": "test_{module}", "args": ["{first_seed}", "{seed_count}"]},
        ],
    )
    select: Select = Field(
        default=None,
        description="The command that runs only some cases of a unit, when `make retest` runs those that failed. "
        "Placeholders: those of `run` but first_seed and seed_count; cases (a word each), cases_regex (one word).",
        examples=[["{target_dir}/tests", "--exact", "{cases}"]],
    )
    args: Args = Field(
        default=None,
        description="The words for which {args} stands in `run`; those of the module follow. Placeholders: variant, "
        "target_dir, module, chunk. Default: none.",
        examples=[["--heap=64M"]],
    )
    build_args: Args = Field(
        default=None,
        description="The words for which {args} stands in `build`. Placeholders: variant, target_dir. Default: none.",
        examples=[["SANITIZE=1"]],
    )
    warm: Annotated[bool | None, GIVEN] = Field(
        default=None,
        description="Whether each unit is called in a fork of a process that has loaded the module once, instead of "
        "executed. For units whose `run` is a wasm call. Default: true for those, false for all others.",
    )
    cwd: Cwd = Field(default=None, description=_CWD + "Default: the suite's folder.", examples=["tests/{module}"])
    labels: Labels = Field(
        default=None,
        description="Labels of its units, which `FILTER='label:NAME'` selects. Default: none.",
        examples=[["slow"]],
    )
    skip_status: SkipStatus = Field(
        default=None,
        description="Exit status, or a list of them, with which a unit says that it was skipped: no failure, and the "
        "last line of its output is the reason. A module's own replaces it. Default: none.",
        examples=[77, [3, 77]],
    )
    env: Env = Field(
        default_factory=dict,
        description="Environment variables of the variant's build and units, as they are written; no placeholders. "
        "A variant's are added to those of `defaults`, and a module's to those of its variant; the last one wins.",
    )
    bin: Annotated[str | None, GIVEN] = Field(
        default=None,
        json_schema_extra={"pattern": _PATH},
        description="The folder of the programs that scenarios test: first on their PATH, and $BINARY_DIR. "
        "Placeholders: variant, target_dir.",
        examples=["{target_dir}/bin"],
    )
    gitconfig: GitConfig = Field(
        default=None,
        description="Text that is added to the `gitconfig` of `scenarios`.",
        examples=["[app]\n\tmode = 2\n"],
    )
    object_format: Annotated[Literal["sha1", "sha256"] | None, GIVEN] = Field(
        default=None, description="The object format of repositories in scenarios. Default: sha1."
    )


class ModuleSpec(Strict):
    """One named group of tests, run in every variant."""

    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {key: ["seeds"] for key in ("chunks", "seed_policy", "first_seed")},
            "dependentSchemas": {"forks": {"properties": dict.fromkeys(OF_OTHERS, False)}},
        }
    )

    weight: float = Field(
        default=1.0,
        gt=0,
        le=1e9,
        allow_inf_nan=False,
        description="Seconds that the module roughly takes in one variant; divided over its chunks or forks.",
        examples=[15],
    )
    run: Run = Field(
        default=None,
        description="The command that is one of its units. Default: that of the variant.",
        examples=[["./check.sh", "{module}"]],
    )
    select: Select = Field(
        default=None,
        description="The command that runs only some cases of a unit. Default: the variant's; none with an own `run`.",
    )
    forks: Annotated[ForksSpec | None, GIVEN] = Field(
        default=None, description="The processes that share its test classes, instead of `run`. Default: none."
    )
    results: Annotated[ResultsSpec | None, GIVEN] = Field(
        default=None,
        description="Where its units tell of the tests that they ran. Default: `{protocol: stdout}` with `forks`.",
    )
    cwd: Cwd = Field(default=None, description=_CWD + "Default: that of the variant.", examples=["tests/{module}"])
    seeds: Annotated[Annotated[int, Field(ge=1, le=MAX_SEED + 1)] | None, GIVEN] = Field(
        default=None, description="Number of seeds that the module is tested with. Without it the module takes no seed."
    )
    chunks: Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, GIVEN] = Field(
        default=None, description="Number of units that the seeds are split into, at most `seeds`. Default: not split."
    )
    seed_policy: Annotated[Literal["fixed", "commit"] | None, GIVEN] = Field(
        default=None,
        description="`fixed`: the seeds count up from `first_seed`. `commit`: each is derived from the commit and its "
        "index. Default: fixed.",
    )
    first_seed: Annotated[Annotated[int, Field(ge=0, le=MAX_SEED)] | None, GIVEN] = Field(
        default=None, description="The first of the fixed seeds. Default: 0."
    )
    timeout: Annotated[Seconds | None, GIVEN] = Field(
        default=None, description="Seconds that one of its units may take. Default: `limits.timeout`."
    )
    timeout_cpu: Annotated[Seconds | None, GIVEN] = Field(
        default=None,
        description="Seconds of CPU that all processes of one of its units may use together. "
        "Default: `limits.timeout_cpu`.",
        examples=[60],
    )
    retries: Annotated[Retries | None, GIVEN] = Field(
        default=None, description="How often one of its units is run again after a failure. Default: `limits.retries`."
    )
    leaks: Literal["fail", "warn", "allow"] = Field(
        default="fail",
        description="The outcome of a unit that passed but left processes running: `fail`: leaked, a failure; `warn`: "
        "passed with a note; `allow`: passed. The processes are ended in any case.",
    )
    skip_status: SkipStatus = Field(
        default=None,
        description="Exit status, or a list of them, with which one of its units says that it was skipped; `[]` for "
        "none. Default: that of the variant.",
        examples=[77],
    )
    slots: Annotated[Annotated[int, Field(ge=1, le=MAX_SLOTS)] | None, GIVEN] = Field(
        default=None,
        description="Slots that each of its units takes, where slots are limited. Default: 1; with `forks`, its "
        "`threads`.",
        examples=[2],
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
    labels: Labels = Field(
        default=None,
        description="Labels of its units, besides those of the variant; `FILTER='label:NAME'` selects them.",
        examples=[["slow", "net"]],
    )
    args: Args = Field(
        default=None, description="More words for which {args} stands in `run`, after those of the variant."
    )
    need: Names = Field(default=None, description="The steps that are built before its units run. Default: none.")
    only: Names = Field(default=None, description="The variants that the module is run in. Default: all.")
    except_: Names = Field(default=None, alias="except", description="Variants that the module is not run in.")
    env: Env = Field(default_factory=dict, description="Environment variables of the module's units; no placeholders.")


class SuiteSpec(Strict):
    """A test suite: the variants that the program is built in, and what tests it in each of them."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [key]} for key in ("modules", "scenarios")]})

    version: Literal[1] = Field(description="The version of this format.")
    name: Name = Field(description="The name of the suite.", examples=["rts"])
    limits: Annotated[LimitsSpec, NullIsEmpty()] = Field(default_factory=LimitsSpec, description="What a run may use.")
    platforms: Annotated[
        dict[
            Annotated[str, Field(pattern=_SYSTEM, max_length=MAX_NAME)],
            Annotated[PlatformSpec, NullIsEmpty()],
        ],
        NullIsEmpty(),
    ] = Field(default_factory=dict, description="The platforms, by Nix's names of systems.")
    defaults: Annotated[VariantSpec, NullIsEmpty()] = Field(
        default_factory=VariantSpec, description="Keys that every variant has unless it says otherwise."
    )
    steps: Annotated[dict[Name, StepSpec], NullIsEmpty()] = Field(
        default_factory=dict, description="What several variants or modules need, each built once, by name."
    )
    variants: Annotated[dict[Name, Annotated[VariantSpec, NullIsEmpty()]], Field(min_length=1)] = Field(
        description="The ways of building the program under test, by name."
    )
    modules: Annotated[dict[Name, Annotated[ModuleSpec, NullIsEmpty()]], Field(min_length=1)] = Field(
        default_factory=dict, description="The groups of tests, by name. A suite has these, `scenarios`, or both."
    )
    scenarios: Annotated[ScenariosSpec | None, NullIsEmpty()] = Field(
        default=None, description="Scenarios: YAML files that test a command line, each a unit in each variant."
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


if __name__ == "__main__":
    print(json_schema(), end="")
