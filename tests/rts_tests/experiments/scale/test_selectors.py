"""SELECTOR of `longpole bench scale`: which units are meant."""

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.filter import parse_filter
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.experiments.scale.selectors import filter_of

SUITE = {
    "version": 1,
    "name": "x",
    "defaults": {"run": ["./x", "{module}", "{seeds}"]},
    "variants": {"v": {}, "w": {"labels": ["slow"]}},
    "modules": {"gc": {"seeds": 3, "chunks": 3}, "gc_more": {}, "text": {}, "v": {}},
}
PLAN: Plan = make_plan(suite_from_bytes(json.dumps(SUITE).encode(), "suite.yaml"))


def units(*selectors: str, also: str = "") -> set[str]:
    """The ids of what the selectors select."""
    found = parse_filter(filter_of(PLAN, selectors, also))
    return {unit.id for unit in PLAN.units if found is None or found.matches(unit.id, PLAN.labels_of(unit))}


@pytest.mark.parametrize(
    ("selectors", "selected"),
    [
        (["v/text"], {"v/text"}),
        (["test-v-text"], {"v/text"}),
        (["v/gc[1]"], {"v/gc[1]"}),
        (["test-w-gc-2"], {"w/gc[2]"}),
        (["v/gc"], {"v/gc[0]", "v/gc[1]", "v/gc[2]"}),
        (["test-v-gc"], {"v/gc[0]", "v/gc[1]", "v/gc[2]"}),
        (["text"], {"v/text", "w/text"}),
        (["w"], {"w/gc[0]", "w/gc[1]", "w/gc[2]", "w/gc_more", "w/text", "w/v"}),
        (["test-w"], {"w/gc[0]", "w/gc[1]", "w/gc[2]", "w/gc_more", "w/text", "w/v"}),
        (["label:slow"], {"w/gc[0]", "w/gc[1]", "w/gc[2]", "w/gc_more", "w/text", "w/v"}),
        (["*/gc_*"], {"v/gc_more", "w/gc_more"}),
        (["v/text", "w/gc_more"], {"v/text", "w/gc_more"}),
        (["w", "!gc", "!w/text"], {"w/gc_more", "w/v"}),
        (["!w", "!gc"], {"v/gc_more", "v/text", "v/v"}),
    ],
)
def test_what_a_selector_names(selectors: list[str], selected: set[str]) -> None:
    assert units(*selectors) == selected


def test_a_filter_in_force_holds_too() -> None:
    assert units("text", also="v/*") == {"v/text"}
    assert filter_of(PLAN, [], "v/*") == "v/*"
    assert filter_of(PLAN, ["v/text", "v/text"], "") == "v/text"


SCENARIOS = replace(
    PLAN,
    modules={
        name: replace(PLAN.modules["text"], name=name, scenario=f"tests/scenarios/{name.partition('--')[0]}.yml")
        for name in ("clone/basic", "clone/deep--a", "clone/deep--b", "cloned", "other/basic")
    },
    units=tuple(
        replace(PLAN.units[0], variant=variant, module=name, chunk=None)
        for variant in ("v", "w")
        for name in ("clone/basic", "clone/deep--a", "clone/deep--b", "cloned", "other/basic")
    ),
)
"""A suite of scenarios, two of them the cells of a matrix."""


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("clone", {"v/clone/basic", "v/clone/deep--a", "v/clone/deep--b"}),
        ("clone:basic", {"v/clone/basic"}),
        ("basic", {"v/clone/basic", "v/other/basic"}),
        ("clone/basic", {"v/clone/basic"}),
        ("v/clone", {"v/clone/basic", "v/clone/deep--a", "v/clone/deep--b"}),
        ("test-v-clone", {"v/clone/basic", "v/clone/deep--a", "v/clone/deep--b"}),
        ("test-v-clone-basic", {"v/clone/basic"}),
        ("cloned", {"v/cloned"}),
        ("tests/scenarios/clone/basic.yml", {"v/clone/basic"}),
        ("./tests//scenarios/clone/deep.yml", {"v/clone/deep--a", "v/clone/deep--b"}),
        (os.path.abspath("tests/scenarios/cloned.yml"), {"v/cloned"}),
        ("tests/scenarios/clone/", {"v/clone/basic", "v/clone/deep--a", "v/clone/deep--b"}),
        ("tests", {f"v/{name}" for name in SCENARIOS.modules}),
    ],
)
def test_scenarios_are_named_by_group_stem_and_path(selector: str, selected: set[str]) -> None:
    found = parse_filter(filter_of(SCENARIOS, [selector], "v/*"))
    assert found is not None
    assert {unit.id for unit in SCENARIOS.units if found.matches(unit.id, ())} == selected


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("txt", "'txt' names no unit; did you mean text? name a unit"),
        ("!v/txt", "'!v/txt' names no unit; did you mean v/text? name a unit"),
        ("v/gc[3]", "'v/gc[3]' names no unit"),
        ("v/text w/text", "'v/text w/text' names no unit"),
        ("v/text,w/text", "'v/text,w/text' names no unit"),
        ("label:none", "'label:none' names no unit"),
        ("label:", "'label:' names no unit"),
        ("a:b:c", "'a:b:c' names no unit"),
        ("", "'' names no unit"),
        ("!", "'!' names no unit"),
    ],
)
def test_a_selector_that_names_nothing(selector: str, message: str) -> None:
    with pytest.raises(UseError) as caught:
        filter_of(PLAN, ["v/text", selector], "")
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == 4


def test_all_selectors_that_name_nothing_are_reported() -> None:
    with pytest.raises(UseError) as caught:
        filter_of(PLAN, ["no", "neither"], "")
    assert len(caught.value.problems) == 2


@given(st.text(max_size=12))
def test_any_word_is_a_selector_or_refused(word: str) -> None:
    try:
        found = filter_of(PLAN, [word], "")
    except UseError:
        return
    assert parse_filter(found) is not None
    assert units(word)
