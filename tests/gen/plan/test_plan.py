"""The plan: seeds split into chunks, estimates from what is known, and the order that follows."""

import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from longpole.gen.plan.plan import chunk_ranges, make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.contracts.order import order_key, ordered
from longpole.rts_tests.contracts.partition import partition
from longpole.rts_tests.contracts.plan import Plan, Unit, from_text, read_plan, to_text, write_plan
from longpole.rts_tests.contracts.status import FAILED_BEFORE, RECORDED
from tests.project import Project


def plan(
    modules: dict[str, Any], history: dict[str, UnitHistory] | None = None, variants: tuple[str, ...] = ("a", "b")
) -> Plan:
    suite = {
        "version": 1,
        "name": "x",
        "defaults": {"run": ["./x", "{module}", "{seeds}"]},
        "variants": {name: {"env": {"V": name}} for name in variants},
        "modules": modules,
    }
    return ordered(make_plan(suite_from_bytes(json.dumps(suite).encode(), "suite.yaml")), History(history or {}))


def seen(*durations: float, status: str = "passed") -> UnitHistory:
    return UnitHistory(durations, status)


modules_of_suites = st.dictionaries(
    st.sampled_from(["m", "n", "gc", "text", "x.y", "_"]),
    st.integers(1, 30).flatmap(
        lambda seeds: st.fixed_dictionaries(
            {"seeds": st.just(seeds), "weight": st.floats(0.001, 1e6)}, optional={"chunks": st.integers(1, seeds)}
        )
    ),
    min_size=1,
)


@given(st.integers(1, 10**9), st.integers(1, 200))
def test_chunks_partition_the_seeds_evenly(seeds: int, chunks: int) -> None:
    ranges = list(chunk_ranges(max(seeds, chunks), chunks))
    position = 0
    for first, count in ranges:
        assert first == position
        position += count
    assert position == max(seeds, chunks)
    counts = [count for _, count in ranges]
    assert max(counts) - min(counts) <= 1
    assert min(counts) >= 1


@given(modules_of_suites)
def test_every_seed_of_a_module_is_in_one_unit_a_variant(modules: dict[str, Any]) -> None:
    units = plan(modules).units
    for variant in ("a", "b"):
        for name, module in modules.items():
            mine = [unit for unit in units if (unit.variant, unit.module) == (variant, name)]
            indexes = [index for unit in mine for index in range(unit.first_index, unit.first_index + unit.seed_count)]
            assert sorted(indexes) == list(range(module["seeds"]))
            assert len(mine) == module.get("chunks", 1)


@given(modules_of_suites)
def test_ids_and_targets_are_unique(modules: dict[str, Any]) -> None:
    units = plan(modules).units
    assert len({unit.id for unit in units}) == len({unit.target for unit in units}) == len(units)


def test_failed_first_then_longest_then_by_id() -> None:
    history = {"a/short": seen(1.0, status="failed"), "b/long": seen(9.0), "a/long": seen(9.0), "b/short": seen(0.5)}
    assert [unit.id for unit in plan({"short": {}, "long": {}}, history).units] == [
        "a/short",
        "a/long",
        "b/long",
        "b/short",
    ]


@pytest.mark.parametrize("status", RECORDED)
def test_what_failed_last_time_goes_first_and_nothing_else_does(status: str) -> None:
    first = plan({"m": {"weight": 1}, "n": {"weight": 9}}, {"b/m": seen(0.1, status=status)}).units[0]
    assert (first.id == "b/m") is (status not in ("passed", "skipped", "cancelled"))
    assert (status in FAILED_BEFORE) is (status not in ("passed", "skipped", "cancelled"))


def test_the_order_does_not_depend_on_the_order_of_units() -> None:
    units = list(plan({"m": {"seeds": 9, "chunks": 9}, "n": {}}).units)
    shuffled = random.Random(7).sample(units, len(units))
    assert sorted(shuffled, key=order_key) == units


def test_without_history_weights_decide_and_are_divided_over_chunks() -> None:
    units = plan({"gc": {"weight": 10, "seeds": 5, "chunks": 2}, "m": {"weight": 3}}, variants=("a",)).units
    assert [(unit.id, unit.estimate_s, unit.estimate_from) for unit in units] == [
        ("a/gc[1]", 6.0, "weight"),
        ("a/gc[0]", 4.0, "weight"),
        ("a/m", 3.0, "weight"),
    ]


