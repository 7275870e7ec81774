"""The variants of a CMake project: its configure presets, else build types."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.errors import Problem, UseError

PRESETS = "CMakePresets.json"
_OF_USER = "CMakeUserPresets.json"
_LISTED = re.compile(r'^  "(.+?)"(?: +- .*)?$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Variant:
    """A way of configuring the project: its name, and CMake's arguments."""

    name: str
    arguments: tuple[str, ...]


DEBUG = Variant("debug", ("-DCMAKE_BUILD_TYPE=Debug",))


def read_variants(root: Path) -> tuple[list[Variant], list[Problem]]:
    """The variants, and what presets say that they have not. Raises `UseError`.

    CMake lists the presets that are not hidden, and whose condition holds here. Those of the user alone are left out.
    """
    if not (root / PRESETS).is_file():
        return [DEBUG], []
    listed = _LISTED.findall(output_of(root, "cmake", "--list-presets=configure", remedy=f"mend {PRESETS}"))
    of_user = {name for name in _names(_json(root / _OF_USER), "configurePresets")}
    names = [name for name in listed if name not in of_user]
    problems = [
        Problem(PRESETS, None, None, f"the test preset {name} is not mapped", "put what it sets into suite.yaml")
        for name in _names(_json(root / PRESETS), "testPresets")
    ]
    variants: list[Variant] = []
    for name in names:
        variants.append(Variant(name_for(name, [each.name for each in variants]), ("--preset", name)))
    return variants or [DEBUG], problems


def _json(path: Path) -> dict[str, Any]:
    """What is in the file; nothing where there is none. Raises `UseError`."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise UseError.at(path.name, "cannot be read as JSON", "mend it") from None
    return read if isinstance(read, dict) else {}


def _names(presets: dict[str, Any], kind: str) -> Iterator[str]:
    """The names of those that say more than which configuration they belong to."""
    for each in presets.get(kind, ()):
        said = set(each) - {"name", "displayName", "description", "configurePreset", "output", "execution"}
        if not each.get("hidden") and (kind == "configurePresets" or said):
            yield each["name"]
