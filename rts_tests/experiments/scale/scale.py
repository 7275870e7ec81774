"""`longpole bench scale`: run the selected units with several numbers of jobs, and report how their time depends on it.

Options ─▶ units ─▶ builds ─▶ trials ─▶ results ─▶ report, readable as that list in `scale`. Everything that can be
refused is refused before the first run, because a measurement may take hours.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from longpole.rts_tests.contracts.commit import Commit, find_commit
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.harmless import harmless_text
from longpole.rts_tests.contracts.last_render import MAKEFILE, file_words, makefile_in_force
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.records import utc, write_run_info
from longpole.rts_tests.experiments.experiment import current_plan
from longpole.rts_tests.experiments.scale import baseline as baselines
from longpole.rts_tests.experiments.scale.machine import Machine, this_machine
from longpole.rts_tests.experiments.scale.markdown import report
from longpole.rts_tests.experiments.scale.measurement import Measurement, as_json
from longpole.rts_tests.experiments.scale.one_run import Interruption, Runner, tail_of
from longpole.rts_tests.experiments.scale.plot import plot
from longpole.rts_tests.experiments.scale.progress import Progress
from longpole.rts_tests.experiments.scale.scaling_of import results_of
from longpole.rts_tests.experiments.scale.selectors import filter_of
from longpole.rts_tests.experiments.scale.trials import WARM_UP, Planned, Trial, default_jobs, interleaved
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.report.publish import say
from longpole.rts_tests.run.prepare import builds_of, capacity_of, run_info, selected
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.up_to_date import MAKE
from longpole.rts_tests.state import retention
from longpole.rts_tests.state.begin import begin_run, sweep
from longpole.rts_tests.state.executed import Executed, write_executed
from longpole.rts_tests.state.run_folders import all_run_dirs, is_of_executions
from longpole.rts_tests.unit.environment import without_make
from longpole.rts_tests.view.settings import ORDER, VERBOSE, VIEW

KIND = "scale"
TRIALS = "trials"
_BUILD_OUTPUT = "build.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOptions:
    """The options of the command. Where `jobs` is None, the machine decides."""

    jobs: tuple[int, ...] | None
    runs: int
    seed: int
    selectors: tuple[str, ...]
    json: Path | None
    svg: Path | None
    baseline: str | None
    compare: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """Everything that is decided before the first run."""

    options: ScaleOptions
    jobs: tuple[int, ...]
    request: Request
    plan: Plan
    units: tuple[Unit, ...]
    commit: Commit
    filter: str
    machine: Machine
    before: baselines.Baseline | None
    started: datetime


def scale(options: ScaleOptions, environ: Mapping[str, str] = os.environ) -> int:
    """Measure and print the report; return the exit status of `longpole`. Raises `UseError`."""
    work = _work(options, environ)
    run = _begin(work)
    interruption = Interruption()
    trials = _measure(work, run, interruption)
    if trials is None:
        return _conclude(run, [], "a build failed\n", work.request.state, ExitStatus.FAILED)
    measured = _measurement(work, trials, interrupted=interruption.seen)
    comparison = None
    if work.before is not None and measured.results.levels:
        comparison = baselines.compare(work.before, measured)
    status = _status(measured, got_worse=comparison is not None and comparison.got_worse)
    document = as_json(measured)
    document["comparison"] = None if comparison is None else baselines.as_json_comparison(comparison)
    text = report(measured, comparison, str(run / TRIALS))
    status = _conclude(run, trials, text, work.request.state, status)
    return _write(work, run, measured, baselines.json_text(document)) or status


# -- before the first run ---------------------------------------------------------------------------------------------


def _work(options: ScaleOptions, environ: Mapping[str, str]) -> _Work:
    """Decide what is measured. Raises `UseError`; then nothing has been made."""
    _check_files(options)
    machine = this_machine()
    jobs = tuple(sorted(set(options.jobs or default_jobs(machine.cores))))
    before = None
    if options.compare is not None:
        before = baselines.read_baseline(options.compare)
        baselines.check_comparable(before, jobs, options.runs)
    request = Request.from_environ(("test",), environ)
    also = request.filter.text if request.filter else ""
    words = filter_of(current_plan(request), options.selectors, also) if options.selectors else also
    request = Request.from_environ(("test",), {**without_make(environ), "FILTER": words})
    plan, units = selected(request, None)
    commit = find_commit(Path(), request.commit)
    return _Work(
        options=options,
        jobs=jobs,
        request=request,
        plan=plan,
        units=tuple(units),
        commit=commit,
        filter=words.strip(),
        machine=machine,
        before=before,
        started=datetime.now(UTC),
    )


def _check_files(options: ScaleOptions) -> None:
    """Raise `UseError` if a result could not be written in the end."""
    problems = []
    for option, path in (("--json", options.json), ("--svg", options.svg)):
        if path is not None and (path.is_dir() or not os.access(path.parent, os.W_OK)):
            problems.append(Problem(str(path), None, None, "cannot be written", f"give {option} another file"))
    if problems:
        raise UseError(*problems)
    if options.baseline is not None:
        if options.baseline == options.compare:
            what = f"{options.baseline} would be replaced by what is compared with it"
            raise UseError.at("--baseline", what, "use another name, or use the two options one after the other")
        baselines.check_writable(options.baseline)


def _begin(work: _Work) -> Path:
    """Make the folder of the measurement, and remove what killed ones left. Raises `UseError`."""
    state, now = work.request.state, work.started
    asked = (*work.options.selectors, f"--jobs={','.join(map(str, work.jobs))}", f"--runs={work.options.runs}")
    info = run_info(work.plan, work.commit, replace(work.request, goals=(KIND, *asked), jobs=max(work.jobs)), now)
    try:
        run, _ = begin_run(state, now)
        try:
            sweep(state)
            for each in all_run_dirs(state):
                if is_of_executions(each) and not retention.is_running(each):
                    _sweep_trials(each)
            write_executed(run, Executed(KIND))
            write_run_info(run, info)
            (run / TRIALS).mkdir()
        except OSError:
            remove_tree(run)
            raise
    except OSError as error:
        what = f"a run cannot be kept here: {error.strerror}"
        raise UseError.at(str(error.filename or state), what, "free some space, or set LONGPOLE_STATE") from None
    return run


def _sweep_trials(run: Path) -> None:
    """Remove the private folders of trials of a measurement that was killed."""
    for state in (run / TRIALS).glob("*"):
        if (state / "runs").is_dir():
            sweep(state)


# -- runs -------------------------------------------------------------------------------------------------------------


def _measure(work: _Work, run: Path, interruption: Interruption) -> list[Trial] | None:
    """Build and run the trials until all have ended, an interruption, or a round of failures; None if a build failed.

    The warm-up has the most jobs, which is quickest.
    """
    planned = interleaved(work.jobs, work.options.runs, work.options.seed)
    progress = Progress(planned, len(work.units), work.machine.cores, work.request.environ)
    runner = _runner(work, interruption)
    try:
        if not _build(work, runner, run / _BUILD_OUTPUT, progress):
            return None
        trials: list[Trial] = []
        for each in [Planned(WARM_UP, max(work.jobs)), *planned]:
            if interruption.seen or (len(trials) > len(work.jobs) and not any(trial.valid for trial in trials)):
                break
            trial = _one(runner, each, run, progress)
            if trial is not None:
                trials.append(trial)
                progress.ended(trial)
        return trials
    finally:
        progress.clear()


def _runner(work: _Work, interruption: Interruption) -> Runner:
    request = work.request
    makefile = makefile_in_force(request.state) or MAKEFILE
    own = {"PREBUILT": "1", "RETRIES": "0", VIEW: "plain", ORDER: "completion", VERBOSE: "0"}
    if work.commit.sha is not None:
        own["LONGPOLE_REV"] = work.commit.sha  # the same seeds in all runs, also if somebody commits meanwhile
    return Runner(
        before=(MAKE, *file_words(makefile)),
        after=("test",),
        environ={**request.environ, **own},
        units=frozenset(unit.id for unit in work.units),
        state=request.state,
        interruption=interruption,
    )


def _build(work: _Work, runner: Runner, output: Path, progress: Progress) -> bool:
    """Build what the units need; return whether that succeeded, after a message if not."""
    goals = [f"build-{name}" for name in builds_of(work.plan, work.units, work.request)]
    if not goals:
        return True
    progress.building()
    status = runner.make([f"-j{max(work.jobs)}", *goals], work.request.state, output)
    if status and not runner.interruption.seen:
        progress.clear()
        lines = [f"longpole: a build failed; its output is in {output}", *tail_of(output)]
        print(harmless_text("\n".join(lines)), file=sys.stderr)
        return False
    return True


def _one(runner: Runner, planned: Planned, run: Path, progress: Progress) -> Trial | None:
    """Run one trial; its folder is kept only if it failed. None if it was interrupted."""
    folder = run / TRIALS / str(planned.number)
    progress.running(planned, 0)
    trial = None
    try:
        show = (lambda done: progress.running(planned, done)) if progress.moves else None
        trial = runner.run(planned, folder, show)
    except OSError as error:
        what = f"a run cannot be kept here: {error.strerror}"
        raise UseError.at(str(error.filename or folder), what, "free some space, or set LONGPOLE_STATE") from None
    finally:
        if trial is None or trial.valid:
            remove_tree(folder)
    return trial


# -- after the last run -----------------------------------------------------------------------------------------------


def _measurement(work: _Work, trials: Sequence[Trial], *, interrupted: bool) -> Measurement:
    return Measurement(
        suite=work.plan.suite,
        commit=work.commit.sha,
        started_at=utc(work.started.timestamp()),
        machine=work.machine,
        slots=capacity_of(work.plan, work.request).slots,
        selectors=work.options.selectors,
        filter=work.filter,
        units=tuple(sorted(unit.id for unit in work.units)),
        jobs=work.jobs,
        runs=work.options.runs,
        seed=work.options.seed,
        trials=tuple(trials),
        results=results_of(trials, work.machine.cores, work.options.seed),
        interrupted=interrupted,
    )


def _status(measured: Measurement, *, got_worse: bool) -> ExitStatus:
    if measured.interrupted:
        return ExitStatus.INTERRUPTED
    return ExitStatus.FAILED if got_worse or measured.missing else ExitStatus.PASSED


def _conclude(run: Path, trials: Sequence[Trial], text: str, state: Path, status: ExitStatus) -> ExitStatus:
    """Print the report and keep it with the measurement; return `status`."""
    valid = sum(trial.valid for trial in trials)
    counts = {name: number for name, number in (("passed", valid), ("failed", len(trials) - valid)) if number}
    try:
        write_executed(run, Executed(KIND, counts, text))
    except OSError as error:
        print(f"longpole: {error.filename or run}: {error.strerror}", file=sys.stderr)
    if trials:
        say(harmless_text(text))
    if not any(not trial.valid for trial in trials):
        remove_tree(run / TRIALS)
    retention.conclude(run, counts, sum(trial.wall_s for trial in trials), state, time.time())
    return status


def _write(work: _Work, run: Path, measured: Measurement, document: bytes) -> int:
    """Write the files; return the exit status of a failure, 0 if there was none."""
    options, svg = work.options, plot(measured).encode(errors="replace")
    files = [(run / "scale.json", document), (run / "scale.svg", svg)]
    files += [(options.json, document)] if options.json else []
    files += [(options.svg, svg)] if options.svg else []
    try:
        for path, data in files:
            write_atomic(path, data)
        if options.baseline is not None and measured.complete:
            path = baselines.write_baseline(options.baseline, measured)
            print(f"longpole: the baseline is kept in {path}", file=sys.stderr)
        elif options.baseline is not None:
            why = "the measurement was interrupted" if measured.interrupted else "some numbers of jobs have no result"
            print(f"longpole: no baseline is kept, because {why}", file=sys.stderr)
    except OSError as error:
        print(f"longpole: {error.filename}: cannot be written: {error.strerror}", file=sys.stderr)
        return ExitStatus.MISUSE
    return 0
