"""From a unit to the words that are executed, and to the line that a person pastes."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit
from longpole.rts_tests.contracts.plan_parts import PlanVariant
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.unit.command import exactly, refuse_scattered, reproducer, unit_command

EVERYTHING = (
    "{make}", "{python}", "{longpole_python}", "{artifact}", "{target_dir}", "{variant}", "{module}", "{chunk}",
    "{first_seed}", "{seed_count}", "{seeds}",
)  # fmt: skip


MODULE = PlanModule("gc", 1.0, None, 0, 0, 30.0, {})


def plan(run: tuple[str, ...], **more: Any) -> Plan:
    fields: dict[str, Any] = {"artifact": "out/a b", "shell": False, **more}
    variant = PlanVariant(name="v", target_dir="out", run=run, warm=False, env={}, builds=False, **fields)
    return Plan(
        suite="x", jobs=None, grace_s=1.0, log_bytes=1, flaky="fail", keep="none", variants={"v": variant},
        modules={"gc": MODULE}, units=(),
    )  # fmt: skip


def unit(chunk: int | None = 3, count: int = 3, execution: int | None = None) -> Unit:
    return Unit("v", "gc", chunk, 0, count, 1.0, "weight", False, execution=execution)


SEEDS = Seeds((7, 8, 9), "fixed")


def test_every_placeholder_is_filled_in() -> None:
    words = unit_command(plan(EVERYTHING), unit(), SEEDS, "gmake", "py")
    assert words == ("gmake", "py", sys.executable, "out/a b", "out", "v", "gc", "3", "7", "3", "7,8,9")


def test_what_a_unit_does_not_have_is_empty_or_zero() -> None:
    words = unit_command(plan(EVERYTHING, artifact=None), unit(None, 0), Seeds((), "takes none"), "make", "py")
    assert words[3:] == ("", "out", "v", "gc", "", "0", "0", "")


def test_seeds_are_one_word() -> None:
    assert unit_command(plan(("x", "--seeds={seeds}", "{seeds}")), unit(), SEEDS, "make", "py") == (
        "x",
        "--seeds=7,8,9",
        "7,8,9",
    )


def test_elsewhere_paths_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    words = unit_command(plan(EVERYTHING, cwd="tests/{module}"), unit(), SEEDS, "./bin/make", "py")
    assert words[:5] == (f"{tmp_path}/bin/make", "py", sys.executable, f"{tmp_path}/out/a b", f"{tmp_path}/out")
    words = unit_command(plan(EVERYTHING, cwd="tests", artifact=None), unit(), SEEDS, "make", "py")
    assert (words[0], words[3]) == ("make", "")


def test_for_a_shell_values_are_quoted() -> None:
    assert unit_command(plan(("{artifact} {module}",), shell=True), unit(), SEEDS, "make", "py") == ("'out/a b' gc",)


SHA = "a" * 40


@pytest.mark.parametrize(
    ("seeds", "line"),
    [
        (Seeds((7, 8, 9), "SEED"), "make test-v-gc-3 SEED=7-9"),
        (Seeds((7,), "commit"), "make test-v-gc-3 SEED=7"),
        (Seeds((4711,), "fallback"), "make test-v-gc-3 SEED=4711"),
        (Seeds((7, 99), "commit"), f"LONGPOLE_REV={SHA} make test-v-gc-3"),
        (Seeds((4711, 4711), "fallback"), "make test-v-gc-3"),
        (Seeds((7,), "fixed"), "make test-v-gc-3"),
        (Seeds((), "takes none"), "make test-v-gc-3"),
    ],
)
def test_the_line_to_paste(seeds: Seeds, line: str) -> None:
    assert reproducer(unit(), seeds, SHA, "make") == line


def test_the_line_for_a_failed_fork_runs_all_forks_with_its_seeds() -> None:
    """A class may be in another fork next time."""
    fork = replace(unit(), chunk=None, fork=1)
    seeds = Seeds((7,), "commit")
    assert reproducer(fork, seeds, SHA, "make", failed=True) == "make test-v-gc SEED=7"
    assert reproducer(fork, seeds, SHA, "make") == "make test-v-gc-fork-1 SEED=7"
    assert reproducer(fork, Seeds((), "takes none"), SHA, "make", failed=True) == "make test-v-gc"


def test_an_execution_is_run_again_as_the_unit_that_it_is_of() -> None:
    assert reproducer(unit(execution=17), Seeds((1,), "SEED"), SHA, "make -f a.mk") == "make -f a.mk test-v-gc-3 SEED=1"


@pytest.mark.parametrize("words", [("{first_seed}",), ("{seed_count}",), ("x", "{first_seed}:{seed_count}")])
def test_scattered_seeds_are_refused_by_a_command_that_is_told_a_range(words: tuple[str, ...]) -> None:
    with pytest.raises(UseError, match="SEED: the units of v take a range of seeds, and 5,9 is not a range"):
        refuse_scattered(plan(words), [unit()], (5, 9))


@pytest.mark.parametrize(
    ("words", "given", "count"),
    [
        (("{first_seed}",), None, 3),
        (("{first_seed}",), (5,), 3),
        (("{first_seed}",), (5, 6, 7), 3),
        (("{first_seed}", "{seeds}"), (5, 9), 3),
        (("{module}",), (5, 9), 3),
        (("{first_seed}",), (5, 9), 0),
    ],
)
def test_other_seeds_and_other_commands_are_not(
    words: tuple[str, ...], given: tuple[int, ...] | None, count: int
) -> None:
    refuse_scattered(plan(words), [unit(count=count)], given)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, unique=True), st.text())
def test_a_pattern_matches_exactly_the_names(names: list[str], other: str) -> None:
    pattern = re.compile(exactly(names))
    assert all(pattern.search(name) for name in names)
    assert bool(pattern.search(other)) is (other in names or other.removesuffix("\n") in names)
