"""A prediction as text for a terminal, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from longpole.perf.predict.predict import Cap, Level, Over, Prediction, stops_paying
from longpole.perf.predict.work import Suite
from longpole.perf.text_table import text_table
from longpole.rts_tests.contracts.quantities import count, seconds

VERSION = 1
_SHOWN = 0.05
_HEAD = ("", "makespan", "CPU", "efficiency", "capped by")


def text(suite: Suite, prediction: Prediction) -> str:
    """The prediction: a table of each kind, where it stops paying, and the long pole."""
    return "\n".join(_lines(suite, prediction)) + "\n"


def as_json(suite: Suite, prediction: Prediction) -> dict[str, Any]:
    """The prediction as a JSON object; docs/perf-predict.md describes the fields."""
    return {
        "version": VERSION,
        "suite": suite.plan.suite,
        "runs": [run.path.name for run in suite.runs],
        "units": len(suite.works),
        "estimated_units": suite.guessed,
        "cores": prediction.cores,
        "jobs": prediction.jobs,
        "others": prediction.others,
        "gap_s": suite.gap_s,
        "levels": [asdict(level) for level in prediction.levels],
        "stops_paying": {over: stop[0].count for over in Over if (stop := stops_paying(prediction.of(over)))},
    }


def _lines(suite: Suite, prediction: Prediction) -> Iterator[str]:
    learnt = f"from {count(len(suite.runs), 'run')} of {count(len(suite.works), 'unit')}"
    guessed = f"; {suite.guessed:,} estimated, never recorded" if suite.guessed else ""
    yield f"{suite.plan.suite}: predicted {learnt}{guessed}"
    if prediction.others >= _SHOWN:
        yield f"other programs, as in these runs: {prediction.others:.1f} threads"
    for over in Over:
        levels = prediction.of(over)
        if levels:
            yield ""
            yield from _table(over, levels, prediction)
    if prediction.levels:
        yield ""
        yield f"long pole: {prediction.levels[0].pole}, {seconds(prediction.levels[0].pole_s)}"


def _table(over: Over, levels: Sequence[Level], prediction: Prediction) -> Iterator[str]:
    machine = count(prediction.cores, "core")
    yield {
        Over.JOBS: f"jobs on one machine of {machine}:",
        Over.SHARDS: f"shards, each on {machine} at -j{prediction.jobs} with builds of its own:",
        Over.BUILDERS: f"builders, each of {machine} at -j{prediction.jobs}, builds shared:",
    }[over]
    rows = [(over.value, *_HEAD[1:]), *(_row(level) for level in levels)]
    yield from (f"  {line}" for line in text_table(rows, ">>>><").splitlines())
    stop = stops_paying(levels)
    if stop is None:
        yield f"  more {over.value} pay up to {levels[-1].count}"
    else:
        saved = max(0.0, 1 - stop[1].makespan_s / stop[0].makespan_s)
        yield f"  {stop[0].count} pay; {stop[1].count} would save {100 * saved:.0f} % more"


def _row(level: Level) -> tuple[str, ...]:
    cap = {
        Cap.POLE: "long pole",
        Cap.CORES: "cores",
        Cap.PLACES: "jobs",
        Cap.ORDER: f"the end: {level.last}",
    }[level.cap]
    efficiency = f"{100 * level.efficiency:.0f} %"
    return str(level.count), seconds(level.makespan_s), seconds(level.cpu_s), efficiency, cap
