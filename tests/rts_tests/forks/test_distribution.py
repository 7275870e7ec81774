"""Which class runs in which fork: each once, balanced within the bound of LPT, whatever the order of the input."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.forks.distribution import distribute

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=8)
SECONDS = st.floats(0, 1e6)
ANY_SECONDS = st.floats(allow_nan=True, allow_infinity=True)


def test_the_heaviest_goes_first_to_the_least_loaded_fork() -> None:
    seconds = {"a": 3.0, "b": 7.0, "c": 5.0, "d": 4.0, "e": 2.0}
    assert distribute(list("abcde"), seconds, 2) == (("a", "b"), ("c", "d", "e"))


def test_a_class_that_never_ran_weighs_the_median_of_those_that_did() -> None:
    seconds = {"a": 1.0, "b": 10.0, "c": 3.0, "gone": 4.0}
    assert distribute(["new", "a", "b", "c"], seconds, 4) == (("b",), ("new",), ("c",), ("a",))
    assert distribute(["new", "a", "b"], {"a": 0.0, "b": 1.0, "c": 1.0}, 3) == (("b",), ("new",), ("a",))
    assert distribute(["d", "c", "b"], {"c": 3.5, "b": 3.4, "gone": 3.6}, 3) == (("c",), ("d",), ("b",))


def test_without_a_history_the_classes_are_distributed_round_robin_by_name() -> None:
    assert distribute(["d", "b", "e", "a", "c"], {}, 2) == (("a", "c", "e"), ("b", "d"))
    assert distribute([f"{number:04}" for number in range(1000)], {}, 7) == tuple(
        tuple(f"{number:04}" for number in range(fork, 1000, 7)) for fork in range(7)
    )


def test_classes_of_equal_duration_go_by_name() -> None:
    assert distribute({"z", "y", "x"}, dict.fromkeys("xyz", 0.1), 3) == (("x",), ("y",), ("z",))


def test_classes_that_took_no_time_are_spread_over_the_forks_of_equal_load() -> None:
    assert distribute(list("abcd"), dict.fromkeys("abcd", 0.0), 2) == (("a", "c"), ("b", "d"))


def test_forks_without_a_class_are_the_last_ones() -> None:
    assert distribute(["a"], {"a": 0.0}, 3) == (("a",), (), ())
    assert distribute([], {"a": 1.0}, 2) == ((), ())


def test_a_name_given_twice_counts_once() -> None:
    assert distribute(["a", "b", "a"], {}, 1) == (("a", "b"),)


@pytest.mark.parametrize("invalid", [math.nan, math.inf, -0.5])
def test_an_invalid_duration_counts_as_unknown(invalid: float) -> None:
    seconds = {"a": invalid, "b": 4.0, "c": 3.0, "d": 1.0}
    assert distribute(list("abcd"), seconds, 2) == (("b", "d"), ("a", "c"))
    assert distribute(["b", "a"], {"a": invalid}, 1) == (("a", "b"),)


@pytest.mark.parametrize("forks", [0, -1])
def test_there_is_at_least_one_fork(forks: int) -> None:
    with pytest.raises(ValueError, match=f"{forks} forks"):
        distribute(["a"], {}, forks)


@given(st.lists(NAMES), st.dictionaries(NAMES, ANY_SECONDS), st.integers(1, 64))
def test_each_class_runs_exactly_once(classes: list[str], seconds: dict[str, float], forks: int) -> None:
    assigned = distribute(classes, seconds, forks)
    assert sorted(itertools.chain(*assigned)) == sorted(set(classes))
    assert len(assigned) == forks
    assert [bool(each) for each in assigned] == [fork < len(set(classes)) for fork in range(forks)]


@given(st.dictionaries(NAMES, SECONDS, min_size=1), st.data())
def test_the_order_of_the_input_does_not_matter(seconds: dict[str, float], data: st.DataObject) -> None:
    classes = data.draw(st.permutations([*seconds, "new", "another"]))
    known = dict(data.draw(st.permutations(list(seconds.items()))))
    forks = data.draw(st.integers(1, 8))
    assert distribute(classes, known, forks) == distribute(sorted(classes), seconds, forks)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=7), st.integers(1, 4))
def test_the_longest_fork_is_within_grahams_bound_of_the_optimum(weights: list[int], forks: int) -> None:
    """Graham 1969: LPT takes at most 4/3 - 1/(3M) times as long as the best distribution, found here by trying all."""
    seconds = {f"c{number}": float(weight) for number, weight in enumerate(weights)}

    def longest(choice: tuple[int, ...]) -> float:
        return max(sum(w for w, fork in zip(weights, choice, strict=True) if fork == each) for each in range(forks))

    optimum = min(map(longest, itertools.product(range(forks), repeat=len(weights))))
    taken = max(sum(seconds[name] for name in part) for part in distribute(list(seconds), seconds, forks))
    assert taken * 3 * forks <= optimum * (4 * forks - 1)


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=60), st.integers(1, 16))
def test_no_fork_exceeds_the_mean_by_more_than_its_last_class(weights: list[float], forks: int) -> None:
    seconds = {f"c{number}": weight for number, weight in enumerate(weights)}
    for part in filter(None, distribute(list(seconds), seconds, forks)):
        before_the_last = sum(sorted(seconds[name] for name in part)[1:])
        assert before_the_last <= sum(weights) / forks * (1 + 1e-9)


def test_classes_run_in_the_order_of_their_names_whatever_they_took() -> None:
    classes = ["t/a", "t/b", "t/c", "t/d"]
    for longest in classes:
        for part in distribute(classes, {name: 5.0 if name == longest else 1.0 for name in classes}, 2):
            assert list(part) == sorted(part)