def test_history_is_the_median_of_what_was_measured() -> None:
    unit = plan({"m": {"weight": 5}}, {"a/m": seen(1.0, 100.0, 2.0)}, ("a",)).units[0]
    assert (unit.estimate_s, unit.estimate_from) == (2.0, "history")


def test_the_estimate_knows_its_spread() -> None:
    unit = plan({"m": {"weight": 5}}, {"a/m": seen(1.0, 3.0, 2.0, 10.0, 2.0, 4.0)}, ("a",)).units[0]
    assert (unit.estimate_s, unit.spread_s, unit.upper_s) == (2.5, 1.5, 4.0)  # a fifth of the durations is above
    assert plan({"m": {}}, {"a/m": seen(7.0)}, ("a",)).units[0].spread_s == 0.0
    assert plan({"m": {"weight": 5}}, {}, ("a",)).units[0].upper_s == 5.0


def test_of_two_units_that_take_as_long_the_one_that_may_take_longer_starts_first() -> None:
    known = {"a/m": seen(5.0, 5.0, 5.0, 5.0, 5.0), "a/n": seen(1.0, 4.0, 4.0, 20.0, 20.0)}
    units = plan({"m": {}, "n": {}}, known, ("a",)).units
    assert [(unit.id, unit.estimate_s, unit.upper_s) for unit in units] == [("a/n", 4.0, 20.0), ("a/m", 5.0, 5.0)]


def test_commit_seeds_make_every_chunk_a_sample_of_the_others() -> None:
    known = {"a/h[0]": seen(1.0, 1.0), "a/h[1]": seen(2.0, 2.0), "a/h[2]": seen(9.0)}
    heap = {"seeds": 4, "chunks": 4, "seed_policy": "commit"}
    units = {unit.id: unit for unit in plan({"h": heap}, known, ("a",)).units}
    assert {unit.estimate_s for unit in units.values()} == {3.0}
    assert {unit.spread_s for unit in units.values()} == {0.4}  # 1 1 2 2 9: the quantile 0.8 is 2 + 0.2 x 7
    assert [units[f"a/h[{number}]"].estimate_from for number in range(4)] == ["history"] * 3 + ["siblings"]
    fixed = {unit.id: unit for unit in plan({"h": {**heap, "seed_policy": "fixed"}}, known, ("a",)).units}
    assert (fixed["a/h[0]"].estimate_s, fixed["a/h[2]"].estimate_s) == (1.0, 9.0)


def test_a_chunk_with_more_commit_seeds_is_expected_to_take_longer() -> None:
    known = {"a/h[0]": seen(2.0), "a/h[1]": seen(6.0)}
    heap = {"seeds": 3, "chunks": 2, "seed_policy": "commit"}
    suite = {"h": heap}
    units = {unit.id: unit for unit in plan(suite, known, ("a",)).units}
    assert {unit.seed_count: unit.estimate_s for unit in units.values()} == {1: 2.6667, 2: 5.3333}


def test_an_unseen_unit_is_as_uncertain_as_its_siblings() -> None:
    known = {"a/m": seen(2.0, 2.0, 2.0, 3.0, 3.0), "a/n": seen(10.0), "b/n": seen(20.0)}
    units = {unit.id: unit for unit in plan({"m": {}, "n": {}}, known).units}
    assert units["b/m"].estimate_from == "siblings"
    assert units["b/m"].spread_s / units["b/m"].estimate_s == pytest.approx(0.5, abs=0.01)


def test_plans_of_before_are_read() -> None:
    made = plan({"m": {}}, {"a/m": seen(1.0, 5.0)}, ("a",))
    data = json.loads(to_text(made))
    data["units"] = [row[:9] for row in data["units"]]
    assert [unit.upper_s for unit in from_text(json.dumps(data)).units] == [3.0]


def test_an_unseen_unit_is_predicted_from_its_siblings() -> None:
    # b is twice as slow as a, so b/n, which is unknown, takes twice what a/n takes.
    known = {"a/m": seen(2.0), "b/m": seen(4.0), "a/n": seen(10.0)}
    estimates = {unit.id: (unit.estimate_s, unit.estimate_from) for unit in plan({"m": {}, "n": {}}, known).units}
    assert estimates["b/n"][1] == "siblings"
    assert 13.3 <= estimates["b/n"][0] <= 26.7
    assert estimates["b/n"][0] > estimates["a/n"][0]


