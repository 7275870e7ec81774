"""The shape of commands in `suite.yaml`: lists of words, texts for the shell, and wasm calls.

Importing this file imports pydantic, like `schema`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from longpole.gen.suite.values import GIVEN, Argument, Text, Word

SHELL = "<shell>"
ARGV = "<argv>"
WASM = "<wasm>"


def _build_kind(value: object) -> str | None:
    if isinstance(value, dict):
        return SHELL if "wasm" not in value else None
    return ARGV if isinstance(value, list) else None


def _run_kind(value: object) -> str | None:
    if isinstance(value, dict) and "shell" not in value and not value.keys().isdisjoint(("wasm", "call", "args")):
        return WASM
    return SHELL if isinstance(value, dict) else ARGV if isinstance(value, list) else None


class Strict(BaseModel):
    """A mapping of known keys only, whose values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ShellSpec(Strict):
    """A command for the shell, run as `sh -c`. Values of placeholders are quoted for it."""

    shell: Text = Field(
        description="The text that `sh -c` executes. Write `{{` and `}}` for braces of the shell's own.",
        examples=["./configure && {make}", "./run {module} | grep -c ok"],
    )


class WasmSpec(Strict):
    """A call of one exported function of a WebAssembly module. Its units are warm unless the variant says otherwise."""

    wasm: Text = Field(
        description="The module, compiled by `longpole precompile`. Placeholders: variant, target_dir, artifact, "
        "module.",
        examples=["{artifact}"],
    )
    call: Text = Field(
        description="The function that is called. Placeholders: variant, module.", examples=["test_{module}"]
    )
    args: list[Argument] = Field(
        default_factory=list,
        description="The integers that it takes. Placeholders: first_seed, seed_count. Default: none.",
        examples=[["{first_seed}", "{seed_count}"]],
    )


_Argv = Annotated[Annotated[list[Word], Field(min_length=1)], Tag(ARGV)]
_Shell = Annotated[ShellSpec, Tag(SHELL)]
_Wasm = Annotated[WasmSpec, Tag(WASM)]
Cwd = Annotated[Text | None, GIVEN]
Args = Annotated[list[Word] | None, GIVEN]
ForkCommand = Annotated[_Argv | _Shell, Discriminator(_build_kind)]
"""A command of `forks`: words, or a text for the shell."""
StepBuild = Annotated[_Argv | _Shell, Discriminator(_build_kind)]
Build = Annotated[StepBuild | None, GIVEN]
Select = Build
Run = Annotated[Annotated[_Argv | _Shell | _Wasm, Discriminator(_run_kind)] | None, GIVEN]
