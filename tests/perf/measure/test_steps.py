"""The order of executions: all of them, interleaved, and the same for the same seed."""

from collections import Counter
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.measure.steps import Kind, Step, steps

ROUNDS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(st.integers(0, 3), st.integers(1, 12)),
    min_size=1,
    max_size=6,
)
SEEDS = st.integers(0, 2**32 - 1)


@given(ROUNDS, SEEDS, st.booleans())
def test_every_benchmark_is_executed_as_often_as_it_is_to_be(
    rounds: dict[str, tuple[int, int]], seed: int, reference: bool
) -> None:
    made = steps(rounds, seed, reference=reference)
    counts = Counter((step.kind, step.name) for step in made)
    for name, (warmup, number) in rounds.items():
        assert counts[Kind.WARMUP, name] == warmup
        assert counts[Kind.ROUND, name] == number
        assert [counts[kind, name] for kind in (Kind.SETUP, Kind.COLD, Kind.CLEANUP)] == [1, 1, 1]
        of_name = [step for step in made if step.name == name]
        assert [step.number for step in of_name if step.kind is Kind.ROUND] == list(range(1, number + 1))
        kinds = [kind for kind, _ in groupby(step.kind for step in of_name)]
        assert kinds == [kind for kind in Kind if kind is not Kind.WARMUP or warmup]
    assert counts[Kind.ROUND, None] == (max(number for _, number in rounds.values()) if reference else 0)
    assert made == steps(rounds, seed, reference=reference)


@given(ROUNDS, SEEDS)
def test_no_benchmark_has_two_rounds_before_every_longer_one_has_had_one(
    rounds: dict[str, tuple[int, int]], seed: int
) -> None:
    order = [step.name for step in steps(rounds, seed, reference=False) if step.kind is Kind.ROUND]
    for name, (_, number) in rounds.items():
        done: Counter[str | None] = Counter()
        for each in order:
            done[each] += 1
            # its share of the rounds so far is that of each benchmark with as many, but for the round under way
            assert all(abs(done[name] - done[other]) <= 1 for other in rounds if rounds[other][1] == number)


def test_the_order_of_rounds_differs() -> None:
    names = [step.name for step in steps(dict.fromkeys("abcdef", (0, 4)), 7, reference=True) if step.kind is Kind.ROUND]
    orders = {tuple(names[start : start + 7]) for start in range(0, 28, 7)}
    assert len(orders) > 1
    assert all(set(order) == {*"abcdef", None} for order in orders)


def test_a_benchmark_with_fewer_rounds_takes_part_in_some_evenly_spread() -> None:
    made = steps({"a": (0, 9), "b": (0, 3)}, 1, reference=True)
    turn, turns = 0, []
    for step in made:
        turn += step.kind is Kind.ROUND and step.name == "a"
        turns += [turn] if step == Step(Kind.ROUND, "b", step.number) else []
    assert [round(each / 3) for each in turns] == [1, 2, 3]
