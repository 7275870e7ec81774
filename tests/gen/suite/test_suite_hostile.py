"""Hostile suites: whatever the text, a suite or problems that say where; never another exception."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import ErrorDetails

from longpole.gen.suite import validate
from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.tree import Scalar
from tests.gen.suite.mistakes import one_mistake

VALID = """\
version: 1
name: rts
limits: {jobs: 8, timeout: 600, grace: 5, log: 16777216}
platforms: {x86_64-linux: {default: checked}, aarch64-darwin: {nightly: true, shards: 2}}
defaults:
  target_dir: "target-{variant}"
  build: ["{make}", -C, rts, "VARIANT={variant}"]
  artifact: "{target_dir}/test.cwasm"
  run: ["{python}", -m, rts_tests.warm.wasm, "{artifact}", "{module}", "{seeds}"]
  warm: true
  env: {NAME: value}
variants:
  a: {}
  a-b: {warm: false, run: {shell: "./x {seeds}"}}
modules:
  gc: {weight: 15, seeds: 100, chunks: 10, first_seed: 0, timeout: 120, only: [a]}
  gc-10: {seeds: 2, seed_policy: commit, except: [a]}
  crc32:
"""
TOKENS = re.findall(r"[A-Za-z0-9_.]+|\s+|.", VALID)
VALUES = [
    "~",
    "0",
    "-1",
    "1e999",
    ".nan",
    ".inf",
    "yes",
    "[]",
    "{}",
    "[[x]]",
    "{x: y}",
    "'{'",
    '"\\0"',
    "!!int x",
    "*a",
]
VALUES += [
    "&a",
    "<<: {}",
    "9" * 50,
    "x" * 101,
    "{make}",
    "'{modul}'",
    "\t",
    "\n",
    ": ",
    "- ",
    "#",
    "é",
    "? ",
    "'",
    '"',
    "|",
]

# JSON is YAML but for duplicate keys, so that any tree can be written with the keys that a suite has.
KEYS = st.sampled_from(
    [token for token in set(TOKENS) if token.isidentifier()] + ["a", "a-b", "gc-10", "[key]", "<shell>"]
)
LEAVES = st.sampled_from(
    [token for token in VALUES if not set(token) & set("\t\n&*<?:#|'\"-")] + ["a", "gc", "x", "1", "2"]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(KEYS, inner, max_size=5).map(
            lambda entries: "{" + ", ".join(f'"{key}": {value}' for key, value in entries.items()) + "}"
        ),
    ),
    max_leaves=12,
)


def load(data: bytes) -> Suite | None:
    try:
        suite = suite_from_bytes(data, "suite.yaml")
    except UseError as error:
        assert error.problems
        assert str(error).count("\n") == len(error.problems) - 1
        places = [(problem.line or 0, problem.column or 0) for problem in error.problems]
        assert places == sorted(places)
        assert all(
            line and column and problem.remedy for (line, column), problem in zip(places, error.problems, strict=True)
        )
        return None
    assert_sound(suite)
    return suite


def assert_sound(suite: Suite) -> None:
    """What every later stage relies on."""
    goals = [f"test-{variant.name}" for variant in suite.variants]
    for module in suite.modules:
        assert module.variants
        assert 0 <= module.first_seed <= module.first_seed + module.seeds <= 2**32
        assert (module.seed_policy is None) == (module.seeds == 0)
        assert 0 < module.weight < float("inf") and 0 < module.timeout_s < float("inf")
        assert module.chunks is None or 1 <= module.chunks <= module.seeds
        for name in module.variants:
            goals.append(f"test-{name}-{module.name}")
            goals += [f"test-{name}-{module.name}-{k}" for k in range(min(module.chunks or 0, 1000))]
    assert len({goal.casefold() for goal in goals}) == len(goals)
    assert len({variant.target_dir.casefold() for variant in suite.variants}) == len(suite.variants)
    for variant in suite.variants:
        for command in filter(None, (variant.build, variant.run)):
            for word in command.argv:
                assert "\0" not in word
                placeholders.parse(word)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
@pytest.mark.slow
def test_any_bytes_are_a_suite_or_problems(data: bytes) -> None:
    load(data)


@settings(max_examples=400, deadline=None)
@given(st.data())
@pytest.mark.slow
def test_a_suite_with_pieces_replaced_is_a_suite_or_problems(data: st.DataObject) -> None:
    tokens = list(TOKENS)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(tokens) - 1))
        tokens[at] = data.draw(st.sampled_from(VALUES) | st.sampled_from(TOKENS) | st.just("") | st.text(max_size=3))
    load("".join(tokens).encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["limits", "platforms", "defaults", "variants", "modules"]), TREES, min_size=1))
@pytest.mark.slow
def test_any_tree_in_a_section_is_a_suite_or_problems(sections: dict[str, str]) -> None:
    sections = {"variants": "{a: {run: [x]}}", "modules": "{gc: }"} | sections
    load(("version: 1\nname: x\n" + "".join(f"{key}: {value}\n" for key, value in sections.items())).encode())


NAMES = st.lists(
    st.sampled_from(["a", "A", "a-b", "b", "b-c", "c", "a-1", "1", "b-1", "1-1", "0", "a-b-0"]), unique=True
)


@settings(max_examples=400, deadline=None)
@given(NAMES.filter(bool), NAMES.filter(bool), st.integers(0, 12))
@pytest.mark.slow
def test_targets_that_meet_are_refused_and_others_are_not(variants: list[str], modules: list[str], chunks: int) -> None:
    seeds = f"{{seeds: {chunks}, chunks: {chunks}}}" if chunks else ""
    text = "version: 1\nname: x\ndefaults: {run: [x]}\nvariants:\n"
    text += "".join(f'  "{name}":\n' for name in variants)
    text += "modules:\n" + "".join(f'  "{name}": {seeds}\n' for name in modules)
    goals = [f"test-{variant}" for variant in variants]
    for variant in variants:
        for module in modules:
            goals += [f"test-{variant}-{module}", *(f"test-{variant}-{module}-{k}" for k in range(chunks))]
    distinct = len({goal.casefold() for goal in goals}) == len(goals)
    assert (load(text.encode()) is not None) == distinct


def test_the_suite_that_is_mutated_is_right() -> None:
    assert load(VALID.encode())


def test_every_prefix_and_every_missing_line_of_a_suite_is_a_suite_or_problems() -> None:
    data = VALID.encode()
    for end in random.Random(1).sample(range(len(data)), 150):
        load(data[:end])
    lines = VALID.splitlines(keepends=True)
    for at in range(len(lines)):
        load("".join(lines[:at] + lines[at + 1 :]).encode())


@pytest.mark.parametrize(
    "text",
    [
        'version: 1\nname: §"\\ud800"\nvariants: {a: {run: [x]}}\nmodules: {m: }\n',
        'version: 1\nname: x\nlimits: {keep: §"\\udfff"}\nvariants: {a: {run: [x]}}\nmodules: {m: }\n',
        'version: 1\nname: x\nvariants: {a: {run: [x]}}\nmodules: {m: {leaks: §"x\\ud800"}}\n',
    ],
)
def test_half_a_surrogate_pair_is_one_mistake_wherever_it_stands(text: str) -> None:
    one_mistake(text, "half a surrogate pair", "write")


def test_an_error_of_pydantic_s_that_is_not_known_here_is_a_message_too() -> None:
    value = Scalar("x", "x", 1, 1)
    details = ErrorDetails(type="brand_new", loc=("name",), msg="Input should be\x1b[31m new", input="x")
    what, remedy = validate._bad_value(details, "`name`", value, Problems("suite.yaml"))
    assert what == "`name` is not valid: input should be\x1b[31m new"
    assert remedy == "docs/suite.md describes the key"
