"""Verdicts: what is called a regression, and, as important, what is not."""

from dataclasses import replace

import pytest

from longpole.perf.compare.compare import Basis, Comparison, Difference, Options, Thresholds, Verdict, compare
from longpole.perf.compare.report import side_line
from longpole.perf.model import Benchmark, Failure, Metric, Result
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.compare.made_up import FIRST, SECOND, levels, run_of, side
from tests.perf.results import result


def with_metrics(name: str, metrics: dict[str, Metric], **changes: object) -> Result:
    return result(benchmarks=(Benchmark(name, metrics),), **changes)


def only(comparison: Comparison) -> Difference:
    (difference,) = comparison.differences
    return difference


def of_metrics(before: Metric, after: Metric, *, metric: str = "time") -> Difference:
    sides = (side("A", with_metrics("b", {metric: before})), side("B", with_metrics("b", {metric: after})))
    return only(compare(*sides, Thresholds()))


def verdicts(comparison: Comparison) -> dict[str, Verdict]:
    return {each.benchmark: each.verdict for each in comparison.differences if each.verdict is not Verdict.SAME}


def test_a_step_is_found_in_samples_and_nothing_else_is() -> None:
    before = run_of(levels(), 1, samples=20)
    after = run_of(levels(bench_3=1.2, bench_7=0.8), 2, samples=20, commit=SECOND)
    comparison = compare(side("A", before), side("B", after), Thresholds(least=0.05))
    assert verdicts(comparison) == {"bench-3": Verdict.REGRESSION, "bench-7": Verdict.IMPROVEMENT}
    assert comparison.regressed
    step = comparison.with_verdict(Verdict.REGRESSION)[0]
    assert step.basis is Basis.SAMPLES
    assert step.counts == (20, 20)
    assert step.interval is not None
    assert step.ratio is not None
    assert step.interval[0] < step.ratio < step.interval[1]
    assert step.ratio == pytest.approx(1.2, rel=0.05)
    assert step.q_value is not None
    assert step.q_value < 0.001


def test_runs_of_one_commit_are_not_told_apart_though_their_samples_are() -> None:
    """Samples of one run agree with one another; the test alone would call every run another one."""
    alarms = told_apart = 0
    for seed in range(8):
        runs = [run_of(levels(), 2 * seed + at, samples=30, noise=0.015) for at in range(2)]
        comparison = compare(side("A", runs[0]), side("B", runs[1]), Thresholds())
        told_apart += sum((each.q_value or 1) <= 0.05 for each in comparison.differences)
        alarms += len(verdicts(comparison))
    assert told_apart > 30
    assert alarms == 0


def test_of_several_runs_one_value_each_is_compared() -> None:
    before = side("A", *(run_of(levels(), seed, samples=30) for seed in range(6)))
    after = side("B", *(run_of(levels(bench_1=1.15), 50 + seed, samples=30) for seed in range(8)))
    comparison = compare(before, after, Thresholds(least=0.05))
    assert {each.basis for each in comparison.differences} == {Basis.RUNS}
    assert {each.counts for each in comparison.differences} == {(6, 8)}
    assert verdicts(comparison) == {"bench-1": Verdict.REGRESSION}


def test_means_alone_are_judged_by_the_threshold() -> None:
    before, after = run_of(levels(), 1), run_of(levels(bench_2=1.3, bench_5=1.05), 2)
    comparison = compare(side("A", before), side("B", after), Thresholds())
    assert verdicts(comparison) == {"bench-2": Verdict.REGRESSION}
    assert {(each.basis, each.p_value, each.interval) for each in comparison.differences} == {(Basis.MEANS, None, None)}


def test_few_samples_may_not_overlap() -> None:
    """Three samples a side cannot have a p-value below 0.1; a change beyond the threshold counts if they are apart."""
    apart = of_metrics(Metric.of("s", (1.0, 1.1, 1.2)), Metric.of("s", (1.5, 1.6, 1.9)))
    assert apart.p_value == pytest.approx(0.1)
    assert apart.verdict is Verdict.REGRESSION
    overlapping = of_metrics(Metric.of("s", (1.0, 1.1, 1.6)), Metric.of("s", (1.5, 1.7, 1.9)))
    assert overlapping.verdict is Verdict.UNCLEAR


def test_one_of_many_tests_must_be_clearer() -> None:
    before = Metric.of("s", (1.0, 1.1, 1.2, 1.3, 2.0, 1.5, 1.25, 1.15))
    after = Metric.of("s", (1.4, 1.5001, 1.6, 1.35, 1.7, 1.8, 1.45, 1.9))
    alone = of_metrics(before, after)
    assert alone.p_value is not None
    assert (0.01 < alone.p_value < 0.05, alone.verdict) == (True, Verdict.REGRESSION)
    same = Metric.of("s", tuple(1 + each / 100 for each in range(8)))
    runs = [
        result(benchmarks=tuple(Benchmark(name, {"time": own if name == "b" else same}) for name in "bcdefghijklmnop"))
        for own in (before, after)
    ]
    comparison = compare(side("A", runs[0]), side("B", runs[1]), Thresholds())
    assert verdicts(comparison) == {"b": Verdict.UNCLEAR}
    assert not comparison.regressed


