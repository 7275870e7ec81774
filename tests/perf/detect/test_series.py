"""Segmentation, noise and the common factor, as numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.detect.common_factor import median, reference_moods, running_median, without_common_factor
from longpole.perf.detect.fdr import q_values
from longpole.perf.detect.noise import Noise, p_of_shift
from longpole.perf.detect.segments import by_e_divisive, by_pelt
from longpole.perf.detect.series import Method, adjusted, steps
from tests.perf.detect.histories import shared_machine


def test_the_median_leaves_out_what_is_not_known() -> None:
    values = np.array([[1.0, np.nan, 3.0, 10.0], [np.nan] * 4, [4.0, 1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(median(values, 1), [3.0, np.nan, 2.5])


def test_a_running_median_follows_a_step_where_it_is() -> None:
    values = np.repeat([0.0, 1.0], 30)[:, None]
    np.testing.assert_array_equal(running_median(values), values)


def test_moods_are_divided_out_and_a_step_of_one_benchmark_is_not() -> None:
    logs = shared_machine(200, 12)
    logs[100:, 3] += 0.1
    values, common = adjusted(logs)
    assert np.std(np.median(values, axis=1)) < 0.005 < np.std(common)
    assert np.median(values[100:, 3]) - np.median(values[:100, 3]) == pytest.approx(0.1, abs=0.01)
    others = np.delete(values, 3, axis=1)
    assert np.max(np.abs(np.median(others[100:], 0) - np.median(others[:100], 0))) < 0.01


def test_a_step_in_two_benchmarks_that_go_together_stays() -> None:
    logs = shared_machine(300, 16)
    logs[150:, [4, 5]] -= 0.15
    found = [(step.column, step.at) for step in steps(adjusted(logs)[0])]
    assert found == [(4, 150), (5, 150)]


def test_a_reference_workload_decides_on_a_change_of_all_benchmarks() -> None:
    logs = shared_machine(120, 8)
    mood = np.median(logs, axis=1)
    logs[60:] += 0.1
    with_reference = {step.column for step in steps(adjusted(logs, mood - np.median(mood))[0])}
    assert with_reference == set(range(8))
    values, common = adjusted(logs)
    assert not steps(values)
    assert [step.at for step in steps(common[:, None])] == [60]


def test_reference_workloads_of_another_kind_are_another_workload() -> None:
    moods = reference_moods(np.array([1.0, 1.0, 2.0, 2.0, np.nan, 4.0]), ["a", "a", "b", "b", "b", "b"])
    np.testing.assert_allclose(moods, [0, 0, 0, 0, np.nan, np.log(2)])


def test_with_few_benchmarks_nothing_is_divided_out() -> None:
    logs = shared_machine(50, 3)
    np.testing.assert_array_equal(without_common_factor(logs), logs)


@pytest.mark.parametrize("segment", [by_pelt, by_e_divisive])
def test_segments_begin_where_the_level_changes(segment: object) -> None:
    random = np.random.default_rng(3)
    values = np.repeat([0.0, 8.0, -4.0], [40, 25, 30]) + random.standard_normal(95)
    assert segment(values) == [40, 65]  # type: ignore[operator]
    assert segment(values[:5]) == []  # type: ignore[operator]


def test_two_different_constants_are_two_segments() -> None:
    assert by_e_divisive(np.repeat([1.0, 2.0], 5)) == [5]
    assert by_e_divisive(np.ones(20)) == []


@pytest.mark.parametrize("method", Method)
def test_a_step_is_found_three_runs_after_it(method: Method) -> None:
    logs = shared_machine(100, 10)
    logs[97:, 2] += np.log(1.1)
    assert (2, 97) in [(step.column, step.at) for step in steps(adjusted(logs)[0], method)]


@pytest.mark.parametrize("row", [0, 50, 98, 99])
def test_one_bad_run_is_no_change(row: int) -> None:
    logs = shared_machine(100, 10)
    logs[row, 2] += 0.5
    assert steps(adjusted(logs)[0]) == []


def test_runs_of_one_code_show_at_most_a_change_in_a_thousand_points() -> None:
    found = sum(len(steps(adjusted(shared_machine(200, 16, seed))[0])) for seed in range(8))
    assert found <= 8 * 200 * 16 / 1000


def test_gaps_are_no_values() -> None:
    logs = shared_machine(90, 9)
    logs[::2, 4] = np.nan
    logs[60:, 4] += 0.2
    logs[:, 5] = np.nan
    found = [(step.column, step.at, step.end) for step in steps(adjusted(logs)[0])]
    assert found == [(4, 61, 90)]


def test_a_shift_that_outliers_reach_often_is_less_sure() -> None:
    calm = np.concatenate((np.zeros(60) + 0.01 * np.sin(np.arange(60)), [0.2] * 3))
    wild = calm.copy()
    wild[5:60:9] += 0.3
    p_calm, p_wild = (p_of_shift(each, Noise.of(each), 0, 60, 63)[1] for each in (calm, wild))
    assert p_calm < 1e-6 < p_wild


def test_a_short_segment_between_others_must_be_surer_than_one_at_the_end() -> None:
    values = np.concatenate((0.01 * np.sin(np.arange(60)), [0.1] * 3, 0.01 * np.sin(np.arange(40))))
    noise = Noise.of(values)
    assert p_of_shift(values, noise, 0, 60, 63)[1] > 10 * p_of_shift(values[:63], noise, 0, 60, 63)[1]


@given(st.lists(st.floats(0, 1), max_size=20), st.integers(0, 100))
def test_q_values_are_those_of_benjamini_and_hochberg(p_values: list[float], more: int) -> None:
    tests = len(p_values) + more
    found = q_values(p_values, tests)
    for rate in (0.01, 0.1, 0.5):
        ordered = sorted(p_values)
        most = max((rank for rank, p in enumerate(ordered, 1) if p * tests / rank <= rate), default=0)
        limit = ordered[most - 1] if most else -1.0
        assert [q <= rate for q in found] == [p <= limit for p in p_values]
