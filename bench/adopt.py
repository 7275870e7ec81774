"""`adopt`: `make test` of the suite that `longpole init` wrote, beside the project's own runner at as many jobs.

Everything is built before. The run without history is what a newcomer sees first, the run with history every later one.
Longpole knows no durations when it writes the suite: it works on a copy that the project's own runner has never seen.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import adopt_projects, budgets
from bench.adopt_runners import RUNNERS
from bench.measure import CannotMeasure, Conditions, Contender, Measured, environment, interleaved, jobs, once, wall_s
from bench.project import Project, longpole
from bench.result import Comparison, Figure, Result
from bench.tools import find
from longpole.adapter_names import NAMES
from longpole.gen.adapters.registry import found_in

FIRST = "Longpole, no history"
LATER = "Longpole"
SHORT_S = 20.0
"""Below that, a difference in seconds is what counts, above it the ratio."""
_STATE = ".longpole-first"
"""The state of runs without history."""
_RENDERED = ".longpole-rendered"
"""What it is before a run: as `longpole render` leaves it, so that make does not render again."""
_MAKEFILE = "longpole.mk"
_NOT_COPIED = shutil.ignore_patterns(".longpole*", "target-*", ".venv", ".git")


@dataclass(frozen=True, slots=True)
class Subject:
    """A project to measure; `write` makes it in a new folder."""

    title: str
    runner: str
    write: Callable[[Path], object]


def subjects(conditions: Conditions) -> Iterator[Subject]:
    """The folders that the user gave, else the projects that this benchmark writes itself."""
    for folder in conditions.folders:
        found = found_in(folder)
        if not found:
            raise CannotMeasure(f"{folder}: no tests of a kind that is known")
        for each in found:
            yield Subject(f"{folder.resolve().name}, {each.adapter.name}", each.adapter.name, partial(_copy, folder))
    if conditions.folders:
        return
    scale = adopt_projects.QUICK_SCALE if conditions.quick else 1.0
    for runner in (name for name in NAMES if name in RUNNERS):
        for title, tests in (("tiny tests", adopt_projects.TINY), ("a long test", adopt_projects.LONG)):
            scaled = [max(1, round(ms * scale)) for ms in tests]
            write = partial(adopt_projects.write_project, runner=runner, tests=scaled)
            yield Subject(f"{runner}, {title}", runner, write)


def _copy(folder: Path, copy: Path) -> None:
    """What makes a project: without builds of Longpole's, and without a suite that is there already."""
    shutil.copytree(folder, copy, symlinks=True, ignore=_NOT_COPIED, dirs_exist_ok=True)
    (copy / "suite.yaml").unlink(missing_ok=True)
    (copy / _MAKEFILE).unlink(missing_ok=True)
    if (folder / ".venv").exists():
        (copy / ".venv").symlink_to((folder / ".venv").resolve())


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    comparisons, figures, left_out, notes = [], [], [], []
    for number, subject in enumerate(subjects(conditions)):
        runner = RUNNERS.get(subject.runner)
        if runner is None or not _works(runner.tool):
            why = (
                "a runner that is compared is missing"
                if runner is None
                else f"{runner.tool} is missing or does not work"
            )
            left_out.append(f"{subject.title}: {why}")
            continue
        scratch = conditions.scratch / f"project{number}"
        scratch.mkdir()
        contenders, missing, verified = _prepared(scratch, subject)
        left_out += [line for line in missing if line not in left_out]
        measured = interleaved(contenders, conditions.rounds, scratch, conditions.say)
        tests = int(verified.split(": ")[1].split(" ")[0])
        comparisons.append(Comparison(f"{subject.title}, {tests} tests, -j{jobs()}", tests, LATER, measured, {}, {}))
        figures += _figures(subject.title, measured, conditions.quick)
        notes.append(f"{subject.title}: {verified}")
    return Result("adopt", tuple(comparisons), tuple(figures), tuple(left_out), tuple(notes))


def _works(tool: str) -> bool:
    """Whether a tool is there and starts; rustup's `cargo` needs a toolchain, which is in the HOME of its user."""
    path = find(tool)
    argument = "version" if tool == "go" else "--version"
    return path is not None and subprocess.run([path, argument], capture_output=True, check=False).returncode == 0


def _prepared(scratch: Path, subject: Subject) -> tuple[list[Contender], tuple[str, ...], str]:
    """All contenders, each built and run once; what is left out; what `longpole init --verify` says."""
    own, adopted = (Project(scratch / name / "adopt", _environ(scratch)) for name in ("own", "adopted"))
    for project in (own, adopted):
        project.folder.parent.mkdir()
        project.folder.mkdir()
        subject.write(project.folder)
    commands = RUNNERS[subject.runner].commands(own.folder)
    for argv in commands.build:
        own.do(*argv)
    contenders = [own.contender(name, *argv) for name, argv in commands.runners.items()]
    adopted.do(*longpole("init", "--from", subject.runner))
    adopted.do(*longpole("render", "-o", _MAKEFILE))
    shutil.copytree(adopted.folder / ".longpole", adopted.folder / _RENDERED)
    make = ("make", "-f", _MAKEFILE, f"-j{jobs()}", "test")
    adopted.do(*make)
    verify = adopted.contender("longpole init --verify", *longpole("init", "--from", subject.runner, "--verify"))
    once(verify, scratch / "verified.txt")
    verdict = [line for line in (scratch / "verified.txt").read_text().splitlines() if "each run once" in line]
    if not verdict:
        raise CannotMeasure(f"{subject.title}: `longpole init --verify` did not compare the tests")
    first = Contender(
        FIRST,
        make,
        adopted.folder,
        {**adopted.environ, "LONGPOLE_STATE": _STATE},
        before=partial(_forget, adopted.folder),
    )
    return [*contenders, first, adopted.contender(LATER, *make)], commands.left_out, verdict[0]


def _forget(folder: Path) -> None:
    shutil.rmtree(folder / _STATE, ignore_errors=True)
    shutil.copytree(folder / _RENDERED, folder / _STATE)


def _environ(scratch: Path) -> dict[str, str]:
    """The environment of all commands; this interpreter is the project's Python where it has none of its own.

    Tools beside it are found, too, as in `find`.
    """
    found = environment(scratch)
    return {**found, "VIRTUAL_ENV": sys.prefix, "PATH": f"{found['PATH']}:{Path(sys.executable).parent}"}


def _figures(title: str, measured: dict[str, Measured], quick: bool) -> list[Figure]:
    """How Longpole compares with the best other runner of the same round."""
    others = [each for name, each in measured.items() if name not in (FIRST, LATER)]
    best = min(others, key=lambda each: each.wall_s)
    figures = []
    for name in (FIRST, LATER):
        pairs = list(zip(measured[name].values(wall_s), best.values(wall_s), strict=True))
        if best.wall_s > SHORT_S:
            ratios = tuple(ours / theirs for ours, theirs in pairs)
            figures.append(Figure(f"{title}: {name} over the best runner", ratios, "x", _kept(budgets.ADOPT, quick)))
        else:
            more = tuple(ours - theirs for ours, theirs in pairs)
            what = f"{title}: {name} more than the best runner"
            figures.append(Figure(what, more, "s", _kept(budgets.ADOPT_SHORT_S, quick)))
    return figures


def _kept(budget: budgets.Budget, quick: bool) -> budgets.Budget | None:
    return None if quick else budget
