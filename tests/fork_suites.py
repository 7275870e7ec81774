"""Suites with forks: one module, `m`, whose classes are files in the folder `classes`; and what its runs leave."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.project import REPOSITORY, Project

CLIENT = str(REPOSITORY / "tests" / "tiny_client.py")
LIST = [sys.executable, CLIENT, "list"]
RUN = [sys.executable, CLIENT, "run", "{classes_file}"]

Suite = Callable[..., Project]
"""Writes a suite and returns its project; see `write_forks`."""


def write_forks(
    project: Project,
    classes: Mapping[str, str],
    *,
    scripts: Mapping[str, str] | None = None,
    module: Mapping[str, Any] | None = None,
    variants: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    **forks: Any,
) -> Project:
    """Write a suite with one module, `m`, whose forks run these classes, and modules that run `scripts`."""
    folder = project.root / "classes"
    folder.mkdir(exist_ok=True)
    for name, text in classes.items():
        (folder / name).write_text(text)
    own = {"forks": {"list": LIST, "run": RUN, "max_forks": 2, **forks}, **(module or {})}
    return project.write(scripts or {}, modules={"m": own}, variants=variants, limits=limits)


def assignment(project: Project, variant: str = "v", run: Path | None = None) -> dict[str, Any]:
    """What the last run kept of its classes."""
    data: dict[str, Any] = json.loads(((run or project.last) / "forks" / variant / "m.json").read_text())
    assert data["version"] == 1
    return data


def shares(project: Project) -> list[list[str]]:
    """The names of the classes of each fork."""
    return [[name for name, _ in fork] for fork in assignment(project)["forks"]]


def results(project: Project) -> dict[str, str]:
    """Class to status, over all forks of the last run; no class may be in two."""
    rows = [row for record in project.records().values() for row in record.get("classes", ())]
    assert len({name for name, *_ in rows}) == len(rows)
    return {name: status for name, status, _ in rows}
