"""Change points of all series of an index: without the common factor, tested together, blamed on ranges of commits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from longpole.perf.commits import Commits
from longpole.perf.detect import segments
from longpole.perf.detect.common_factor import Array, reference_moods
from longpole.perf.detect.fdr import q_values
from longpole.perf.detect.outcome import ALL_BENCHMARKS, ChangePoint, Detection
from longpole.perf.detect.series import Method, Step, adjusted, steps
from longpole.perf.index import Index, Run
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.nearest import nearest

LEFT_OUT = ("cold", "mean", "pass:*", "source:*", "units")
"""Metrics that are looked at only if they are asked for: parts of others, and properties of the input."""
FALSE_DISCOVERIES = 0.01
"""The share of discoveries that may be false."""
LEAST_DEVIATIONS = 3.0
"""Changes of fewer standard deviations between runs are not reported: slow drifts of machines are of that size."""
_NAMED = 3
"""How many names a message lists."""
_BACK_DEVIATIONS = 2.0
_BACK_SHARE = 0.25
"""A series has recovered if it is within so many standard deviations, or this share of the change, of where it was."""


@dataclass(frozen=True, slots=True)
class Options:
    """Globs of what to look at, without `metrics` all but those `LEFT_OUT`; how; and the least change to report.

    `at_least` is relative, 0.05 for 5 %. `raw` divides no common factor out.
    """

    platforms: tuple[str, ...] = ("*",)
    benchmarks: tuple[str, ...] = ("*",)
    metrics: tuple[str, ...] = ()
    method: Method = Method.PELT
    raw: bool = False
    at_least: float = 0.0

    def metric(self, name: str) -> bool:
        """Whether to look at this metric."""
        if self.metrics:
            return any(fnmatchcase(name, glob) for glob in self.metrics)
        return not any(fnmatchcase(name, glob) for glob in LEFT_OUT)


@dataclass(frozen=True, eq=False)
class Family:
    """All series of a metric on a platform: a row a run, a column a benchmark, the common factor last if there is one.

    `values` are logarithms without common factor, nan where nothing was measured.
    """

    platform: str
    metric: str
    runs: tuple[Run, ...]
    benchmarks: tuple[str, ...]
    lower_is_better: tuple[bool, ...]
    values: Array
    steps: tuple[Step, ...]


Progress = Callable[[list[tuple[str, str]]], Iterable[tuple[str, str]]]


def detect(
    index: Index, commits: Commits | None, options: Options | None = None, progress: Progress = iter
) -> Detection:
    """The change points of all series that `options` ask for.

    Runs count in the order of their commits on the main branch, those of one commit by time; without `commits`, all by
    time. Discoveries are controlled over all series together.
    """
    chosen = options or Options()
    families = list(each_family(index, commits, chosen, progress))
    points = sum(int(np.count_nonzero(~np.isnan(family.values))) for family in families)
    found = [(family, step) for family in families for step in family.steps]
    tests = max(1, points // segments.SHORTEST)
    q_of = q_values([step.p_value for _, step in found], tests)
    changes: list[ChangePoint] = []
    for family in families:
        mine = [(step, q) for (of, step), q in zip(found, q_of, strict=True) if of is family]
        changes += _change_points(family, mine, commits, chosen)
    changes.sort(key=lambda change: (change.measured_at, change.platform, change.metric, change.benchmark))
    runs = {run.id for family in families for run in family.runs}
    elsewhere = 0
    if commits is not None:
        elsewhere = sum(run.commit not in commits.positions for run in index.runs() if not run.failed)
    return Detection(tuple(changes), sum(family.values.shape[1] for family in families), points, len(runs), elsewhere)


def each_family(index: Index, commits: Commits | None, options: Options, progress: Progress = iter) -> Iterator[Family]:
    """The families that `options` ask for, each with its believable steps. Raises `UseError` if they match nothing."""
    _refuse_unmatched(index, options)
    wanted = [
        (platform, metric)
        for platform in index.platforms()
        if any(fnmatchcase(platform, glob) for glob in options.platforms)
        for metric in index.metrics(platform)
        if options.metric(metric)
    ]
    for platform, metric in progress(wanted):
        yield _family(index, commits, options, platform, metric)


def _refuse_unmatched(index: Index, options: Options) -> None:
    """Raise `UseError` for globs that match no name: nothing looked at would read like nothing found."""
    asked = (
        ("platform", options.platforms, index.platforms()),
        ("benchmark", options.benchmarks, index.benchmarks()),
        ("metric", options.metrics, index.metrics()),
    )
    for kind, globs, names in asked:
        if names and globs and not any(fnmatchcase(name, glob) for glob in globs for name in names):
            near = nearest(globs[0], names)
            known = f"they are {', '.join(names[:_NAMED])}{', …' if len(names) > _NAMED else ''}"
            raise UseError.at(
                f"--{kind} {', '.join(globs)}",
                f"there is no such {kind}",
                f"did you mean {near!r}?" if near else known,
                ExitStatus.NOTHING_SELECTED,
            )


def _family(index: Index, commits: Commits | None, options: Options, platform: str, metric: str) -> Family:
    table = index.table(platform, metric)
    order = _order(table.runs, commits)
    runs = tuple(table.runs[row] for row in order)
    means = np.array([table.means[row] for row in order], dtype=np.float64).reshape(len(runs), len(table.benchmarks))
    logs = np.log(np.where(means > 0, means, np.nan))
    values, names, better = logs, table.benchmarks, table.lower_is_better
    if not options.raw and runs and set(table.units) == {"s"}:
        reference = _reference(runs)
        values, common = adjusted(logs, reference)
        if len(names) > 1 and np.all(np.isnan(reference)):
            values = np.column_stack((values, common))
            names, better = (*names, ALL_BENCHMARKS), (*better, True)
    columns = [
        column
        for column, name in enumerate(names)
        if name == ALL_BENCHMARKS or any(fnmatchcase(name, glob) for glob in options.benchmarks)
    ]
    if options.benchmarks != ("*",):
        columns = [column for column in columns if names[column] != ALL_BENCHMARKS]
    values = values[:, columns]
    return Family(
        platform,
        metric,
        runs,
        tuple(names[column] for column in columns),
        tuple(better[column] for column in columns),
        values,
        tuple(steps(values, options.method)),
    )


def _order(runs: Sequence[Run], commits: Commits | None) -> list[int]:
    """The rows of runs in the order in which they are a series."""
    rows = range(len(runs))
    if commits is None:
        return list(rows)
    on_main = [row for row in rows if runs[row].commit in commits.positions]
    return sorted(on_main, key=lambda row: (commits.positions[runs[row].commit], runs[row].measured_at))


def _reference(runs: Sequence[Run]) -> Array:
    means = np.array([run.reference_mean or np.nan for run in runs], dtype=np.float64)
    return reference_moods(means, [run.machine.get("reference") for run in runs])


def _change_points(
    family: Family, found: list[tuple[Step, float]], commits: Commits | None, options: Options
) -> Iterator[ChangePoint]:
    for step, q_value in found:
        if q_value > FALSE_DISCOVERIES or abs(step.shift) < LEAST_DEVIATIONS * step.scale:
            continue
        ratio = float(np.exp(step.shift))
        if abs(ratio - 1) < options.at_least:
            continue
        at = at_boundary(family, step)
        known = [row for row in range(step.start, at) if not np.isnan(family.values[row, step.column])]
        before, after = family.runs[known[-1] if known else at - 1], family.runs[at]
        worse = (step.shift > 0) == family.lower_is_better[step.column]
        later = [other for other, _ in found if other.column == step.column and other.at > step.at]
        yield ChangePoint(
            platform=family.platform,
            benchmark=family.benchmarks[step.column],
            metric=family.metric,
            commit_before=before.commit,
            commit_after=after.commit,
            range=_range(before.commit, after.commit, commits),
            measured_at=after.measured_at,
            ratio=ratio,
            p_value=step.p_value,
            q_value=q_value,
            kind="regression" if worse else "improvement",
            recovered_at=_recovered(family, step, later),
            runs_before=step.at - step.start,
            runs_after=step.end - step.at,
        )


def at_boundary(family: Family, step: Step) -> int:
    """The row at which the step is blamed: that of another commit, if the step is one run off its first one.

    A change of the code comes with a commit, and the place of a step is not surer than that.
    """
    column = family.values[:, step.column]
    for row in (step.at, step.at - 1, step.at + 1):
        inside = step.start < row < step.end and not np.isnan(column[row])
        if inside and family.runs[row].commit != family.runs[row - 1].commit:
            return row
    return step.at


def _range(before: str, after: str, commits: Commits | None) -> tuple[str, ...]:
    if commits is None:
        return (after,) if after != before else ()
    first, last = commits.positions[before] + 1, commits.positions[after] + 1
    return tuple(commit.sha for commit in commits.commits[first:last])


def _recovered(family: Family, step: Step, later: list[Step]) -> str | None:
    """The first commit of the first later segment whose level is that before the step."""
    values = family.values[:, step.column]
    level = np.nanmedian(values[step.start : step.at])
    near = max(_BACK_DEVIATIONS * step.scale, _BACK_SHARE * abs(step.shift))
    for other in later:
        if abs(np.nanmedian(values[other.at : other.end]) - level) <= near:
            return family.runs[at_boundary(family, other)].commit
    return None
