"""`cases`: a run of 200,000 cases: its reports, their history, its page in a browser; the distribution of classes."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from bench import budgets
from bench.measure import CannotMeasure, Conditions, interleaved
from bench.page import opened_s
from bench.project import make_project, many_units
from bench.report import FINISH
from bench.result import Figure, Result
from longpole.rts_tests.contracts.case_history import merge_case_history, read_case_history
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.record_file import RecordWriter
from longpole.rts_tests.contracts.records import Record, RunInfo, write_run_info
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.forks.distribution import distribute

FORKS = 8
CLASSES = 2000
CASES_OF_CLASS = 100
FAILS = 0.001
SKIPS = 0.005
KNOWN_RUNS = 10
"""Durations that the history holds of every case before the run is merged."""
BEFORE, RUN = "20270115T080000000Z-00000001", "20270115T090000000Z-00000002"


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    quick, rounds = conditions.quick, conditions.rounds
    classes = CLASSES // 20 if quick else CLASSES
    what = f"{classes * CASES_OF_CLASS:,} cases"
    conditions.say(f"a run of {what}")
    project = make_project(conditions.scratch, "cases", many_units(1, "[/bin/true]"))
    state = project.folder / ".longpole"
    # In a process of its own: what it takes would count for every process that is started later.
    made = subprocess.run([sys.executable, "-m", "bench.cases", str(state), str(classes)], check=False)
    if made.returncode:
        raise CannotMeasure("the run of many cases could not be made")
    run = state / "runs" / RUN
    finish = project.contender("report and history", sys.executable, "-c", FINISH, str(run))
    done = interleaved([finish], rounds, conditions.scratch, conditions.say)[finish.name]
    figures = [
        Figure(f"reports of {what}", done.values(lambda sample: sample.wall_s), "s", _unless(quick, budgets.CASES_S)),
        Figure(f"reports of {what}, peak memory", (done.peak_rss_bytes / 1e6,), "MB", _unless(quick, budgets.CASES_MB)),
    ]
    left_out: tuple[str, ...] = ()
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        left_out = ("opening the page: Chromium or playwright is not installed",)
    else:
        opened = opened_s(chromium, run / "report.html", rounds)
        figures.append(Figure(f"report.html of {what}, opened", opened, "s", _unless(quick, budgets.PAGE_OPEN_S)))
    read = _seconds(lambda: len(read_case_history(state, "v", "m").cases), rounds.most)
    figures.append(Figure(f"history of {what}, read", read, "s", _unless(quick, budgets.CASE_HISTORY_S)))
    chance = random.Random(1)  # noqa: S311  no secret
    known = {f"Class{number}": chance.random() for number in range(classes)}
    shared_out = tuple(1000 * value for value in _seconds(lambda: distribute(known, known, FORKS), rounds.most))
    figures.append(Figure(f"{classes:,} classes distributed over {FORKS} forks", shared_out, "ms"))
    return Result("cases", (), tuple(figures), left_out)


def _unless(quick: bool, budget: budgets.Budget) -> budgets.Budget | None:
    """The budget, which is for all cases."""
    return None if quick else budget


def _seconds(work: Callable[[], object], rounds: int) -> tuple[float, ...]:
    taken = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return tuple(taken[1:])


# -- a run that never ran ----------------------------------------------------------------------------------------------


def make_run(state: Path, classes: int) -> None:
    """A run of forks that told of many cases, the run before it, and a history that knows all it ever keeps of each."""
    records = [_fork(number, classes) for number in range(FORKS)]
    planned = tuple((record.id, record.target, record.wall_s) for record in records)
    for name in (BEFORE, RUN):
        run = state / "runs" / name
        (run / "units").mkdir(parents=True)
        writer = RecordWriter(run)
        for record in records:
            writer.write(record)
        writer.close()
        write_run_info(run, _info(planned))
    for _ in range(KNOWN_RUNS):
        merge_case_history(state, records)


def _fork(number: int, classes: int) -> Record:
    names = [f"com.example.part{index % 50}.Behaviour{index}Test" for index in range(number, classes, FORKS)]
    cases = tuple(case for name in names for case in _cases(name))
    seconds = sum(case.seconds for case in cases)
    return Record(
        id=f"v/m[fork-{number}]", target=f"test-v-m-fork-{number}", variant="v", module="m", fork=number,
        cases=cases, classes=tuple(ClassResult(name, Status.PASSED, 2.5) for name in names),
        chunk=None, seed=None, first_seed=None, seed_count=0, command=("run",), status=Status.FAILED, exit_code=1,
        signal=None, started_at="2027-01-15T08:00:00.000Z", started_s=0.0, wall_s=seconds, user_s=seconds, sys_s=0.0,
        max_rss_bytes=0, attempts=1, lane=number, host="here", artifact_sha256=None, reproducer="make test",
    )  # fmt: skip


def _cases(class_name: str) -> Iterator[Case]:
    chance = random.Random(class_name)  # noqa: S311  no secret
    for number in range(CASES_OF_CLASS):
        name, seconds = f"does_something_useful_{number}(String, int)", chance.random() / 20
        odds = chance.random()
        if odds < FAILS:
            details = (
                "Error: expected: <1> but was: <2>\n" + "\tat com.example.Behaviour.check(Behaviour.java:88)\n" * 40
            )
            yield Case(
                class_name, name, Status.FAILED, seconds, "expected: <1> but was: <2>", details, "Behaviour.java:88"
            )
        elif odds < FAILS + SKIPS:
            yield Case(class_name, name, Status.SKIPPED, 0.0, "needs a network")
        else:
            yield Case(class_name, name, Status.PASSED, seconds)


def _info(planned: tuple[tuple[str, str, float], ...]) -> RunInfo:
    return RunInfo(
        suite="bench", started_at="2027-01-15T08:00:00.000Z", plan_hash="", commit=None, commit_source="none",
        seed_override=None, jobs=2, host="here", machine="here", cores=2, goals=("test",), filter=None, shard=None,
        planned=planned,
    )  # fmt: skip


if __name__ == "__main__":
    make_run(Path(sys.argv[1]), int(sys.argv[2]))