def test_a_chunk_is_predicted_by_its_number_of_seeds() -> None:
    known = {"a/gc[0]": seen(4.0)}
    units = plan({"gc": {"seeds": 6, "chunks": 2}}, known, ("a",)).units
    assert {unit.id: unit.estimate_s for unit in units} == {"a/gc[0]": 4.0, "a/gc[1]": 4.0}


def test_a_module_that_nobody_knows_falls_back_to_its_weight_in_seconds_learnt() -> None:
    known = {"a/m": seen(20.0)}
    estimates = {unit.id: unit for unit in plan({"m": {"weight": 2}, "n": {"weight": 3}}, known, ("a",)).units}
    assert (estimates["a/n"].estimate_s, estimates["a/n"].estimate_from) == (30.0, "weight")


@given(modules_of_suites, st.lists(st.floats(0, 1e6), min_size=1, max_size=12), st.sampled_from(RECORDED))
@example({"a": {}, "b": {"seeds": 3, "chunks": 3}}, [0.0, 7.0, 2.2e-308], "passed")
@settings(max_examples=50)
def test_estimates_are_never_negative_and_the_plan_is_a_function(
    modules: dict[str, Any], durations: list[float], status: str
) -> None:
    history = {f"a/{name}": UnitHistory(tuple(durations), status) for name in modules}
    made = plan(modules, history)
    assert all(0 <= unit.estimate_s < math.inf and unit.spread_s < math.inf for unit in made.units)
    assert to_text(made) == to_text(plan(modules, dict(reversed(history.items()))))
    assert from_text(to_text(made)) == made
    assert from_text(to_text(made)).hash == made.hash


@given(modules_of_suites, st.integers(1, 9), st.randoms(use_true_random=False))
def test_shards_are_disjoint_their_union_is_all_and_order_and_history_do_not_matter(
    modules: dict[str, Any], parts: int, chance: random.Random
) -> None:
    made = plan(modules)
    shards = [{unit.id for unit in shard} for shard in partition(made, parts)]
    assert sorted(name for shard in shards for name in shard) == sorted(unit.id for unit in made.units)
    units = [replace(unit, estimate_s=chance.random()) for unit in made.units]
    chance.shuffle(units)
    elsewhere = replace(made, units=tuple(units))
    assert [{unit.id for unit in shard} for shard in partition(elsewhere, parts)] == shards


@given(modules_of_suites, st.integers(1, 9))
@pytest.mark.slow
def test_shards_are_balanced_as_well_as_longest_first_can(modules: dict[str, Any], parts: int) -> None:
    made = plan(modules)

    def weight(unit: Unit) -> float:
        return unit.estimate_s  # without history the estimate is the weight

    loads = [sum(map(weight, shard)) for shard in partition(made, parts)]
    total, longest = sum(loads), max(map(weight, made.units))
    assert max(loads) <= total / parts + longest + 1e-3


def test_the_heaviest_unit_is_not_put_on_top_of_the_others() -> None:
    made = plan({"heavy": {"weight": 4}, "light": {"weight": 4, "seeds": 4, "chunks": 4}}, variants=("a",))
    assert [len(shard) for shard in partition(made, 2)] == [1, 4]


def test_within_a_shard_the_plans_order_is_kept() -> None:
    made = plan({"m": {"seeds": 9, "chunks": 9}, "n": {"weight": 7}})
    for shard in partition(made, 3):
        assert shard == [unit for unit in made.units if unit in shard]


def test_a_plan_file_is_read_as_it_was_written(project: Project) -> None:
    made = plan({"gc": {"seeds": 3, "chunks": 2, "env": {"A": "é\n$"}}, "m": {}})
    path = project.root / "deep" / "plan.json"
    write_plan(path, made)
    assert read_plan(path) == made


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b'{"version": 2}',
        b'{"version": 1}',
        b"[" * 100_000,
        b'{"version":1,"variants":[{"run":1}],"modules":[],"units":[]}',
        b'{"version":1,"variants":7,"modules":[],"units":[]}',
        b'{"version":1,"variants":["x"],"modules":[],"units":[]}',
    ],
)
def test_a_damaged_plan_is_a_message(project: Project, damage: bytes) -> None:
    path = project.root / "plan.json"
    path.write_bytes(damage)
    with pytest.raises(UseError, match=r"not a plan of this version.*longpole render"):
        read_plan(path)


