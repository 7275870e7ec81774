"""A run of scenarios that were chosen by name, `longpole scenario`: an ordinary run of a plan of its own.

Nothing has to be rendered for it: make schedules the units by the makefile that every run writes for itself. Only what
is built before them is in the rendered Makefile.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from longpole.rts_tests.contracts.commit import find_commit
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.last_render import MAKEFILE, makefile_in_force
from longpole.rts_tests.contracts.plan import Plan, Unit, write_plan
from longpole.rts_tests.contracts.records import write_run_info
from longpole.rts_tests.report.publish import Text
from longpole.rts_tests.run.prepare import builds_of, call_of, make_job, run_info
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.run import carry_out
from longpole.rts_tests.run.up_to_date import MAKE, makefile_up_to_date
from longpole.rts_tests.unit.environment import without_make
from longpole.rts_tests.view.choose import make_view
from longpole.rts_tests.view.scenario_lines import ScenarioLines


@dataclass(frozen=True, slots=True)
class Asked:
    """What is run and how it is told: `units` in plan order; `order` has their targets in the order of the output.

    `settings` are the files that units read, by name; they are written to the run's folder. `words` are those that the
    user typed, `text` makes the report.
    """

    units: Sequence[Unit]
    order: Sequence[str]
    settings: Mapping[str, str]
    words: tuple[str, ...]
    text: Text
    jobs: int
    again: Mapping[str, str]
    """The command that runs a unit again, by its target."""


def run_scenarios(plan: Plan, asked: Asked, request: Request) -> int:
    """Run the units and report; return the exit status of `longpole`. Raises `UseError` if nothing can be run."""
    environ = {
        **without_make(request.environ),
        "LONGPOLE_STATE": str(request.state),
        "MAKEFLAGS": f"-j{asked.jobs}",
    }
    request = replace(request, goals=("scenario", *asked.words), jobs=asked.jobs, environ=environ)
    makefile = _makefile(plan, asked.units, request)
    commit, now = find_commit(Path(), request.commit), datetime.now(UTC)
    planned = tuple((unit.id, unit.target, unit.estimate_s) for unit in asked.units)
    info = replace(run_info(plan, commit, request, now), planned=planned, call=call_of(request, makefile))

    def write(run: Path) -> None:
        write_plan(run / "plan.json", plan)
        write_run_info(run, info)
        for name, text in asked.settings.items():
            write_atomic(run / name, text.encode())

    targets = [unit.target for unit in asked.units]
    job = make_job(
        plan, asked.units, commit, request, now=now, make=MAKE, makefile=makefile, targets=targets, write=write
    )
    job = replace(job, settings=job.run, again=asked.again)
    lines = partial(ScenarioLines, run=job.run.name)
    view = partial(make_view, request.shown, make_lines=lines, order=asked.order)
    return carry_out(job, info, request, view, above=None, text=asked.text)


def _makefile(plan: Plan, units: Sequence[Unit], request: Request) -> str:
    """The rendered Makefile, which builds what the units need. Raises `UseError` if it is missing, and needed."""
    builds = builds_of(plan, units, request)
    if not builds:
        return os.fspath(makefile_in_force(request.state) or MAKEFILE)
    makefile = makefile_up_to_date(request)
    if makefile is None:
        what = f"{builds[0]} has to be built first, and nothing is rendered here"
        raise UseError.at(str(MAKEFILE), what, "type `longpole render`, or set PREBUILT=1 if it is built")
    return os.fspath(makefile)
