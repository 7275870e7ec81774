"""Measurements that are kept in the project, `bench/baselines/NAME.json`, and what has changed since."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.experiments.scale.machine import Machine
from longpole.rts_tests.experiments.scale.measurement import VERSION, Measurement, as_json
from longpole.rts_tests.statistics.differences import difference, significant

FOLDER = Path("bench/baselines")
MIN_CHANGE = 0.05
"""Smaller changes are not reported: they are within what two measurements on one machine differ by."""
MIN_UNIT_S = 0.01
"""Units whose median changed by less than this are not reported."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_Runs = Mapping[int, Sequence[float]]
"""Durations by number of jobs."""
_Pairs = dict[tuple[str | None, int], tuple[Sequence[float], Sequence[float]]]
"""Durations before and after, by unit and number of jobs."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a comparison needs of an earlier measurement."""

    name: str
    started_at: str
    commit: str | None
    machine: Machine
    levels: _Runs
    units: Mapping[str, _Runs]


@dataclass(frozen=True, slots=True)
class Change:
    """A significant change: of the whole suite if `unit` is None. Durations are medians."""

    unit: str | None
    jobs: int
    before_s: float
    after_s: float
    p: float

    @property
    def ratio(self) -> float:
        """The later duration over the earlier one."""
        return self.after_s / self.before_s


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since the baseline: the whole suite first, then units, the worst first."""

    baseline: Baseline
    changes: tuple[Change, ...]
    compared_jobs: tuple[int, ...]
    unit_jobs: int
    """The number of jobs with which units are compared: the fewest, because there units disturb each other least."""
    compared_units: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    other_machine: Machine | None
    """The machine of the baseline if it is of another kind."""

    @property
    def got_worse(self) -> bool:
        """Whether something takes longer now."""
        return any(change.ratio > 1 for change in self.changes)


def path_of(name: str, option: str) -> Path:
    """Return where the baseline `name` is kept. Raises `UseError` for a name that is not one of a file."""
    if not _NAME.fullmatch(name):
        remedy = "use letters, digits and . _ + -, beginning with a letter or a digit"
        raise UseError.at(option, f"{name!r} cannot be the name of a baseline", remedy)
    return FOLDER / f"{name}.json"


def check_writable(name: str) -> None:
    """Raise `UseError` if the baseline `name` cannot be kept, or if its file is something else."""
    path = path_of(name, "--baseline")
    if path.exists():
        try:
            read_baseline(name, "--baseline")
        except UseError:
            raise UseError.at(
                str(path), "this file is not a baseline, and is not replaced", "use another name"
            ) from None


def write_baseline(name: str, measured: Measurement) -> Path:
    """Keep a measurement; return its file. Raises `OSError`."""
    path = path_of(name, "--baseline")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json_text(as_json(measured)))
    return path


def json_text(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON, with a line for each run and unit, so that git shows what changed in it."""
    lines = []
    for name, value in document.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n" + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in value) + "\n ]"
        lines.append(f" {json.dumps(name)}: {text}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode(errors="replace")


def read_baseline(name: str, option: str = "--compare") -> Baseline:
    """Read the baseline `name`. Raises `UseError` if there is none, or if it is damaged."""
    path = path_of(name, option)
    try:
        data = read_json(path)
        if data["version"] != VERSION or data["kind"] != "bench scale":
            raise ValueError("another version")
        baseline = Baseline(
            name=name,
            started_at=_text(data["started_at"]),
            commit=None if data["commit"] is None else _text(data["commit"]),
            machine=Machine(**{field.name: data["machine"][field.name] for field in fields(Machine)}),
            levels=_runs(data["levels"]),
            units={_text(row["id"]): _runs(row["levels"]) for row in data["units"]},
        )
    except FileNotFoundError:
        known = sorted(each.stem for each in FOLDER.glob("*.json"))
        near = nearest(name, known) or (known[0] if len(known) == 1 else None)
        remedy = f"did you mean {near}?" if near else f"`longpole bench scale --baseline {name}` keeps one"
        raise UseError.at(str(path), "there is no such baseline", remedy) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = f"measure it again: `longpole bench scale --baseline {name}`"
        raise UseError.at(str(path), f"not a readable baseline ({error})", remedy) from None
    return baseline


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value


def _runs(rows: Iterable[Mapping[str, Any]]) -> dict[int, tuple[float, ...]]:
    found = {row["jobs"]: tuple(row["runs_s"]) for row in rows}
    numbers = [number for runs in found.values() for number in runs]
    if not all(type(jobs) is int for jobs in found) or not all(type(each) in (int, float) for each in numbers):
        raise TypeError("a number is missing")
    return found


def check_comparable(baseline: Baseline, jobs: Sequence[int], runs: int) -> None:
    """Raise `UseError`, before anything is run, if a comparison could not find anything."""
    if runs < 2:
        raise UseError.at("--runs", "one run cannot be compared, because its spread is unknown", "use --runs 3 or more")
    known = [level for level, seconds in baseline.levels.items() if len(seconds) > 1]
    if not set(known) & set(jobs):
        has = ", ".join(map(str, known)) or "none with two runs"
        remedy = f"use --jobs {','.join(map(str, known))}" if known else "measure it again, with --runs 3 or more"
        raise UseError.at("--compare", f"{baseline.name} has none of these numbers of jobs, but {has}", remedy)


def compare(baseline: Baseline, measured: Measurement) -> Comparison:
    """Return the significant changes since the baseline.

    A change is significant if Welch's test says so, with Holm's correction for the number of tests, and if it is at
    least 5 %. The whole suite is compared only if it has the same units as before.
    """
    levels = {level.jobs: level for level in measured.results.levels}
    common = sorted(levels.keys() & baseline.levels.keys())
    now, then = set(measured.units), set(baseline.units)
    suite: _Pairs = {}
    if now == then:
        suite = {(None, jobs): (baseline.levels[jobs], levels[jobs].runs_s) for jobs in common}
    unit_jobs = common[0] if common else 0
    units: _Pairs = {
        (name, unit_jobs): (baseline.units[name].get(unit_jobs, ()), levels[unit_jobs].by_unit.get(name, ()))
        for name in measured.units
        if common and name in then
    }
    changes = [*_changes(suite, 0.0), *sorted(_changes(units, MIN_UNIT_S), key=lambda change: -change.ratio)]
    return Comparison(
        baseline=baseline,
        changes=tuple(changes),
        compared_jobs=tuple(jobs for _, jobs in suite),
        unit_jobs=unit_jobs,
        compared_units=len(units),
        added=tuple(name for name in measured.units if name not in then),
        removed=tuple(sorted(then - now)),
        other_machine=None if baseline.machine == measured.machine else baseline.machine,
    )


def _changes(pairs: _Pairs, least_s: float) -> list[Change]:
    tested = {key: found for key, (before, after) in pairs.items() if (found := difference(before, after))}
    sure = significant({key: found.p for key, found in tested.items()})
    changes = []
    for key in (key for key in pairs if key in sure):
        before_s, after_s = (median(values) for values in pairs[key])
        large = abs(after_s - before_s) >= max(least_s, MIN_CHANGE * min(before_s, after_s))
        if large and (after_s > before_s) == (tested[key].ratio > 1):
            changes.append(Change(*key, before_s, after_s, tested[key].p))
    return changes


def as_json_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as part of the document of `--json`."""
    return {
        "baseline": comparison.baseline.name,
        "baseline_started_at": comparison.baseline.started_at,
        "same_machine": comparison.other_machine is None,
        "got_worse": comparison.got_worse,
        "jobs": list(comparison.compared_jobs),
        "unit_jobs": comparison.unit_jobs,
        "added": list(comparison.added),
        "removed": list(comparison.removed),
        "changes": [{**asdict(change), "ratio": round(change.ratio, 6)} for change in comparison.changes],
    }
