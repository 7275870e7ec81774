"""A measurement as Markdown, which is also readable on a terminal."""

from collections.abc import Sequence

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.experiments.scale.baseline import Change, Comparison
from longpole.rts_tests.experiments.scale.measurement import Measurement
from longpole.rts_tests.experiments.scale.scaling_of import Level, spread_of
from longpole.rts_tests.statistics.scaling import Scaling

SLOWEST = 10
MAX_CHANGES = 20
BUSY = 0.1
"""The part of the cores that other programs used, from which on the report warns."""


def report(measured: Measurement, comparison: Comparison | None, kept_in: str) -> str:
    """The whole report; `kept_in` is the folder in which failed runs are kept."""
    parts = [
        _head(measured),
        _levels(measured),
        _findings(measured),
        _slowest(measured),
        _excluded(measured, kept_in),
        [] if comparison is None else _comparison(comparison),
    ]
    return "\n".join("\n".join([*part, ""]) for part in parts if part)


def _head(measured: Measurement) -> list[str]:
    jobs = ", ".join(f"-j{level}" for level in measured.jobs)
    lines = [f"# Scaling of {_text(measured.suite)}", ""]
    if measured.interrupted:
        lines += ["Interrupted; so far:", ""]
    lines.append(f"{count(len(measured.units), 'unit')}, {count(measured.runs, 'run')} each with {jobs}.")
    lines.append(f"Machine: {_text(str(measured.machine))}.")
    if measured.commit:
        lines.append(f"Commit: {measured.commit[:12]}.")
    if measured.filter:
        lines.append(f"Selected by: `{_text(measured.filter)}`.")
    return lines


def _levels(measured: Measurement) -> list[str]:
    levels = measured.results.levels
    if not levels:
        return ["No run was completed, so nothing is known."]
    base = levels[0].jobs
    head = ["jobs", "runs", "time", "95 % interval", f"speedup over -j{base}", "95 % interval", "efficiency"]
    rows = [
        [
            str(level.jobs),
            str(len(level.runs_s)) + (f" of {len(level.runs_s) + level.failed}" if level.failed else ""),
            seconds(level.median_s),
            f"{_short(level.interval_s[0])} to {seconds(level.interval_s[1])}",
            f"{level.speedup:.2f}",
            f"{level.speedup_interval[0]:.2f} to {level.speedup_interval[1]:.2f}",
            f"{100 * level.efficiency:.0f} %",
        ]
        for level in levels
    ]
    spreads = [
        [str(level.jobs), *map(seconds, (level.units.p50_s, level.units.p95_s, level.units.max_s))] for level in levels
    ]
    return [
        *_table(head, rows),
        "",
        "Durations of units:",
        "",
        *_table(["jobs", "p50", "p95", "max"], spreads),
    ]


def _findings(measured: Measurement) -> list[str]:
    results = measured.results
    lines = []
    if results.recommended is not None and len(results.levels) > 1:
        text = f"- Recommended: **-j{results.recommended}**, the fewest jobs within 3 % of the best time."
        if results.rivals:
            rivals = " and ".join(f"-j{jobs}" for jobs in results.rivals)
            text += f" {rivals} may be as good, because the intervals overlap: use more `--runs`."
        if results.may_gain:
            text += f" More may be faster still: try `--jobs {results.recommended},{2 * results.recommended}`."
        lines.append(text)
    if results.amdahl is not None:
        fitted = ", ".join(f"-j{jobs}" for jobs in results.amdahl_jobs)
        law = results.amdahl
        limit = "no limit" if law.max_speedup is None else f"at most {law.max_speedup:.1f} times as fast as -j1"
        exact = len(results.amdahl_jobs) == 2
        parts = f"{_percent(law.contention)} serial, {limit}; {_fit(law, exact=exact)}"
        lines.append(f"- Amdahl's law, of {fitted}: {parts}.")
    if results.usl is not None:
        law = results.usl
        peak = "no peak" if law.peak_jobs is None else f"fastest with about {law.peak_jobs:.0f} jobs"
        parts = f"contention {_percent(law.contention)}, coherency {_percent(law.coherency)}, {peak}"
        lines.append(f"- Universal Scalability Law: {parts}; {_fit(law, exact=len(results.levels) == 3)}.")
    if measured.slots is not None and measured.slots < max(measured.jobs):
        lines.append(f"- `slots` lets units use {count(measured.slots, 'slot')} at a time: more jobs wait for them.")
    busy = [trial.others for trial in measured.trials if trial.valid and trial.others is not None]
    if busy and median(busy) >= BUSY:
        share = _percent(median(busy))
        lines.append(f"- Other programs used {share} of the cores meanwhile: measure on an idle machine.")
    return lines


