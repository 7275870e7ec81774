"""Two sides compared: which benchmarks became slower or larger, by how much, and how sure that is.

The hard part is what varies. The values of one run agree with one another much better than those of two runs: the
machine, its neighbours and the layout of memory are the same for all of them, and other ones an hour later. A test on
them alone calls every second pair of runs of one commit different. So a regression must be both: told apart by the
test, and beyond the threshold of its series, which says what two runs of one commit differ by. And wherever a side has
several runs, one value a run is tested, and not the many values within one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from statistics import median

from longpole.perf.compare import mood, statistics
from longpole.perf.compare.sides import Side
from longpole.perf.model import Metric, Result
from longpole.rts_tests.contracts.errors import UseError

DEFAULT_THRESHOLD = 0.1
"""The relative change that counts in a series of which nothing is known."""
EXACT_THRESHOLD = 0.01
"""The same for values that do not vary, such as the size of an output."""
ALPHA = 0.05
"""The part of all reported changes that may be wrong, and the significance of a single test."""

Series = tuple[str, str, str]
"""A platform, a benchmark, a metric."""


class Basis(StrEnum):
    """What the values are that were compared."""

    RUNS = "runs"
    SAMPLES = "samples"
    MEANS = "means"
    EXACT = "exact"


class Verdict(StrEnum):
    """What is said of a series.

    `UNCLEAR` is beyond the threshold, but the test does not tell the sides apart; or has no ratio.
    """

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    UNCLEAR = "unclear"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The relative change that counts, 0.1 for 10 %: of each calibrated series, and of all others.

    A series has one for values as they are, and one for values of which the common factor of their run is divided out.
    `moods` says, by platform and metric, up to which change all benchmarks in common may differ because of the machine.
    `least` is what a user asks for: it replaces the defaults, and raises lower calibrated ones.
    """

    calibrated: Mapping[Series, float] = field(default_factory=dict)
    divided: Mapping[Series, float] = field(default_factory=dict)
    moods: Mapping[tuple[str, str], float] = field(default_factory=dict)
    least: float | None = None

    def of(self, series: Series, *, exact: bool = False, divided: bool = False) -> tuple[float, bool]:
        """The threshold of a series, and whether it is calibrated."""
        own = (self.divided if divided else self.calibrated).get(series)
        if own is not None:
            return (own, True) if self.least is None or self.least <= own else (self.least, False)
        return (EXACT_THRESHOLD if exact else DEFAULT_THRESHOLD) if self.least is None else self.least, False


@dataclass(frozen=True, slots=True)
class Difference:
    """One series of both sides.

    `before` and `after` are medians, in `unit`. `ratio` is after / before with the mood divided out, None if one of
    them is not positive; `interval` is its bootstrap interval. `p_value` is None where there was nothing to test.
    """

    platform: str
    benchmark: str
    metric: str
    unit: str
    lower_is_better: bool
    before: float
    after: float
    ratio: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    q_value: float | None
    basis: Basis
    counts: tuple[int, int]
    threshold: float
    calibrated: bool
    separate: bool
    """Whether no value of one side lies within the range of the other."""
    verdict: Verdict = Verdict.SAME

    @property
    def worse(self) -> float | None:
        """How many times worse it became, above 1 if it did; None without a ratio."""
        if self.ratio is None:
            return None
        return self.ratio if self.lower_is_better else 1 / self.ratio


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and every series that both have. `common` are the common factors that were divided out."""

    before: Side
    after: Side
    differences: tuple[Difference, ...]
    failed: tuple[tuple[str, str], ...]
    """Platform and name of what was measured before and failed after."""
    gone: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]
    """Platforms and benchmarks that only the first, and only the second side has."""
    common: Mapping[tuple[str, str], float]
    """By platform and metric: how much slower all benchmarks became in common; divided out."""
    beyond_mood: Mapping[tuple[str, str], float]
    """The same where it is more than a machine's mood, and so not divided out."""
    by_reference: tuple[str, ...]
    """The platforms whose times are divided by the reference workload's."""

    def with_verdict(self, verdict: Verdict) -> tuple[Difference, ...]:
        """The series of this verdict, the greatest change first."""
        found = [each for each in self.differences if each.verdict is verdict]
        return tuple(sorted(found, key=lambda each: -abs((each.worse or 1.0) - 1)))

    @property
    def regressed(self) -> bool:
        """Whether something became worse, or failed."""
        return bool(self.failed) or any(each.verdict is Verdict.REGRESSION for each in self.differences)


