"""Bootstrap intervals."""

import random
import statistics
from math import comb

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.statistics.intervals import median_interval, ratio_interval

DURATIONS = st.lists(st.floats(0.001, 1e5), min_size=1, max_size=9)


@given(DURATIONS, st.integers())
def test_the_interval_is_between_the_extremes_around_the_median_and_repeats(values: list[float], seed: int) -> None:
    low, high = median_interval(values, random.Random(seed))
    assert min(values) <= low <= statistics.median(values) <= high <= max(values)
    assert median_interval(values, random.Random(seed)) == (low, high)


def test_the_interval_is_that_of_the_exact_bootstrap() -> None:
    """The median of 3 resampled is the lowest with a chance of 7 in 27; of 9, one of the lowest two with 2.8 %."""
    assert median_interval([1.0, 2.0, 3.0], random.Random(1)) == (1.0, 3.0)
    assert median_interval([float(value) for value in range(1, 10)], random.Random(1)) == (2.0, 8.0)


def test_the_interval_of_many_values_is_that_of_the_exact_bootstrap() -> None:
    """The resampled median of n values is at most the k-th with the chance of half of n draws being among these k."""
    size = 31

    def at_most(k: int) -> float:
        share = k / size
        return sum(comb(size, n) * share**n * (1 - share) ** (size - n) for n in range((size + 1) // 2, size + 1))

    low = next(k for k in range(1, size) if at_most(k) >= 0.025)
    found = median_interval([float(value) for value in range(1, size + 1)], random.Random(3))
    assert found == (low, size + 1 - low)


def test_the_interval_holds_the_median_in_most_samples() -> None:
    chance = random.Random(7)
    held = 0
    for _ in range(100):
        low, high = median_interval([chance.lognormvariate(0, 0.1) for _ in range(11)], chance)
        held += low <= 1.0 <= high
    assert 85 <= held <= 100


@given(DURATIONS, DURATIONS, st.integers())
def test_the_interval_of_a_ratio_is_around_the_ratio(above: list[float], below: list[float], seed: int) -> None:
    low, high = ratio_interval(above, below, random.Random(seed))
    ratio = statistics.median(above) / statistics.median(below)
    assert min(above) / max(below) <= low <= ratio * 1.000001
    assert ratio * 0.999999 <= high <= max(above) / min(below)


def test_the_interval_of_a_ratio_has_both_spreads() -> None:
    assert ratio_interval([4.0, 6.0, 8.0], [1.0, 2.0, 4.0], random.Random(1)) == (1.0, 8.0)
