"""Projects whose suites have scenarios, for tests that run them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.project import Project


def with_scenarios(
    project: Project,
    files: Mapping[str, str],
    *,
    variants: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    **section: Any,
) -> Project:
    """Write these files of `scenarios/` and a suite that has them; `section` is about all of them. Render it."""
    for name, text in files.items():
        path = project.root / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    suite = {
        "version": 1,
        "name": "tiny",
        "limits": {"grace": 0.3, **(limits or {})},
        "variants": variants or {"v": {}},
        "scenarios": section,
    }
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    project.render()
    return project


def cases(record: Mapping[str, Any]) -> dict[str, str]:
    """The status of each case of a record, by its name."""
    return {row[1]: row[2] for row in record["cases"]}


def outside(project: Project, name: str) -> Path:
    """A path that scenarios may write to, and that no run removes."""
    return project.root.parent / name