@dataclass(frozen=True, slots=True)
class Options:
    """What is compared: globs over platforms, benchmarks and metrics; and whether times are divided by their mood.

    `divide_others` is for runs of a history: the other benchmarks of a run stand in for a missing reference.
    """

    platforms: tuple[str, ...] = ("*",)
    benchmarks: tuple[str, ...] = ("*",)
    metrics: tuple[str, ...] = ()
    divide_reference: bool = True
    divide_others: bool = False

    def takes(self, benchmark: str, metric: str) -> bool:
        """Whether a series is asked for; parts of another metric, `pass:NAME`, only if a glob names them."""
        return self.takes_metric(metric) and _any(benchmark, self.benchmarks)

    def takes_metric(self, metric: str) -> bool:
        """Whether a metric is asked for."""
        return _any(metric, self.metrics) if self.metrics else not metric.startswith("pass:")


def compare(before: Side, after: Side, thresholds: Thresholds, options: Options = Options()) -> Comparison:
    """Compare two sides on every platform that both have. Raises `UseError` if they have no series in common."""
    platforms = [each for each in before.platforms if each in after.platforms and _any(each, options.platforms)]
    if not platforms:
        what = f"{_listed(before)}, and {_listed(after)}: no platform of both"
        raise UseError.at("", what, "name results of the same platform")
    before, after = before.on(platforms), after.on(platforms)
    differences: list[Difference] = []
    common: dict[tuple[str, str], float] = {}
    beyond: dict[tuple[str, str], float] = {}
    referenced = []
    for platform in platforms:
        runs = _Runs(before.of(platform), after.of(platform), options)
        differences += runs.differences(platform, thresholds)
        common |= {(platform, metric): factor for metric, factor in runs.common.items()}
        beyond |= {(platform, metric): factor for metric, factor in runs.beyond_mood.items()}
        if runs.reference is not None:
            referenced.append(platform)
    already = _failed(before, platforms, options)
    failed = tuple(each for each in _failed(after, platforms, options) if each not in already)
    if not differences and not failed:
        raise UseError.at("", "no benchmark and metric of both sides", "name results of the same benchmarks")
    had, have = (_benchmarks(side, platforms, options) for side in (before, after))
    return Comparison(
        before,
        after,
        tuple(_judged(differences)),
        failed,
        tuple(each for each in had if each not in have and each not in failed),
        tuple(each for each in have if each not in had),
        common,
        beyond,
        tuple(referenced),
    )


class _Runs:
    """The runs of both sides on one platform, and what their times are divided by."""

    def __init__(self, before: Sequence[Result], after: Sequence[Result], options: Options) -> None:
        self._options = options
        measured = [[run for run in runs if not run.failed] for runs in (before, after)]
        self._cut = len(measured[0])
        self._runs = [*measured[0], *measured[1]]
        self._metrics = [{each.name: each.metrics for each in run.benchmarks} for run in self._runs]
        self.reference = mood.by_reference(self._runs) if options.divide_reference else None
        self.common: dict[str, float] = {}
        self.beyond_mood: dict[str, float] = {}

    def differences(self, platform: str, thresholds: Thresholds) -> Iterator[Difference]:
        """Every series that both sides have, without verdict."""
        names = dict.fromkeys(name for run in self._metrics for metrics in run.values() for name in metrics)
        for metric in filter(self._options.takes_metric, names):
            factors = self._factors(metric, thresholds.moods.get((platform, metric), DEFAULT_THRESHOLD))
            divided = self.reference is not None or metric in self.common
            names = dict.fromkeys(name for run in self._metrics for name in run)
            for name in (each for each in names if self._options.takes(each, metric)):
                sides = [
                    [
                        (run[name][metric], factor[name])
                        for run, factor in zip(self._metrics[part], factors[part], strict=True)
                        if name in run and metric in run[name]
                    ]
                    for part in (slice(self._cut), slice(self._cut, None))
                ]
                if all(sides) and len({each.unit for each, _ in (*sides[0], *sides[1])}) == 1:
                    yield _difference((platform, name, metric), sides[0], sides[1], thresholds, divided=divided)

    def _factors(self, metric: str, limit: float) -> list[dict[str, float]]:
        """What each benchmark of each run is divided by. A common factor beyond `limit` is no mood."""
        values = [
            {name: metrics[metric].mean for name, metrics in run.items() if metric in metrics} for run in self._metrics
        ]
        units = {metrics[metric].unit for run in self._metrics for metrics in run.values() if metric in metrics}
        if units == {"s"} and self.reference is not None:
            return [dict.fromkeys(run, each) for run, each in zip(values, self.reference, strict=True)]
        if units == {"s"} and self._options.divide_others:
            factor = mood.common(values[: self._cut], values[self._cut :])
            if factor is not None and 1 / (1 + limit) <= factor <= 1 + limit:
                self.common[metric] = factor
                return mood.by_others(values)
            if factor is not None:
                self.beyond_mood[metric] = factor
        return [dict.fromkeys(run, 1.0) for run in values]


