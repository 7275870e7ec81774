"""The two laws, fitted to times that follow them, and to times that do not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.statistics.scaling import Scaling, amdahl, recommended_jobs, usl

JOBS = st.sets(st.integers(1, 64), min_size=3, max_size=7)
TIMES = st.dictionaries(st.integers(1, 64), st.floats(0.01, 1e4), min_size=1, max_size=7)


@given(JOBS, st.floats(0.1, 1e4), st.floats(0, 1))
def test_amdahls_law_is_found_again(jobs: set[int], alone_s: float, serial: float) -> None:
    found = amdahl({n: alone_s * (serial + (1 - serial) / n) for n in jobs})
    assert found is not None
    assert found.alone_s == pytest.approx(alone_s, rel=1e-6)
    assert found.contention == pytest.approx(serial, abs=1e-6)
    assert found.coherency == 0
    assert found.error == pytest.approx(0, abs=1e-7)


@given(JOBS, st.floats(0.1, 1e4), st.floats(0, 1), st.floats(0, 0.1))
def test_the_universal_law_is_found_again(jobs: set[int], alone_s: float, s: float, k: float) -> None:
    law = Scaling(alone_s, s, k, 0)
    found = usl({n: law.seconds(n) for n in jobs})
    assert found is not None
    assert found.error == pytest.approx(0, abs=1e-6)
    for n in jobs:
        assert found.seconds(n) == pytest.approx(law.seconds(n), rel=1e-5)


@given(TIMES)
def test_no_fit_of_the_universal_law_is_worse_and_none_is_negative(times: dict[int, float]) -> None:
    plain, general = amdahl(times), usl(times)
    assert general is None or len(times) > 2
    if general is not None:
        assert general.contention >= 0
        assert general.coherency >= 0
    if plain is not None and general is not None:
        assert general.error <= plain.error + 1e-9


def test_two_times_are_two_unknowns_and_one_says_nothing() -> None:
    found = amdahl({1: 10.0, 2: 6.0})
    assert found is not None
    assert found.alone_s == pytest.approx(10)
    assert found.contention == pytest.approx(0.2)
    assert found.error == pytest.approx(0, abs=1e-12)
    assert found.max_speedup == pytest.approx(5)
    assert found.peak_jobs is None
    assert (amdahl({1: 10.0}), usl({1: 10.0, 2: 6.0}), amdahl({}), amdahl({1: 0.0, 2: 1.0})) == (None,) * 4


def test_more_than_linear_speedup_is_no_negative_contention() -> None:
    found = amdahl({1: 10.0, 2: 4.0, 4: 1.5})
    assert found is not None
    assert (found.contention, found.max_speedup) == (0, None)
    assert found.error > 0.1
    assert found.speedup(8) == pytest.approx(8)


@given(TIMES)
def test_the_serial_part_is_a_part(times: dict[int, float]) -> None:
    for law in (amdahl(times), usl(times)):
        assert law is None or 0 <= law.contention <= 1


def test_more_jobs_that_take_longer_are_all_serial_or_cost_each_other() -> None:
    plain, general = amdahl({1: 5.0, 2: 6.0}), usl({1: 5.0, 2: 6.0, 4: 9.0})
    assert plain is not None
    assert plain.contention == pytest.approx(1)
    assert plain.max_speedup == pytest.approx(1)
    assert general is not None
    assert general.coherency > 0
    assert general.peak_jobs is not None
    assert general.peak_jobs < 2


def test_relative_errors_count() -> None:
    """Of one time that is a tenth too long, at 1 or at 8 jobs, the fit is about as far off."""
    law = {n: 80 / n for n in (1, 2, 4, 8)}
    first, last = amdahl({**law, 1: 88.0}), amdahl({**law, 8: 11.0})
    assert first is not None
    assert last is not None
    assert 0.01 < first.error < 0.05
    assert 0.01 < last.error < 0.05


def test_the_peak_is_where_the_law_has_its_least_time() -> None:
    law = Scaling(10, 0.05, 0.01, 0)
    assert law.peak_jobs == pytest.approx(math.sqrt(95))
    assert law.max_speedup == pytest.approx(law.speedup(math.sqrt(95)))
    assert law.seconds(9.7468) < min(law.seconds(9), law.seconds(11))
    assert law.seconds(1) == 10
    assert Scaling(10, 2.0, 0.5, 0).peak_jobs == 1
    assert Scaling(10, 0.0, 0.0, 0).max_speedup is None


@given(TIMES)
def test_the_recommended_number_was_measured_and_hardly_slower_than_the_best(times: dict[int, float]) -> None:
    found = recommended_jobs(times)
    assert times[found] <= min(times.values()) * 1.03
    assert all(seconds > min(times.values()) * 1.03 for jobs, seconds in times.items() if jobs < found)


def test_fewer_jobs_win_where_more_gain_nothing() -> None:
    assert recommended_jobs({1: 10.0, 2: 5.1, 4: 5.0, 8: 5.05}) == 2
    assert recommended_jobs({1: 10.0, 2: 5.2, 4: 5.0}) == 4
    with pytest.raises(ValueError, match="empty"):
        recommended_jobs({})
