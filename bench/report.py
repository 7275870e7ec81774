"""`report`: everything after the last unit of a large run: reading records, learning, and writing the reports."""

import sys
from pathlib import Path

from bench import budgets
from bench.measure import Conditions, interleaved, jobs, wall_s
from bench.project import Project, longpole, make_project, many_units
from bench.result import Figure, Result
from longpole.rts_tests.contracts.history import merge_history
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.state.run_folders import find_run

KNOWN_RUNS = 10
"""Durations that the history holds of every unit before the run is merged."""

FINISH = """\
import os, sys
from pathlib import Path
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.run.report import report
from longpole.rts_tests.run.request import Request
run = Path(sys.argv[1])
report(run, read_run_info(run), 0, Request.from_environ((), os.environ))
"""


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    scratch, quick = conditions.scratch, conditions.quick
    units = 1000 if quick else budgets.RECORDS
    conditions.say(f"a run of {units:,} units")
    project, run = make_run(scratch, units)
    finish = project.contender("report and history", sys.executable, "-c", FINISH, str(run))
    again = project.contender("report again", *longpole("report"))
    measured = interleaved([finish, again], conditions.rounds, scratch, conditions.say)
    done = measured[finish.name]
    figures = (
        Figure(
            f"report and history of {units:,} records",
            done.values(wall_s),
            "s",
            None if quick else budgets.REPORT_S,
        ),
        Figure(f"report and history of {units:,} records, peak memory", (done.peak_rss_bytes / 1e6,), "MB"),
        Figure(f"`longpole report` of {units:,} records", measured[again.name].values(wall_s), "s"),
    )
    notes = () if not quick else (f"the budget is for {budgets.RECORDS:,} records, which --quick leaves out",)
    return Result("report", (), figures, (), notes)


def make_run(scratch: Path, units: int) -> tuple[Project, Path]:
    """A real run of units that print a line, and a history that knows as many durations of each as it ever keeps."""
    project = make_project(scratch, f"of-{units}", many_units(units, '[/bin/echo, ok, "{chunk}"]'))
    project.do("make", f"-j{jobs()}", "test")
    state = project.folder / ".longpole"
    run = find_run(state, None)
    records = read_records(run, read_run_info(run)).values()
    outcomes = [(record.id, record.status, record.wall_s) for record in records]
    merge_history(state, outcomes * KNOWN_RUNS)
    return project, run
