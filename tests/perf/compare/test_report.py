"""A comparison as text, Markdown and JSON: golden files, narrow lines, and names that would do harm."""

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.compare.as_json import as_json
from longpole.perf.compare.compare import Comparison, Options, Thresholds, compare
from longpole.perf.compare.markdown import escaped, markdown
from longpole.perf.compare.report import text
from longpole.perf.model import Benchmark, Metric
from longpole.rts_tests.contracts.harmless import harmless_text
from tests.perf.compare.made_up import SECOND, levels, run_of, side
from tests.perf.results import result


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    before = run_of({**levels(), "gone": 1.0}, 1, samples=20)
    changed = {**levels(bench_3=1.2, bench_7=0.8, bench_9=2.5), "new": 1.0}
    after = run_of(changed, 2, samples=20, commit=SECOND, failures=("link",))
    thresholds = Thresholds(divided={("x86_64-linux", "bench-3", "time"): 0.04})
    return compare(side("HEAD~1", before), side("HEAD", after), thresholds, Options(divide_others=True))


@pytest.mark.parametrize("name", ["text", "all", "md", "json"])
def test_a_comparison_is_as_in_the_golden_file(
    comparison: Comparison, name: str, golden: Callable[[str, str], None]
) -> None:
    shown = {
        "text": lambda: text(comparison, every=False),
        "all": lambda: text(comparison, every=True),
        "md": lambda: markdown(comparison),
        "json": lambda: json.dumps(as_json(comparison), indent=1) + "\n",
    }[name]()
    golden(f"perf-compare.{name}", shown)


def test_lines_are_narrow(comparison: Comparison) -> None:
    wide = [line for line in text(comparison, every=True).splitlines() if len(line) > 60]
    assert wide == []


HOSTILE = "a|b` <b>@me #1\\*_x_[l](u)"


def hostile() -> Comparison:
    runs = [
        result(benchmarks=(Benchmark(HOSTILE, {HOSTILE: Metric("1", value)}),), commit=commit)
        for value, commit in ((1.0, "a" * 40), (2.0, SECOND))
    ]
    return compare(side("A|<i>", runs[0]), side("@all", runs[1]), Thresholds())


def test_names_are_no_markup() -> None:
    shown = markdown(hostile())
    for mark in ("<b>", "<i>", "@", "`", "\\", "[l]", "*_", "#1\\"):
        assert mark not in re.sub(r"threshold \S+ %\*", "", shown), mark
    row = next(line for line in shown.splitlines() if line.startswith("| 🔴"))
    assert row.count("|") == 10


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_name_has_no_character_that_means_something(name: str) -> None:
    inside = escaped(name).removeprefix("<code>").removesuffix("</code>")
    assert not set(re.sub(r"&#[0-9]+;", "", inside)) & set("<>&|`@#*_[]()\\!~\n\r")


def test_text_with_hostile_names_is_harmless() -> None:
    shown = text(hostile(), every=True)
    assert harmless_text(shown) == shown
