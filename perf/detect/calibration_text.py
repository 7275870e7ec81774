"""Calibrations for people and programs, and the refusal of a threshold below the noise."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from longpole.perf.detect.calibrate import Calibration, lowering
from longpole.perf.detect.segments import SHORTEST
from longpole.rts_tests.contracts.errors import Problem, UseError

_NAMED = 5
_CUT = 30


def as_json(calibrations: Sequence[Calibration]) -> dict[str, Any]:
    """The document of `longpole perf calibrate --json`."""
    rows = [{**asdict(each), "smallest_change": each.smallest_change} for each in calibrations]
    return {"version": 1, "power": 0.95, "series": rows}


def as_text(calibrations: Sequence[Calibration]) -> str:
    """A line for each series, below its platform and metric, and what would lower the largest."""
    if not calibrations:
        return f"no series has {2 * SHORTEST} runs or more: measure more commits, and some of them again"
    lines: list[str] = []
    place = None
    for each in calibrations:
        if (each.platform, each.metric) != place:
            place = (each.platform, each.metric)
            lines += [
                "",
                f"{each.platform}  {each.metric}",
                f"{'  pairs   noise  smallest  false alarms':40}  benchmark",
            ]
        alarms = "-" if each.false_alarm_rate is None else f"{1000 * each.false_alarm_rate:.1f} in 1,000"
        smallest = _percent(each.smallest_change)
        lines.append(f"{each.pairs:7} {_percent(each.noise):>7} {smallest:>9} {alarms:>13}  {each.benchmark[:_CUT]}")
    lines += ["", "smallest: the change found 3 runs after it, 95 % power"]
    known = [each for each in calibrations if each.smallest_change is not None]
    worst = max(known or calibrations[:1], key=lambda each: each.smallest_change or 0.0)
    lines += ["", f"what would lower that of {worst.benchmark[:_CUT]}:"]
    lines += [f"  {line}" for line in lowering(worst)]
    return "\n".join(lines).lstrip("\n")


def refuse_below_noise(calibrations: Sequence[Calibration], threshold: float) -> None:
    """Raise `UseError` if a change of `threshold`, 0.02 for 2 %, cannot be told from the noise of a series."""
    blind = [each for each in calibrations if each.smallest_change is None or each.smallest_change > threshold]
    if not blind:
        return
    blind.sort(key=lambda each: (each.smallest_change is not None, -(each.smallest_change or 0.0)))
    problems = [
        Problem(
            f"{each.platform} {each.benchmark} {each.metric}",
            None,
            None,
            f"a threshold of {_given(threshold)} is below its smallest change, "
            + ("which is unknown" if each.smallest_change is None else _percent(each.smallest_change)),
            "; ".join(lowering(each)),
        )
        for each in blind[:_NAMED]
    ]
    if len(blind) > _NAMED:
        rest = f"{len(blind) - _NAMED} more series of {len(calibrations)} cannot see {_given(threshold)}"
        problems.append(Problem("", None, None, rest, "choose a larger threshold, or fewer series"))
    raise UseError(*problems)


def _percent(change: float | None) -> str:
    return "unknown" if change is None else f"{100 * change:.1f} %"


def _given(threshold: float) -> str:
    """A threshold as the user may have typed it."""
    return f"{100 * threshold:.3g} %"
