"""A temporary project: a folder with a suite, rendered by this checkout's Longpole."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Contender, environment, once

CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder and the environment in which its commands run."""

    folder: Path
    environ: dict[str, str]

    def contender(self, name: str, *argv: str, **more: str) -> Contender:
        """A command in this project; `more` is added to its environment."""
        return Contender(name, argv, self.folder, {**self.environ, **more})

    def do(self, *argv: str) -> None:
        """Run a command that is not measured; raises `CannotMeasure` when it fails."""
        once(self.contender(" ".join(argv[:4]), *argv), self.folder.parent / "output.txt")


def longpole(*arguments: str, python: str = sys.executable) -> tuple[str, ...]:
    """The command line of this checkout's Longpole, or of the one that `python` has installed."""
    return (python, "-m", "longpole", *arguments)


def make_project(scratch: Path, name: str, suite: str, *, python: str = sys.executable) -> Project:
    """Write the suite into a new folder `name` of `scratch`, and render it; by another checkout's Longpole if told."""
    folder = scratch / name
    folder.mkdir()
    (folder / "suite.yaml").write_text(suite)
    project = Project(folder, environment(scratch))
    project.do(*longpole("render", python=python))
    return project


def many_units(units: int, run: str, *, warm: bool = False, artifact: str | None = None) -> str:
    """A suite of `units` equal units in one module, each of which runs `run`, a command in YAML."""
    lines = ["version: 1", "name: many", "defaults:", f"  run: {run}"]
    if artifact is not None:
        lines.append(f"  artifact: {artifact}")
    lines.append(f"  warm: {str(warm).lower()}")
    lines += ["variants: {v: {}}", "modules:", f"  m: {{seeds: {units}, chunks: {units}}}"]
    return "\n".join(lines) + "\n"