_Measured = tuple[Metric, float]
"""A metric of one run, and what its values are divided by."""


def _difference(
    series: Series, before: Sequence[_Measured], after: Sequence[_Measured], thresholds: Thresholds, *, divided: bool
) -> Difference:
    sides = (before, after)
    raw = all(len(side) == 1 and side[0][0].samples for side in sides)
    means = [[metric.mean / factor for metric, factor in side] for side in sides]
    values = [[sample / factor for metric, factor in side for sample in metric.samples] for side in sides]
    first, second = values if raw else means
    exact = _exact(series[2], [metric for metric, _ in (*before, *after)])
    basis = Basis.EXACT if exact else Basis.SAMPLES if raw else Basis.MEANS if len(first + second) == 2 else Basis.RUNS
    positive = min(*first, *second) > 0
    tested = basis in (Basis.SAMPLES, Basis.RUNS)
    threshold, calibrated = thresholds.of(series, exact=exact, divided=divided and after[0][0].unit == "s")
    shown = [
        median([sample for metric, _ in side for sample in metric.samples] if raw else [each.mean for each, _ in side])
        for side in sides
    ]
    return Difference(
        platform=series[0],
        benchmark=series[1],
        metric=series[2],
        unit=after[0][0].unit,
        lower_is_better=after[0][0].lower_is_better,
        before=shown[0],
        after=shown[1],
        ratio=median(second) / median(first) if positive else None,
        interval=statistics.ratio_interval(first, second) if tested and positive and len(first + second) > 2 else None,
        p_value=statistics.mann_whitney(first, second) if tested else None,
        q_value=None,
        basis=basis,
        counts=(len(first), len(second)),
        threshold=threshold,
        calibrated=calibrated,
        separate=max(first) < min(second) or max(second) < min(first),
    )


def _exact(name: str, metrics: Sequence[Metric]) -> bool:
    """Whether a value does not vary: the size of an output, and what was the same in all samples of every run."""
    return name == "size" or all(
        each.count > 1 and (each.deviation == 0 or len(set(each.samples)) == 1) for each in metrics
    )


def _judged(differences: Sequence[Difference]) -> Iterator[Difference]:
    """The differences with verdicts. All tests count as made together.

    Few values cannot be told apart by a test that is one of many: then no value of one side may lie within the range of
    the other.
    """
    tested = [each for each in differences if each.p_value is not None]
    q_values = iter(statistics.adjusted([each.p_value for each in tested if each.p_value is not None]))
    for each in differences:
        q_value = None if each.p_value is None else next(q_values)
        few = statistics.least_p(*each.counts) * max(1, len(tested)) > ALPHA
        told_apart = each.separate if few or q_value is None else q_value <= ALPHA
        yield replace(each, q_value=q_value, verdict=_verdict(each, told_apart=told_apart))


def _verdict(difference: Difference, *, told_apart: bool) -> Verdict:
    worse, most = difference.worse, 1 + difference.threshold
    if worse is None:
        return Verdict.SAME if difference.before == difference.after else Verdict.UNCLEAR
    if 1 / most <= worse <= most:
        return Verdict.SAME
    if not told_apart:
        return Verdict.UNCLEAR
    return Verdict.REGRESSION if worse > 1 else Verdict.IMPROVEMENT


def _benchmarks(side: Side, platforms: Sequence[str], options: Options) -> list[tuple[str, str]]:
    """The platforms and benchmarks that a side has measured, of those that are asked for."""
    found = [
        (platform, benchmark.name)
        for platform in platforms
        for run in side.of(platform)
        for benchmark in run.benchmarks
        if _any(benchmark.name, options.benchmarks)
    ]
    return list(dict.fromkeys(found))


def _failed(side: Side, platforms: Sequence[str], options: Options) -> tuple[tuple[str, str], ...]:
    """What failed in every run of a side: each a platform and a benchmark, or a step before any of them."""
    failed = [
        (platform, failure.name) for platform in platforms for run in side.of(platform) for failure in run.failures
    ]
    measured = _benchmarks(side, platforms, replace(options, benchmarks=("*",)))
    return tuple(each for each in dict.fromkeys(failed) if each not in measured and _any(each[1], options.benchmarks))


def _listed(side: Side) -> str:
    return f"{side.name} is of {', '.join(side.platforms)}"


def _any(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
