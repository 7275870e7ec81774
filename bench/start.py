"""What a command costs before and beside its units: until the first unit, for a single one, and with nothing to do.

The time of the first unit is written by the unit itself, by `date`, so that the start of a shell and of `date` is in
it: 2 ms or so. It is compared with the clock just before make is started. All of it is in projects of 1,000 units that
have been run before.
"""

from dataclasses import replace
from pathlib import Path

from bench import budgets
from bench.longpoles import Longpole
from bench.measure import Contender, Measured, differences, jobs, wall_s
from bench.project import Project, longpole, make_project, many_units
from bench.result import Figure

TRUE = '[/bin/true, "{chunk}"]'
_FIRST, _SINGLE, _RETEST = "to the first unit", "a single unit", "nothing to run again"
_LIST, _VERSION, _PYTHON = "list", "version", "bare Python"


def start_contenders(side: Longpole, scratch: Path, units: int) -> list[Contender]:
    """What is measured of one Longpole. Raises `CannotMeasure`."""
    folder = scratch / f"start-{side.folder}"
    folder.mkdir()
    began = folder / "began"
    write_time = f'[/bin/sh, -c, \'test -e "{began}" || date +%s%N > "{began}"\']'
    first = make_project(folder, "first", many_units(units, write_time), python=side.python)
    single = make_project(folder, "single", many_units(units, TRUE), python=side.python)
    # `retest` asks about the last run, which is to be one of all units.
    whole = make_project(folder, "whole", many_units(units, TRUE), python=side.python)
    whole.do("make", f"-j{jobs()}", "test")
    return [
        replace(_make(first, _named(side, _FIRST), "test"), until=began),
        _make(single, _named(side, _SINGLE), "test-v-m-0"),
        _make(whole, _named(side, _RETEST), "retest"),
        whole.contender(_named(side, _LIST), *longpole("list", python=side.python)),
        whole.contender(_named(side, _VERSION), *longpole("--version", python=side.python)),
        whole.contender(_named(side, _PYTHON), side.python, "-c", "pass"),
    ]


def _make(project: Project, name: str, goal: str) -> Contender:
    return project.contender(name, "make", f"-j{jobs()}", goal)


def _named(side: Longpole, what: str) -> str:
    return f"{side.name}: {what}"


def start_figures(side: Longpole, measured: dict[str, Measured], units: int) -> list[Figure]:
    """The figures of one Longpole."""

    def over_python(what: str) -> tuple[float, ...]:
        return differences(measured[_named(side, what)], measured[_named(side, _PYTHON)], wall_s)

    planned = f"{units:,} units planned"
    first, single = (measured[_named(side, what)].values(wall_s) for what in (_FIRST, _SINGLE))
    return [
        Figure(f"from `make test` to the first unit, {planned}", first, "s", budgets.FIRST_UNIT_S),
        Figure(f"a single unit, whole command, {planned}", single, "s", budgets.SINGLE_UNIT_S),
        Figure("`longpole --version` over bare Python", over_python(_VERSION), "s", budgets.OVER_PYTHON_S),
        Figure(f"`longpole list` over bare Python, {planned}", over_python(_LIST), "s", budgets.OVER_PYTHON_S),
        Figure(
            f"`make retest` with nothing to run, over bare Python, {planned}",
            over_python(_RETEST),
            "s",
            budgets.OVER_PYTHON_S,
        ),
    ]
