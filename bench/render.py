"""`render`: from a suite to a Makefile, the order in force, and make's reading, for a thousand to 100,000 units."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import budgets
from bench.budgets import Budget
from bench.measure import Conditions, Contender, Measured, interleaved, wall_s
from bench.project import Project, longpole, make_project
from bench.result import Figure, Result
from longpole.rts_tests.contracts.plan import read_plan
from longpole.rts_tests.supervise.submake import units_makefile

VARIANTS = 4
MODULES = 25


def measure(conditions: Conditions) -> Result:
    """Measure every size and return what was found. Raises `CannotMeasure`."""
    scratch, quick, say = conditions.scratch, conditions.quick, conditions.say
    figures: list[Figure] = []
    for units in (1000, 10_000) if quick else (1000, 10_000, budgets.LARGE):
        project = make_project(scratch, f"of-{units}", _suite(units))
        contenders = list(_contenders(project))
        # The history knows every unit's last ten durations, as that of a project in use does.
        learnt = make_project(scratch, f"learnt-{units}", _suite(units))
        _in_child(partial(_learn, learnt.folder / ".longpole", units))
        contenders.append(learnt.contender("list, learnt", *longpole("list")))
        say(f"{units:,} units")
        measured = interleaved(contenders, conditions.rounds, scratch, say)
        figures += _figures(f"{units:,}", measured, budgeted=units == budgets.LARGE)
    notes = () if not quick else (f"budgets are for {budgets.LARGE:,} units, which --quick leaves out",)
    return Result("render", (), tuple(figures), (), notes)


def _suite(units: int) -> str:
    chunks = units // (VARIANTS * MODULES)
    names = ", ".join(f"v{index}: {{}}" for index in range(VARIANTS))
    lines = ["version: 1", "name: many", 'defaults: {run: [/bin/true, "{module}", "{first_seed}", "{seed_count}"]}']
    lines += [f"variants: {{{names}}}", "modules:"]
    lines += [f"  m{index}: {{weight: {index + 1}, seeds: {chunks}, chunks: {chunks}}}" for index in range(MODULES)]
    return "\n".join(lines) + "\n"


def _contenders(project: Project) -> Iterator[Contender]:
    yield _render_afresh(project)
    yield project.contender("unchanged", *longpole("render"))
    yield project.contender("make help", "make", "help")
    inside = {"LONGPOLE_REQUEST": os.devnull, "LONGPOLE_REPLY": os.devnull}
    yield project.contender("builds", "make", "--no-print-directory", "build", **inside)
    units = project.folder.parent / f"{project.folder.name}.mk"
    units.write_text(units_makefile(read_plan(project.folder / ".longpole" / "plan.json").units))
    # Every unit considered, and its recipe printed instead of executed.
    yield project.contender("units", "make", "--no-print-directory", "-nf", str(units), "run-units", **inside)


def _render_afresh(project: Project) -> Contender:
    """Render where nothing has been rendered."""

    def clean() -> None:
        state = project.folder / ".longpole"
        for path in (project.folder / "Makefile", state / "plan.json", state / "rendered"):
            path.unlink(missing_ok=True)

    return replace(project.contender("render", *longpole("render")), before=clean)


def _figures(size: str, measured: dict[str, Measured], *, budgeted: bool) -> list[Figure]:
    def figure(what: str, name: str, budget: Budget | None, *, always: bool = False) -> Figure:
        return Figure(what, measured[name].values(wall_s), "s", budget if budgeted or always else None)

    def peak(what: str, name: str) -> Figure:
        megabytes = measured[name].peak_rss_bytes / 1e6
        return Figure(f"{what}, peak memory", (megabytes,), "MB", budgets.RENDER_MB if budgeted else None)

    rendered, learnt, decided = f"render {size} units", f"list {size} units, history known", f"make, {size} units"
    return [
        figure(rendered, "render", budgets.RENDER_S),
        peak(rendered, "render"),
        figure(learnt, "list, learnt", None),
        figure(f"{rendered}, nothing changed", "unchanged", budgets.UNCHANGED_S, always=True),
        figure(f"{decided}: `make help`", "make help", budgets.DECIDE_S),
        figure(f"{decided}: inside a run, builds, of which there is none", "builds", budgets.DECIDE_S),
        figure(f"{decided}: inside a run, `-n` of all units", "units", None),
    ]


def _learn(state: Path, units: int) -> None:
    from longpole.rts_tests.contracts.history import merge_history

    chunks = units // (VARIANTS * MODULES)
    ids = [
        f"v{variant}/m{module}[{chunk}]"
        for variant in range(VARIANTS)
        for module in range(MODULES)
        for chunk in range(chunks)
    ]
    outcomes = ((name, "passed", 0.1 + index % 97 / 100) for _ in range(10) for index, name in enumerate(ids))
    merge_history(state, outcomes)


def _in_child(work: Callable[[], None]) -> None:
    """Do `work` in a forked child: what this process holds counts as peak memory of everything it starts."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert status == 0
