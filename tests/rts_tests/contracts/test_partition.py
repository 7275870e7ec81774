"""Parts of a plan: what SHARD means, and by what a plan is cut."""

from dataclasses import replace

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.partition import parse_shard, partition
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit
from longpole.rts_tests.contracts.plan_parts import PlanForks


@pytest.mark.parametrize(
    ("text", "shard"), [(None, None), ("", None), ("1/1", (1, 1)), ("2/3", (2, 3)), ("3/3", (3, 3)), ("01/02", (1, 2))]
)
def test_a_shard(text: str | None, shard: tuple[int, int] | None) -> None:
    assert parse_shard(text) == shard


@pytest.mark.parametrize("text", ["0/1", "2/1", "1", "1/0", "-1/2", "1/2/3", "a/b", "1/1000000", " 1/2", "1/2 "])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(UseError, match=r"SHARD: .* is not a shard; give k/n"):
        parse_shard(text)


def module(name: str, weight: float, seeds: int = 0) -> PlanModule:
    return PlanModule(name=name, weight=weight, seed_policy=None, first_seed=0, seeds=seeds, timeout_s=1.0, env={})


def test_a_module_s_weight_is_divided_over_its_forks() -> None:
    shape = PlanForks(list_words=(), list_shell=False, run_words=(), run_shell=False, count=4)
    forks = [Unit("v", "f", None, 0, 0, 1.0, "weight", False, fork=number) for number in range(4)]
    found = partition(plan([replace(module("f", 8), forks=shape), module("m", 5)], [*forks, unit("m")]), 2)
    assert [len(shard) for shard in found] == [2, 3]  # 5 + 2 and 2 + 2 + 2, not 5 + 8 and 3 times 8


def unit(name: str, chunk: int | None = None, count: int = 0, estimate_s: float = 1.0) -> Unit:
    return Unit("v", name, chunk, 0, count, estimate_s, "weight", False)


def plan(modules: list[PlanModule], units: list[Unit], *, shared: bool = False) -> Plan:
    return Plan(
        suite="x", jobs=None, grace_s=1.0, log_bytes=1, flaky="fail", keep="none", variants={},
        modules={each.name: each for each in modules}, units=tuple(units), shared_history=shared,
    )  # fmt: skip


def ids(shards: list[list[Unit]]) -> list[list[str]]:
    return [[each.id for each in shard] for shard in shards]


UNITS = [unit("b", estimate_s=9), unit("c", estimate_s=9), unit("a", estimate_s=1)]
MODULES = [module("a", 10), module("b", 5), module("c", 4)]


def test_weights_decide_where_each_machine_has_a_history_of_its_own() -> None:
    assert ids(partition(plan(MODULES, UNITS), 2)) == [["v/a"], ["v/b", "v/c"]]


def test_estimates_decide_where_the_history_is_shared() -> None:
    assert ids(partition(plan(MODULES, UNITS, shared=True), 2)) == [["v/b", "v/a"], ["v/c"]]


def test_a_module_s_weight_is_divided_over_its_chunks_by_seeds() -> None:
    chunks = [unit("gc", 0, 1), unit("gc", 1, 3)]  # 2 and 6 of 8
    others = [unit("m"), unit("n")]
    found = partition(plan([module("gc", 8, 4), module("m", 5), module("n", 3)], [*chunks, *others]), 2)
    assert ids(found) == [["v/gc[0]", "v/gc[1]"], ["v/m", "v/n"]]


def test_equal_units_go_round_in_the_order_of_their_ids() -> None:
    equal = [unit(name) for name in "dcba"]
    found = partition(plan([module(name, 1) for name in "abcd"], equal), 3)
    assert ids(found) == [["v/d", "v/a"], ["v/b"], ["v/c"]]
