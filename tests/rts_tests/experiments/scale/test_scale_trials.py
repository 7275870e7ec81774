"""The order of trials, and what they say."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.experiments.scale.progress import remaining_s
from longpole.rts_tests.experiments.scale.scaling_of import Spread, results_of, spread_of
from longpole.rts_tests.experiments.scale.trials import Planned, default_jobs, interleaved
from tests.rts_tests.experiments.scale.measured import measurement, trial

LEVELS = st.lists(st.integers(1, 64), min_size=1, max_size=5, unique=True)


@given(LEVELS, st.integers(1, 6), st.integers(0))
def test_each_round_has_each_number_of_jobs_once(jobs: list[int], runs: int, seed: int) -> None:
    order = interleaved(jobs, runs, seed)
    assert [each.number for each in order] == list(range(1, len(jobs) * runs + 1))
    rounds = [order[start : start + len(jobs)] for start in range(0, len(order), len(jobs))]
    assert all(sorted(each.jobs for each in block) == sorted(jobs) for block in rounds)
    assert order == interleaved(jobs, runs, seed)


def test_the_order_differs_from_round_to_round_and_from_seed_to_seed() -> None:
    orders = {tuple(each.jobs for each in interleaved([1, 2, 4, 8], 4, seed)) for seed in range(5)}
    assert len(orders) == 5
    one = [each.jobs for each in interleaved([1, 2, 4, 8], 4, 1)]
    assert one[:4] != one[4:8] or one[4:8] != one[8:12]


@pytest.mark.parametrize(
    ("cores", "jobs"), [(1, [1, 2]), (2, [1, 2, 4]), (4, [1, 2, 4, 8]), (6, [1, 2, 4, 6, 12]), (8, [1, 2, 4, 8, 16])]
)
def test_the_numbers_of_jobs_by_default(cores: int, jobs: list[int]) -> None:
    assert default_jobs(cores) == jobs


def test_times_speedup_and_efficiency() -> None:
    levels = measurement({1: [10.0, 9.0, 11.0], 2: [5.0, 6.0, 5.5], 4: [4.0, 4.1, 3.9]}).results.levels
    assert [(level.jobs, level.median_s) for level in levels] == [(1, 10.0), (2, 5.5), (4, 4.0)]
    assert [level.speedup for level in levels] == [1.0, pytest.approx(10 / 5.5), 2.5]
    assert [level.efficiency for level in levels] == [1.0, pytest.approx(10 / 11), 0.625]
    assert levels[1].interval_s == (5.0, 6.0)
    assert list(levels[1].speedup_interval) == pytest.approx([9 / 6, 11 / 5])
    assert levels[0].speedup_interval == (1.0, 1.0)


def test_efficiency_is_relative_to_the_fewest_jobs() -> None:
    levels = measurement({2: [6.0], 4: [4.0]}).results.levels
    assert [(level.speedup, level.efficiency) for level in levels] == [(1.0, 1.0), (1.5, 0.75)]


def test_units_are_summarised_over_units_and_runs_and_each_alone() -> None:
    (level,) = measurement({1: [10.0, 10.0, 10.0]}, units={"v/a": 1.0, "v/b": 2.0}).results.levels
    assert level.by_unit == {"v/a": (1.0, 1.01, 1.02), "v/b": (2.0, 2.02, 2.04)}
    every = [1.0, 1.01, 1.02, 2.0, 2.02, 2.04]
    percentile = statistics.quantiles(every, n=20, method="inclusive")[18]
    assert [level.units.p50_s, level.units.p95_s, level.units.max_s] == pytest.approx([1.51, percentile, 2.04])
    assert spread_of([]) == Spread(0.0, 0.0, 0.0)


def test_failed_trials_and_the_warm_up_do_not_count() -> None:
    failed = [trial(1, 0.1, number=8, problems=["1 unit failed"]), trial(4, 0.1, number=9, problems=["no"])]
    made = measurement({1: [10.0, 11.0], 2: [5.0]}, failed=failed)
    assert [(level.jobs, level.runs_s, level.failed) for level in made.results.levels] == [
        (1, (10.0, 11.0), 1),
        (2, (5.0,), 0),
    ]
    assert (made.missing, made.complete, [each.number for each in made.excluded]) == ((4,), False, [8, 9])
    assert measurement({1: [10.0], 2: [5.0]}).complete
    assert not measurement({1: [10.0]}, interrupted=True).complete


def test_laws_are_fitted_to_the_numbers_of_jobs_that_they_are_about() -> None:
    many = measurement({1: [10.0], 2: [6.0], 4: [6.0], 8: [7.0]}).results
    assert many.amdahl_jobs == (1, 2)  # there are two cores: more jobs are not what Amdahl's law is about
    assert many.amdahl is not None
    assert many.amdahl.contention == pytest.approx(0.2)
    assert many.usl is not None
    assert many.usl.coherency > 0
    assert measurement({4: [10.0], 8: [6.0]}).results.amdahl_jobs == (4, 8)
    assert measurement({2: [10.0], 4: [6.0]}).results.amdahl_jobs == (2, 4)  # one alone says nothing
    assert (many.recommended, many.may_gain) == (2, False)
    assert measurement({1: [10.0], 2: [5.0]}).results.may_gain
    assert not measurement({1: [10.0]}).results.may_gain


def test_fewer_jobs_that_may_be_as_good_are_named() -> None:
    assert measurement({1: [10.0], 2: [5.0, 6.0, 7.0], 4: [5.0, 5.1, 5.2]}).results.rivals == (2,)
    assert measurement({1: [10.0], 2: [5.9, 6.0, 7.0], 4: [5.0, 5.1, 5.2]}).results.rivals == ()
    assert measurement({1: [10.0], 2: [5.0, 6.0, 7.0], 4: [6.0, 6.1, 6.2]}).results.rivals == ()  # -j2 is recommended


def test_nothing_is_said_of_nothing() -> None:
    nothing = results_of([trial(2, 1.0, number=0)], 2, 1)
    assert (nothing.levels, nothing.amdahl, nothing.usl, nothing.recommended) == ((), None, None, None)


@given(st.dictionaries(st.sampled_from([1, 2, 4, 8]), st.lists(st.floats(0.1, 1e4), min_size=1, max_size=4)))
def test_whatever_was_measured_has_results(walls: dict[int, list[float]]) -> None:
    results = measurement(walls).results
    assert [level.jobs for level in results.levels] == sorted(walls)
    for level in results.levels:
        assert level.interval_s[0] <= level.median_s <= level.interval_s[1]
        assert level.speedup_interval[0] <= level.speedup * 1.000001
    assert (results.recommended in walls) == bool(walls)


def test_the_time_left() -> None:
    planned = [Planned(number, jobs) for number, jobs in enumerate([1, 2, 4, 1], 1)]
    assert remaining_s([], planned, 2) is None
    assert remaining_s([trial(4, 5.0, number=0)], planned, 2) == 10 + 5 + 5 + 10
    ended = [trial(4, 5.0, number=0), trial(1, 9.0)]
    assert remaining_s(ended, planned[1:], 2) == 4.5 + 5 + 9
    assert remaining_s(ended, [], 2) == 0


@given(st.integers(1, 16), st.integers(0, 9))
def test_the_time_left_never_grows_by_a_run_that_ends(cores: int, seed: int) -> None:
    planned = interleaved([1, 2, 4], 3, seed)
    chance = random.Random(seed)
    ended = [trial(4, chance.uniform(1, 9), number=0)]
    known = remaining_s(ended, planned, cores)
    assert known is not None
    assert (remaining_s(ended, planned[1:], cores) or 0) < known
