"""The shape of `scenarios` in `suite.yaml`.

Importing this file imports pydantic, like `schema`.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from longpole.gen.suite.command_shapes import Strict
from longpole.gen.suite.values import (
    GIVEN,
    MAX_NAME,
    MAX_SLOTS,
    MAX_WORD_BYTES,
    Env,
    EnvName,
    EnvValue,
    Labels,
    Locks,
    NullIsEmpty,
    Retries,
    Seconds,
    Text,
)

_PATH = r"^[A-Za-z0-9_.+@,][A-Za-z0-9_./+@,-]*$"
_INHERITED = r"^([A-Za-z_][A-Za-z0-9_]*)?\*?$"
_IN_TEXTS = r"^[A-Z0-9_]+$"
_OF_SANDBOX = ("WORK_DIR", "BASE_DIR")


def _variable(name: str) -> str:
    if not re.fullmatch(_IN_TEXTS, name):
        raise PydanticCustomError("not_in_texts", "not_in_texts")
    if name in _OF_SANDBOX:
        raise PydanticCustomError("of_sandbox", "of_sandbox")
    return name


def _inherited(name: str) -> str:
    if not name or not re.fullmatch(_INHERITED, name):
        raise PydanticCustomError("inherited", "inherited")
    return name


def _in_sandbox(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise PydanticCustomError("in_sandbox", "in_sandbox")
    return path


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise PydanticCustomError("pattern", "{why}", {"why": str(error)}) from None
    return text


Variable = Annotated[EnvName, AfterValidator(_variable), Field(json_schema_extra={"pattern": _IN_TEXTS})]
"""A variable that texts of scenarios may use as `$NAME`."""
_FolderInSandbox = Annotated[Text, AfterValidator(_in_sandbox), Field(max_length=200)]
GitConfig = Annotated[Annotated[str, Field(max_length=MAX_WORD_BYTES)] | None, GIVEN]


class IdentitySpec(Strict):
    """Who commits, in repositories of scenarios and in their commands."""

    name: Text = Field(description="The name.", examples=["Test User"])
    email: Text = Field(description="The address.", examples=["test@example.com"])


class IsolateSpec(Strict):
    """What no scenario shares with the machine, besides what its own `isolate` says."""

    tmp: Literal["private"] | None = Field(default=None, description="Each has folders /tmp and /var/tmp of its own.")
    network: Literal["none"] | None = Field(default=None, description="Each has no network but a loopback of its own.")


class RedactSpec(Strict):
    """Text that differs from run to run."""

    match: Annotated[Text, AfterValidator(_pattern)] = Field(
        description="A regular expression of Python; `^` and `$` match at lines.", examples=["[0-9a-f]{40}"]
    )
    as_: Annotated[str, Field(max_length=1000)] = Field(alias="as", description="What is written instead.")


class ScenariosSpec(Strict):
    """The scenarios of the suite: each file, in each variant, is a unit."""

    path: Annotated[Text, Field(json_schema_extra={"pattern": _PATH})] = Field(
        default="scenarios", description="The folder of scenarios, relative to the suite."
    )
    fixtures: Annotated[Annotated[Text, Field(json_schema_extra={"pattern": _PATH})] | None, GIVEN] = Field(
        default=None, description="The folder of fixtures. Default: `fixtures` in the folder of scenarios."
    )
    strict: bool = Field(default=False, description="Whether extensions of the base format are refused.")
    weight: float = Field(
        default=1.0, gt=0, le=1e9, allow_inf_nan=False, description="Seconds that a scenario roughly takes."
    )
    identity: Annotated[IdentitySpec | None, GIVEN] = Field(
        default=None, description="Who commits. Default: Test User <test@example.com>."
    )
    gitconfig: GitConfig = Field(
        default=None,
        description="The text of git's global configuration, instead of the user's; a variant's is added to it.",
        examples=["[init]\n\tdefaultBranch = main\n"],
    )
    env: Env = Field(
        default_factory=dict,
        description="Environment variables of commands, which variants and scenarios may replace. Values may use the "
        "variables of texts, such as $WORK_DIR; so may those of `safety_env`, `names` and the `env` of variants.",
    )
    safety_env: Env = Field(
        default_factory=dict, description="Environment variables of commands, which no scenario replaces."
    )
    inherit: list[Annotated[str, AfterValidator(_inherited), Field(max_length=MAX_NAME)]] = Field(
        default_factory=list,
        description="Names of the caller's environment variables that commands see, besides PATH, HOME and the like; "
        "`*` at the end stands for anything.",
        examples=[["CARGO_HOME", "NIX_*"]],
    )
    home: Literal["user", "sandbox"] = Field(
        default="user", description="Whether HOME is the user's, or an empty folder in each sandbox."
    )
    isolate: Annotated[IsolateSpec | None, GIVEN] = Field(
        default=None,
        description="What no scenario shares with the machine. Where the system does not allow it, all are skipped.",
        examples=[{"tmp": "private"}],
    )
    names: Annotated[dict[Variable, EnvValue], NullIsEmpty()] = Field(
        default_factory=dict, description="Variables that texts may use as $NAME, and commands see."
    )
    folders: Annotated[dict[Variable, _FolderInSandbox], NullIsEmpty()] = Field(
        default_factory=dict,
        description="Folders that are made in each sandbox, by the variables that hold their paths.",
        examples=[{"APP_CONFIG_DIR": "config"}],
    )
    short_folders: list[Variable] = Field(
        default_factory=list,
        description="Variables that hold the path of an empty folder each, short enough for a Unix socket in it.",
        examples=[["APP_RUNTIME_DIR"]],
    )
    guard: list[Text] = Field(
        default_factory=list,
        description="Folders and files of the user that no scenario may change; `~` is the home directory.",
        examples=[["~/.config/app"]],
    )
    redact: list[RedactSpec] = Field(
        default_factory=list, description="What golden files have in the place of text that differs from run to run."
    )
    timeout: Annotated[Seconds | None, GIVEN] = Field(
        default=None, description="Seconds that a scenario may take. Default: `limits.timeout`."
    )
    step_timeout: Annotated[Seconds | None, GIVEN] = Field(
        default=None, description="Seconds that a step may take. Default: no limit but that of the scenario."
    )
    retries: Annotated[Retries | None, GIVEN] = Field(
        default=None, description="How often a scenario is run again after a failure. Default: `limits.retries`."
    )
    slots: Annotated[int, Field(ge=1, le=MAX_SLOTS)] = Field(
        default=1, description="Slots that a scenario takes, where slots are limited."
    )
    locks: Locks = Field(default_factory=list, description="Locks that each scenario holds while it runs.")
    labels: Labels = Field(default=None, description="Labels of all scenarios, besides their tags.")