def _slowest(measured: Measurement) -> list[str]:
    """The units that take longest with the recommended number of jobs, beside what they take with the fewest."""
    results = measured.results
    level = next((each for each in results.levels if each.jobs == results.recommended), None)
    if level is None or not level.by_unit:
        return []
    base = results.levels[0]
    names = sorted(level.by_unit, key=lambda name: (-median(level.by_unit[name]), name))[:SLOWEST]
    head = ["unit", "p50", "p95", "max"]
    if base is not level:
        head += [f"p50 with -j{base.jobs}", "slower by"]
    title = f"Slowest units with -j{level.jobs}:"
    return [title, "", *_table(head, [_unit_row(name, level, base) for name in names])]


def _unit_row(name: str, level: Level, base: Level) -> list[str]:
    spread = spread_of(level.by_unit[name])
    row = [_text(name), *map(seconds, (spread.p50_s, spread.p95_s, spread.max_s))]
    if base is level:
        return row
    before = base.by_unit.get(name)
    if not before or median(before) <= 0:
        return [*row, "", ""]
    return [*row, seconds(median(before)), f"{100 * (spread.p50_s / median(before) - 1):+.0f} %"]


def _excluded(measured: Measurement, kept_in: str) -> list[str]:
    lines = [
        f"- run {trial.number}, -j{trial.jobs}: {_text(problem)}"
        for trial in measured.excluded
        for problem in trial.problems
    ]
    if not lines:
        return []
    tail = [f"- -j{jobs} has no result." for jobs in measured.missing if not measured.interrupted]
    return [f"Runs that failed do not count; their logs are in {_text(kept_in)}:", "", *lines, *tail]


def _comparison(comparison: Comparison) -> list[str]:
    baseline = comparison.baseline
    of = f", commit {baseline.commit[:12]}" if baseline.commit else ""
    lines = [f"## Compared with {_text(baseline.name)}", "", f"Measured {baseline.started_at[:10]}{of}."]
    if comparison.other_machine is not None:
        lines.append(f"It was measured on another machine: {_text(str(comparison.other_machine))}.")
        lines.append("Differences may be those of the machines.")
    for title, names in (("added", comparison.added), ("removed", comparison.removed)):
        if names:
            shown = ", ".join(map(_text, names[:5])) + (", ..." if len(names) > 5 else "")
            lines.append(f"{count(len(names), 'unit')} {title}: {shown}.")
    if comparison.added or comparison.removed:
        lines.append("So only units are compared, and not the time of the whole suite.")
    lines.append("")
    if not comparison.changes:
        return [*lines, f"Nothing changed significantly ({_tested(comparison)})."]
    rows = [_change_row(change) for change in comparison.changes[:MAX_CHANGES]]
    lines += _table(["what", "jobs", "before", "now", "change", "p"], rows)
    if len(comparison.changes) > MAX_CHANGES:
        lines += ["", f"and {len(comparison.changes) - MAX_CHANGES} more; --json has all."]
    return lines


def _tested(comparison: Comparison) -> str:
    jobs = ", ".join(f"-j{jobs}" for jobs in comparison.compared_jobs)
    units = f"{count(comparison.compared_units, 'unit')} with -j{comparison.unit_jobs}"
    return f"compared: {' and '.join(filter(None, (jobs and f'the suite with {jobs}', units)))}"


def _change_row(change: Change) -> list[str]:
    what = "all units" if change.unit is None else _text(change.unit)
    moved = f"{100 * (change.ratio - 1):+.0f} % ({'slower' if change.ratio > 1 else 'faster'})"
    return [what, str(change.jobs), seconds(change.before_s), seconds(change.after_s), moved, f"{change.p:.2g}"]


# -- text -------------------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """An aligned table: the first column to the left if it holds names, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    names = head[0] in ("unit", "what")
    lines = []
    for row in (head, *rows):
        cells = [
            f"{cell:<{width}}" if names and index == 0 else f"{cell:>{width}}"
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    rule = [
        "-" * (width + 2) if names and index == 0 else "-" * (width + 1) + ":" for index, width in enumerate(widths)
    ]
    return [lines[0], f"|{'|'.join(rule)}|", *lines[1:]]


def _text(text: str) -> str:
    """Text in a line or a cell of Markdown, harmless on a terminal."""
    return harmless(text, colour=False).replace("|", r"\|").replace("<", "&lt;")


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 59.995 else seconds(value)


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %" if part >= 0.1 or part < 0.0005 else f"{100 * part:.1f} %"


def _fit(law: Scaling, *, exact: bool) -> str:
    """How far the measured times are off; little to be proud of where there are as many unknowns as times."""
    return f"off by {_percent(law.error)}" + (", from as many times as unknowns" if exact else "")
