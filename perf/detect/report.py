"""What detection found, as text for a terminal and as Markdown for a page of GitHub."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from longpole.perf.detect.outcome import ALL_BENCHMARKS, ChangePoint, Detection
from longpole.rts_tests.contracts.quantities import count

_SHORT = 12
_LISTED = 40
"""Names of benchmarks are cut to so many characters on a terminal."""


def as_text(detection: Detection) -> str:
    """The change points, the newest first, one or two lines each, below the platform and metric they are of."""
    lines = [_summary(detection)]
    for platform, metric in sorted({(each.platform, each.metric) for each in detection.change_points}):
        mine = [each for each in detection.change_points if (each.platform, each.metric) == (platform, metric)]
        lines += ["", f"{platform}  {metric}"]
        for _, group in groupby(reversed(mine), key=lambda each: (each.commit_before, each.commit_after)):
            lines += _group(list(group))
    if any(each.benchmark == ALL_BENCHMARKS for each in detection.change_points):
        lines += ["", f"{ALL_BENCHMARKS}: what they have in common; code or machine?", "A reference workload tells."]
    return "\n".join(lines)


def as_markdown(detection: Detection) -> str:
    """A table of the change points, the newest first."""
    lines = [_summary(detection)]
    if detection.change_points:
        lines += ["", "| change | benchmark | metric | platform | commits |", "|---|---|---|---|---|"]
        lines += [
            f"| {_sign(each)} {_percent(each)}{', recovered' if each.recovered_at else ''} | {_cell(each.benchmark)} "
            f"| {_cell(each.metric)} | {_cell(each.platform)} | {_commits(each)} |"
            for each in reversed(detection.change_points)
        ]
    return "\n".join(lines) + "\n"


def _summary(detection: Detection) -> str:
    changes = detection.change_points
    worse = sum(each.kind == "regression" for each in changes)
    back = sum(each.recovered_at is not None for each in changes)
    looked = f"{count(detection.points, 'point')} of {detection.series:,} series in {count(detection.runs, 'run')}"
    better = count(len(changes) - worse, "improvement")
    found = f"{count(worse, 'regression')}, {better}, {back:,} of them recovered"
    elsewhere = detection.runs_elsewhere
    left = f"\n{count(elsewhere, 'run')} of commits elsewhere left out" if elsewhere else ""
    return f"{looked}\n{found}{left}"


def _group(changes: Sequence[ChangePoint]) -> Iterator[str]:
    first = changes[0]
    yield f"  {_commits(first)}  {first.measured_at:%Y-%m-%d}"
    for each in sorted(changes, key=lambda each: -abs(each.ratio - 1)):
        yield f"    {_sign(each)} {_percent(each):>8}  {each.benchmark[:_LISTED]}"
        if each.recovered_at:
            yield f"               recovered at {each.recovered_at[:_SHORT]}"


def _commits(change: ChangePoint) -> str:
    """The range, as git would be asked for it, and how many commits it has."""
    if change.within_one_commit:
        return f"within {change.commit_after[:_SHORT]}: not its code"
    commits = f" ({len(change.range)} commits)" if len(change.range) > 1 else ""
    return f"{change.commit_before[:_SHORT]}..{change.commit_after[:_SHORT]}{commits}"


def _sign(change: ChangePoint) -> str:
    return "worse " if change.kind == "regression" else "better"


def _percent(change: ChangePoint) -> str:
    return f"{100 * (change.ratio - 1):+.1f} %"


_ESCAPED = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]<>()#|~@!$&:"})


def _cell(text: str) -> str:
    """A name as nothing but text in a cell: neither markup nor a mention."""
    return text.translate(_ESCAPED)
