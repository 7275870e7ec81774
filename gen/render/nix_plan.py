"""`nix/plan.json`: what the flake needs to know about a suite, because Nix reads JSON but not YAML.

It holds only what does not change from run to run, so that it can be committed: the number of units, but neither
history nor weights. Build commands are whole shell lines, quoted here and nowhere else; Nix copies them unchanged into
a build phase.
"""

import json
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from longpole.gen.suite.model import Command, Step, Suite, Variant
from longpole.rts_tests.contracts.files import read_regular
from longpole.rts_tests.contracts.placeholders import Literal, parse

VERSION = 1
PATH = "nix/plan.json"
MARK = "longpole render --nix"
"""The command named in the file; Longpole does not overwrite a file that does not name it."""
_SUITE_OF_PATH = "suite.yaml"

_SHELL_VARIABLES = {
    "make": "make",
    "python": '"$PYTHON"',
    "longpole_python": '"$PYTHON"',
    "clients": '"$LONGPOLE_CLIENTS"',
}


def build_line(command: Command, values: dict[str, str]) -> str:
    """A build command as one command of bash, with programs and `{clients}` left to the builder's environment."""
    if command.shell:
        text = "".join(
            part.text
            if isinstance(part, Literal)
            else _SHELL_VARIABLES.get(part.name) or shlex.quote(values[part.name])
            for part in parse(command.argv[-1])
        )
        return shlex.join([*command.argv[:-1], text])
    return " ".join(_word(word, values) for word in command.argv)


def _word(word: str, values: dict[str, str]) -> str:
    pieces = []
    text = ""
    for part in parse(word):
        if isinstance(part, Literal):
            text += part.text
        elif part.name in _SHELL_VARIABLES:
            pieces += [shlex.quote(text)] * bool(text) + [_SHELL_VARIABLES[part.name]]
            text = ""
        else:
            text += values[part.name]
    pieces += [shlex.quote(text)] * bool(text)
    return "".join(pieces) or "''"


def _with_env(command: Command, values: dict[str, str], env: Iterable[tuple[str, str]]) -> str:
    """The build line with the suite's variables of the environment before it."""
    return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in env), build_line(command, values)])


def _step(step: Step) -> dict[str, Any]:
    values = {"step": step.name, "output": step.output}
    return {"name": step.name, "output": step.output, "build": _with_env(step.build, values, step.env)}


def _variant(variant: Variant) -> dict[str, Any]:
    values = {"variant": variant.name, "target_dir": variant.target_dir, "artifact": variant.artifact or ""}
    return {
        "name": variant.name,
        "target_dir": variant.target_dir,
        "artifact": variant.artifact,
        "build": _with_env(variant.build, values, variant.env) if variant.build else None,
    }


def plan_path(suite_file: str) -> Path:
    """Return the path of a suite's plan: `nix/plan.json` for `suite.yaml`, `nix/a-b.plan.json` for `a/b.yaml`.

    A `nix/plan.json` that was rendered from this suite keeps its place. `nix/mkSuite.nix` has the same rule.
    """
    try:
        rendered_from = json.loads(read_regular(Path(PATH)))["suite_file"]
    except (OSError, ValueError, KeyError, TypeError):
        rendered_from = _SUITE_OF_PATH
    if suite_file in (rendered_from, _SUITE_OF_PATH):
        return Path(PATH)
    return Path("nix", re.sub(r"\.[^./]*$", "", suite_file).replace("/", "-") + ".plan.json")


def nix_plan(suite: Suite) -> str:
    """The text of `nix/plan.json`."""
    plan = {
        "version": VERSION,
        "rendered": f"{MARK}, from {suite.path}; do not edit",
        "suite": suite.name,
        "suite_file": suite.path,
        "jobs": suite.limits.jobs,
        "units": sum(len(module.variants) * module.unit_count for module in suite.modules),
        "systems": {
            platform.name: {
                "default": "checked" if platform.checked else "build",
                "nightly": platform.nightly,
                "shards": platform.shards,
            }
            for platform in suite.platforms
        },
        **({"steps": [_step(step) for step in suite.steps]} if suite.steps else {}),
        "variants": [_variant(variant) for variant in suite.variants],
    }
    return json.dumps(plan, indent=2, ensure_ascii=False) + "\n"