def test_a_size_is_exact_and_has_a_lower_threshold() -> None:
    grown = of_metrics(Metric("B", 1000.0), Metric("B", 1020.0), metric="size")
    assert (grown.basis, grown.threshold, grown.verdict) == (Basis.EXACT, 0.01, Verdict.REGRESSION)
    assert of_metrics(Metric("B", 1000.0), Metric("B", 1005.0), metric="size").verdict is Verdict.SAME
    memory = of_metrics(Metric("B", 1000.0), Metric("B", 1050.0), metric="memory")
    assert (memory.basis, memory.verdict) == (Basis.MEANS, Verdict.SAME)
    constant = of_metrics(Metric.of("B", (7.0, 7.0)), Metric.of("B", (8.0, 8.0)), metric="memory")
    assert (constant.basis, constant.verdict) == (Basis.EXACT, Verdict.REGRESSION)


def test_where_higher_is_better_less_is_a_regression() -> None:
    before = Metric("1", 100.0, lower_is_better=False)
    assert of_metrics(before, replace(before, mean=70.0)).verdict is Verdict.REGRESSION
    assert of_metrics(before, replace(before, mean=140.0)).verdict is Verdict.IMPROVEMENT


@pytest.mark.parametrize(("before", "after", "verdict"), [(0, 0, "same"), (0, 5, "unclear"), (-1, -2, "unclear")])
def test_without_a_ratio_a_change_is_unclear(before: float, after: float, verdict: str) -> None:
    difference = of_metrics(Metric("1", before), Metric("1", after))
    assert (difference.ratio, difference.verdict) == (None, verdict)


def test_a_calibrated_threshold_is_raised_by_the_user_but_not_lowered() -> None:
    series, other = ("x", "b", "time"), ("x", "other", "time")
    own = {series: 0.08}
    assert Thresholds(own).of(series) == (0.08, True)
    assert Thresholds(own, least=0.02).of(series) == (0.08, True)
    assert Thresholds(own, least=0.2).of(series) == (0.2, False)
    assert Thresholds(own).of(other) == (0.1, False)
    assert Thresholds(own, least=0.02).of(other, exact=True) == (0.02, False)
    both = Thresholds(own, {series: 0.03})
    assert (both.of(series), both.of(series, divided=True)) == ((0.08, True), (0.03, True))


def test_the_reference_workload_divides_the_mood_out() -> None:
    before = side("A", *(run_of(levels(), seed, mood=0.3, reference=True) for seed in range(8)))
    after = side("B", *(run_of(levels(bench_4=1.2), 90 + seed, mood=0.3, reference=True) for seed in range(8)))
    divided = compare(before, after, Thresholds(least=0.05))
    assert verdicts(divided) == {"bench-4": Verdict.REGRESSION}
    assert divided.by_reference == ("x86_64-linux",)
    raw = compare(before, after, Thresholds(least=0.05), Options(divide_reference=False))
    assert raw.by_reference == ()
    assert not any(each.verdict is Verdict.REGRESSION for each in raw.differences)


def test_another_reference_workload_divides_nothing() -> None:
    runs = [run_of(levels(), seed, reference=True) for seed in range(2)]
    other = replace(runs[1], machine={"reference": "2"}, reference=Metric("s", 9.0))
    assert compare(side("A", runs[0]), side("B", other), Thresholds()).by_reference == ()


def test_the_other_benchmarks_divide_the_mood_out_in_a_history() -> None:
    before = side("A", *(run_of(levels(), seed, mood=0.3) for seed in range(3)))
    after = side("B", *(run_of(levels(bench_4=1.2), 90 + seed, mood=0.3) for seed in range(3)))
    thresholds = Thresholds(moods={("x86_64-linux", "time"): 1.0}, least=0.05)
    divided = compare(before, after, thresholds, Options(divide_others=True))
    assert verdicts(divided) == {"bench-4": Verdict.REGRESSION}
    step = divided.with_verdict(Verdict.REGRESSION)[0]
    assert step.ratio == pytest.approx(1.2, rel=0.03)
    assert set(divided.common) == {("x86_64-linux", "time")}


def test_what_a_mood_explains_is_divided_out_and_what_it_does_not_explain_is_a_regression() -> None:
    """Of a change of all benchmarks only the size tells a slow machine from a change that slows all."""
    before, after = run_of(levels(), 1), run_of({name: 1.5 * each for name, each in levels().items()}, 2)
    sides = side("A", before), side("B", after)
    divide = Options(divide_others=True)
    moody = compare(*sides, Thresholds(moods={("x86_64-linux", "time"): 0.6}), divide)
    assert (moody.regressed, dict(moody.beyond_mood)) == (False, {})
    assert moody.common["x86_64-linux", "time"] == pytest.approx(1.5, rel=0.05)
    for thresholds in (Thresholds(), Thresholds(moods={("x86_64-linux", "time"): 0.3})):
        slower = compare(*sides, thresholds, divide)
        assert len(verdicts(slower)) == 16
        assert slower.beyond_mood["x86_64-linux", "time"] == pytest.approx(1.5, rel=0.05)
        assert dict(slower.common) == {}


