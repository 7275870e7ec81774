"""What units of scenarios are told besides their file: the settings of each variant, as a file of JSON.

`longpole render` writes it beside the plan. Paths in it are relative to the suite's folder, in which units run.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json, read_regular
from longpole.rts_tests.scenario.model import Settings

VERSION = 1
CACHE = "scenarios.cache"
"""The name of the file of parsed scenarios beside it."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of each variant; `cache` is the path of the parsed scenarios.

    With `keep` each unit makes its sandbox in a folder of its own in this folder, and does not remove it.
    """

    variants: Mapping[str, Settings] = field(default_factory=dict)
    cache: str | None = None
    keep: str | None = None
    update: bool = False
    """Whether golden files that differ are written."""
    timed: bool = True
    """Whether the text of a step says how long it took."""
    keeps_failed: bool = False
    """Whether the sandbox of a scenario that failed stays in the unit's TMPDIR, from where the run keeps it."""


def to_text(config: Config) -> str:
    """The text of the file."""
    variants = {name: asdict(settings) for name, settings in config.variants.items()}
    data = {
        "version": VERSION,
        "cache": config.cache,
        "keep": config.keep,
        "update": config.update,
        "timed": config.timed,
        "keeps_failed": config.keeps_failed,
        "variants": variants,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_config(path: str) -> Config:
    """The file at `path`, with absolute paths in its settings. Raises `UseError`."""
    try:
        data = parse_json(read_regular(path))
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']}, not {VERSION}")
        variants = {name: absolute(Settings(**_with_tuples(row))) for name, row in data["variants"].items()}
        return Config(
            variants,
            data["cache"],
            data.get("keep"),
            data.get("update", False) is True,
            data.get("timed", True) is not False,
            data.get("keeps_failed", False) is True,
        )
    except FileNotFoundError:
        what = "no settings of scenarios here"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"not the settings of scenarios of this version ({error})"
    raise UseError.at(path, what, "run `longpole render`")


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in row.items()}


def _tuple(value: object) -> object:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value


def absolute(settings: Settings) -> Settings:
    """The settings with absolute paths, those that are relative to the current folder."""
    root = os.path.abspath(settings.root)
    folder = None if settings.bin is None else os.path.join(root, settings.bin)
    return replace(settings, root=root, fixtures=os.path.join(root, settings.fixtures), bin=folder)
