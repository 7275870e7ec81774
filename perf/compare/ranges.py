"""The range of commits that a change lies in, with what was measured of a series there: the question of a bisection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import log

from longpole.perf.changes import Change
from longpole.perf.commits import Commits
from longpole.perf.compare import mood
from longpole.perf.compare.bisection import Range, steady
from longpole.perf.compare.compare import Series
from longpole.perf.compare.noise import noise
from longpole.perf.index import Index, Run, Table
from longpole.rts_tests.contracts.errors import UseError

LEAST_CHANGE = 2.0
"""A change of fewer standard deviations of the noise takes dozens of runs to find; it is left out unless asked for."""
ASSUMED_NOISE = 0.03
"""The noise of a series of which no commit was measured twice."""
LEAST_NOISE = 0.0005
_NEIGHBOURS = 8
"""Runs beyond each end that count for it, at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """A series and the range to search. `noise_pairs` says how many pairs of runs its noise is known from."""

    platform: str
    benchmark: str
    metric: str
    asked: Range
    noise_pairs: int
    lower_is_better: bool


def question(
    index: Index,
    commits: Commits,
    series: Series,
    ends: tuple[str, str],
    *,
    expected: float | None = None,
    least: float | None = None,
) -> Question:
    """The question of a series between two commits of the main branch, the last good and the first bad one.

    `least` is the smallest change of interest, as a logarithm; None: LEAST_CHANGE.

    Raises `UseError` if they are not in this order, or if nothing was measured of the series.
    """
    platform, benchmark, metric = series
    first, last = _in_order(commits, ends)
    table = _table_of(index, series)
    near = _near(table, commits, first, last)
    values = _values(table, near, benchmark)
    by_commit: dict[str, list[float]] = {}
    for run, value in values:
        by_commit.setdefault(run.commit, []).append(value)
    known = noise(table, divide=_is_time(table)).get(benchmark)
    deviation = max(LEAST_NOISE, known.deviation) if known is not None else ASSUMED_NOISE
    before = [value for run, value in values if commits.positions[run.commit] < first]
    after = [value for run, value in values if commits.positions[run.commit] > last]
    inside = tuple(commit.sha for commit in commits.commits[first : last + 1])
    asked = Range(
        inside,
        {commit: tuple(by_commit[commit]) for commit in inside if commit in by_commit},
        deviation,
        _level(before[::-1], deviation, by_commit.get(ends[0], ())),
        _level(after, deviation, by_commit.get(ends[1], ())),
        _broken(index.runs(platform), inside),
        expected,
        LEAST_CHANGE * deviation if least is None else least,
    )
    better = dict(zip(table.benchmarks, table.lower_is_better, strict=False)).get(benchmark, True)
    return Question(platform, benchmark, metric, asked, 0 if known is None else known.pairs, better)


def _in_order(commits: Commits, ends: tuple[str, str]) -> tuple[int, int]:
    """The positions of the two commits. Raises `UseError` if the first is not before the second."""
    first, last = (commits.positions[each] for each in ends)
    if first >= last:
        what = f"{ends[0][:12]} is not before {ends[1][:12]} in {commits.source}"
        raise UseError.at("--good, --bad", what, "name the last good commit, then the first bad one")
    return first, last


def _table_of(index: Index, series: Series) -> Table:
    """The table that has the series. Raises `UseError` if none has."""
    platform, benchmark, metric = series
    table = index.table(platform, metric)
    if benchmark not in table.benchmarks:
        what = f"no {metric!r} of benchmark {benchmark!r} on {platform!r}"
        raise UseError.at("", what, "`longpole perf list` says what there is")
    return table


@dataclass(frozen=True, slots=True)
class Searched:
    """Where to search: the results, the main branch, and globs over platforms and benchmarks."""

    index: Index
    commits: Commits
    platform: str
    benchmark: str

    def takes(self, platform: str, benchmark: str) -> bool:
        """Whether a series is to be searched."""
        return fnmatchcase(platform, self.platform) and fnmatchcase(benchmark, self.benchmark)

    def series(self, metric: str) -> list[Series]:
        """All series of a metric that are to be searched. Raises `UseError` if there is none."""
        found = [
            (platform, benchmark, metric)
            for platform in self.index.platforms()
            for benchmark in self.index.benchmarks(platform)
            if self.takes(platform, benchmark) and metric in self.index.metrics(platform, benchmark)
        ]
        if not found:
            what = f"no results of {metric!r} for platform {self.platform!r} and benchmark {self.benchmark!r}"
            raise UseError.at("", what, "`longpole perf list` says what there is")
        return found


def of_ends(
    searched: Searched, series: Iterable[Series], ends: tuple[str, str], least: float | None
) -> Iterator[Question]:
    """The questions of these series between two commits."""
    for each in series:
        yield question(searched.index, searched.commits, each, ends, least=least)


def of_changes(searched: Searched, changes: Iterable[Change]) -> Iterator[Question]:
    """The questions of regressions that have not recovered and lie in a range of several commits of the main branch."""
    places = searched.commits.positions
    for each in changes:
        ends = each.commit_before, each.commit_after
        wanted = (
            searched.takes(each.platform, each.benchmark) and each.kind == "regression" and each.recovered_at is None
        )
        if wanted and places.keys() >= set(ends) and places[ends[1]] - places[ends[0]] > 1:
            yield question(searched.index, searched.commits, each.series, ends, expected=each.size, least=0.0)


def _near(table: Table, commits: Commits, first: int, last: int) -> list[int]:
    """The rows of runs in the range and of the nearest ones beyond its ends, in the order of the commits."""
    placed = sorted(
        (commits.positions[run.commit], row) for row, run in enumerate(table.runs) if run.commit in commits.positions
    )
    before = [row for place, row in placed if place < first][-_NEIGHBOURS:]
    inside = [row for place, row in placed if first <= place <= last]
    return [*before, *inside, *[row for place, row in placed if place > last][:_NEIGHBOURS]]


def _values(table: Table, rows: Sequence[int], benchmark: str) -> list[tuple[Run, float]]:
    """Each run's logarithm of the benchmark's value, with the common factor of the run divided out."""
    means = [
        {name: mean for name, mean in zip(table.benchmarks, table.means[row], strict=True) if mean is not None}
        for row in rows
    ]
    runs = [table.runs[row] for row in rows]
    factors = _factors(runs, means, benchmark) if _is_time(table) else [1.0] * len(runs)
    return [
        (run, log(mean[benchmark] / factor))
        for run, mean, factor in zip(runs, means, factors, strict=True)
        if mean.get(benchmark, 0.0) > 0
    ]


def _factors(runs: Sequence[Run], means: Sequence[Mapping[str, float]], benchmark: str) -> list[float]:
    references = [run.reference_mean for run in runs]
    if runs and all(references):
        return [each or 1.0 for each in references]
    return [factor.get(benchmark, 1.0) for factor in mood.by_others(means)]


def _is_time(table: Table) -> bool:
    return set(table.units) == {"s"}


def _level(outside: Sequence[float], deviation: float, own: Sequence[float]) -> tuple[float, ...]:
    """The runs beyond an end, the nearest first, that are at its level: only such count for it."""
    return steady([*own, *outside], deviation, len(own) + _NEIGHBOURS)[len(own) :]


def _broken(runs: Sequence[Run], inside: Sequence[str]) -> frozenset[str]:
    """The commits of the range that have failed results only: they are taken to fail again."""
    failed = {run.commit for run in runs if run.failed}
    fine = {run.commit for run in runs if not run.failed}
    return frozenset(commit for commit in inside if commit in failed and commit not in fine)