def test_a_missing_plan_is_a_message(project: Project) -> None:
    with pytest.raises(UseError, match="no plan here; run `longpole render`"):
        read_plan(project.root / "plan.json")


def planned_memory(limits: dict[str, Any], history: dict[str, UnitHistory]) -> dict[str, int]:
    suite = {
        "version": 1,
        "name": "x",
        "limits": limits,
        "defaults": {"run": ["./x", "{seeds}"]},
        "variants": {"a": {}, "b": {}},
        "modules": {"gc": {"seeds": 2, "chunks": 2, "memory": "1 KiB"}, "said": {"memory": "2 KiB"}, "new": {}},
    }
    made = ordered(make_plan(suite_from_bytes(json.dumps(suite).encode(), "suite.yaml")), History(history))
    assert from_text(to_text(made)) == made
    return {unit.id: unit.memory_bytes for unit in made.units}


def test_memory_is_the_highest_recorded_peak_else_that_of_siblings_else_what_the_module_says() -> None:
    history = {
        "a/gc[0]": UnitHistory((1.0,), "passed", (300, 500, 400)),
        "b/gc[1]": UnitHistory((), "failed", (200,)),
        "a/said": UnitHistory((1.0,), "passed"),
    }
    assert planned_memory({"memory": "1 GiB"}, history) == {
        "a/gc[0]": 500,
        "a/gc[1]": 500,
        "b/gc[0]": 500,
        "b/gc[1]": 200,
        "a/said": 2048,
        "b/said": 2048,
        "a/new": 0,
        "b/new": 0,
    }
    assert set(planned_memory({}, history).values()) == {0}


def test_a_plan_says_what_units_share() -> None:
    suite = b"""{version: 1, name: x, limits: {slots: auto, memory: 64 MiB}, variants: {a: {run: [x]}},
        modules: {m: {slots: 3, locks: [b, a], exclusive: true}}}"""
    made = from_text(to_text(make_plan(suite_from_bytes(suite, "suite.yaml"))))
    assert (made.slots, made.memory) == ("auto", 2**26)
    module = made.modules["m"]
    assert (module.slots, module.locks, module.exclusive) == (3, ("a", "b"), True)


def test_a_plan_of_before_slots_is_read() -> None:
    made = plan({"m": {}})
    data = json.loads(to_text(made))
    for name in ("slots", "memory"):
        del data[name]
    for module in data["modules"]:
        for name in ("slots", "locks", "exclusive"):
            del module[name]
    data["units"] = [row[:8] for row in data["units"]]
    assert from_text(json.dumps(data)) == made


def test_a_module_s_skip_statuses_replace_its_variant_s() -> None:
    suite = b"""{version: 1, name: x, defaults: {run: [x], skip_status: [77, 5, 77]},
        variants: {a: , b: {skip_status: 3}},
        modules: {m: , own: {skip_status: 4}, none: {skip_status: []}}}"""
    made = from_text(to_text(make_plan(suite_from_bytes(suite, "suite.yaml"))))
    assert {unit.id: made.skips(unit) for unit in made.units} == {
        "a/m": (5, 77),
        "a/own": (4,),
        "a/none": (),
        "b/m": (3,),
        "b/own": (4,),
        "b/none": (),
    }


def test_a_plan_of_before_skips_is_read() -> None:
    made = plan({"m": {}})
    data = json.loads(to_text(made))
    for row in (*data["variants"], *data["modules"]):
        del row["skip_status"]
    assert from_text(json.dumps(data)) == made


def test_a_unit_has_the_labels_of_its_variant_and_its_module() -> None:
    suite = b"""{version: 1, name: x, defaults: {run: [x], labels: [z, d]},
        variants: {a: , b: {labels: [v]}, c: {labels: []}}, modules: {m: , own: {labels: [d, a]}}}"""
    made = from_text(to_text(make_plan(suite_from_bytes(suite, "suite.yaml"))))
    assert {unit.id: made.labels_of(unit) for unit in made.units} == {
        "a/m": ("d", "z"),
        "a/own": ("a", "d", "z"),
        "b/m": ("v",),
        "b/own": ("a", "d", "v"),
        "c/m": (),
        "c/own": ("a", "d"),
    }
    assert made.labels == {"a", "d", "v", "z"}