def test_of_few_benchmarks_nothing_is_divided_out() -> None:
    few = {name: level for name, level in levels().items() if name in ("bench-0", "bench-1", "bench-2")}
    before, after = run_of(few, 1), run_of({name: 1.5 * each for name, each in few.items()}, 2)
    divided = compare(side("A", before), side("B", after), Thresholds(), Options(divide_others=True))
    assert len(verdicts(divided)) == 3
    assert divided.common == {}


def test_what_failed_only_after_counts_and_what_is_gone_or_new_is_said() -> None:
    before = run_of({"a": 1, "b": 1, "c": 1, "f": 1}, 1, failures=("old",))
    after = run_of({"a": 1, "n": 1}, 2, commit=SECOND, failures=("b", "old"))
    comparison = compare(side("A", before), side("B", after), Thresholds())
    assert comparison.failed == (("x86_64-linux", "b"),)
    assert comparison.gone == (("x86_64-linux", "c"), ("x86_64-linux", "f"))
    assert comparison.new == (("x86_64-linux", "n"),)
    assert comparison.regressed


def test_a_side_that_failed_altogether_is_worse() -> None:
    failed = result(platform="x86_64-linux", commit=SECOND, benchmarks=(), failures=(Failure("build", "no"),))
    comparison = compare(side("A", run_of({"a": 1}, 1)), side("B", failed), Thresholds())
    assert comparison.regressed
    assert comparison.differences == ()


def test_a_benchmark_that_failed_in_one_run_of_several_was_measured() -> None:
    runs = [run_of({"a": 1}, 1), run_of({"b": 1}, 2, failures=("a",))]
    assert compare(side("A", run_of({"a": 1, "b": 1}, 3)), side("B", *runs), Thresholds()).failed == ()


def test_series_are_chosen_by_globs_and_parts_only_by_name() -> None:
    metrics = {"time": Metric("s", 1.0), "pass:lex": Metric("s", 1.0), "memory": Metric("B", 1.0)}
    benchmarks = tuple(Benchmark(name, metrics) for name in ("lex", "parse"))
    sides = [side(commit, result(commit=commit, benchmarks=benchmarks)) for commit in (FIRST, SECOND)]

    def chosen(benchmarks: tuple[str, ...] = ("*",), metrics: tuple[str, ...] = ()) -> set[tuple[str, str]]:
        comparison = compare(sides[0], sides[1], Thresholds(), Options(benchmarks=benchmarks, metrics=metrics))
        return {(each.benchmark, each.metric) for each in comparison.differences}

    assert chosen() == {(name, metric) for name in ("lex", "parse") for metric in ("time", "memory")}
    assert chosen(benchmarks=("l*",), metrics=("pass:*", "mem*")) == {("lex", "pass:lex"), ("lex", "memory")}
    with pytest.raises(UseError, match="no benchmark and metric of both sides"):
        chosen(benchmarks=("none",))


def test_each_platform_is_compared_by_itself_and_one_of_both_is_needed() -> None:
    def on(platform: str, slow: float) -> Result:
        return run_of({"a": slow}, 1, platform=platform)

    comparison = compare(side("A", on("p", 1), on("q", 1)), side("B", on("p", 2), on("q", 1), on("r", 1)), Thresholds())
    assert {each.platform: each.verdict for each in comparison.differences} == {
        "p": Verdict.REGRESSION,
        "q": Verdict.SAME,
    }
    with pytest.raises(UseError, match="A is of p, and B is of q: no platform of both"):
        compare(side("A", on("p", 1)), side("B", on("q", 1)), Thresholds())


def test_a_metric_of_another_unit_is_another_metric() -> None:
    seconds, bytes_ = Metric("s", 1.0), Metric("B", 1.0)
    with pytest.raises(UseError, match="no benchmark and metric of both sides"):
        of_metrics(seconds, bytes_)


def test_runs_of_platforms_that_are_not_compared_are_not_counted() -> None:
    arm = run_of(levels(), 1, platform="aarch64-linux")
    sides = side("A", run_of(levels(), 1), arm), side("B", run_of(levels(), 2, commit=SECOND))
    of_both = compare(*sides, Thresholds())
    assert [side_line(each) for each in (of_both.before, of_both.after)] == [
        f"A = {FIRST[:12]}, 1 run",
        f"B = {SECOND[:12]}, 1 run",
    ]
    twice = side("B", run_of(levels(), 2, commit=SECOND), replace(arm, commit=SECOND))
    chosen = compare(sides[0], twice, Thresholds(), Options(platforms=("x86*",)))
    assert [len(each.results) for each in (chosen.before, chosen.after)] == [1, 1]
