"""The report as Markdown and as a plot."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.experiments.scale.baseline import Baseline, compare
from longpole.rts_tests.experiments.scale.machine import Machine
from longpole.rts_tests.experiments.scale.markdown import report
from longpole.rts_tests.experiments.scale.measurement import Measurement
from longpole.rts_tests.experiments.scale.plot import nice_step, plot
from tests.rts_tests.experiments.scale.measured import MACHINE, measurement, trial
from tests.rts_tests.report.made import HOSTILE
from tests.test_docs import cells

SVG = "{http://www.w3.org/2000/svg}"
WALLS = {1: [100.2, 99.8, 101.0], 2: [52.1, 51.9, 53.0], 4: [50.9, 51.5, 55.0]}
UNITS = {f"v/u{number}": float(number) for number in range(1, 13)}


def baseline(measured: Measurement, name: str = "main", machine: Machine = MACHINE) -> Baseline:
    """What would have been read back."""
    levels = {level.jobs: level.runs_s for level in measured.results.levels}
    units = {unit: {level.jobs: level.by_unit[unit] for level in measured.results.levels} for unit in measured.units}
    return Baseline(name, measured.started_at, measured.commit, machine, levels, units)


def test_the_whole_report(golden: Callable[[str, str], None]) -> None:
    failed = [trial(4, 0.3, number=10, problems=["2 units failed: v/u1 (failed), v/u2 (timeout)"])]
    measured = measurement(WALLS, units=UNITS, failed=failed)
    measured = replace(measured, trials=tuple(replace(each, others=0.25) for each in measured.trials))
    before = measurement({**WALLS, 2: [40.1, 40.2, 40.0]}, units={**UNITS, "v/u12": 6.0})
    comparison = compare(baseline(before, machine=Machine("Linux", "x86_64", "Another", 4)), measured)
    golden("scale.md", report(measured, comparison, ".longpole/runs/X/trials"))


def test_what_is_selected_and_what_was_interrupted() -> None:
    measured = replace(measurement({1: [10.0]}, interrupted=True), filter="v/* !v/a", commit=None)
    text = report(measured, None, "x")
    assert "\nInterrupted; so far:\n" in text
    assert "\nSelected by: `v/* !v/a`.\n" in text
    assert "Recommended" not in text  # there is nothing to choose from
    assert "Commit" not in text


def test_a_doubtful_recommendation_says_so() -> None:
    text = report(measurement({1: [10.0], 2: [5.0, 6.0, 7.0], 4: [5.0, 5.1, 5.2]}), None, "x")
    assert "- Recommended: **-j4**, the fewest jobs within 3 % of the best time. -j2 may be as good, because" in text


def test_a_limit_of_slots_is_named_where_it_counts() -> None:
    measured = measurement(WALLS)
    line = "- `slots` lets units use 2 slots at a time: more jobs wait for them.\n"
    assert line in report(replace(measured, slots=2), None, "x")
    assert line.partition("slots")[0] not in report(replace(measured, slots=4), None, "x")


def test_nothing_was_completed() -> None:
    failed = [trial(1, 0.3, number=1, problems=["no unit was run", "make: *** no rule"])]
    text = report(measurement({}, failed=failed), None, "trials")
    assert "No run was completed, so nothing is known." in text
    assert "- run 1, -j1: no unit was run\n- run 1, -j1: make: *** no rule\n- -j1 has no result.\n" in text


def test_other_units_than_in_the_baseline() -> None:
    now = measurement(WALLS, units={"v/a": 1.0, "v/new": 1.0})
    text = report(now, compare(baseline(measurement(WALLS)), now), "x")
    assert "1 unit added: v/new.\n1 unit removed: v/b.\nSo only units are compared" in text
    assert "Nothing changed significantly (compared: 1 unit with -j1)." not in text  # v/a is slower


def test_nothing_changed() -> None:
    now = measurement(WALLS)
    text = report(now, compare(baseline(now), now), "x")
    assert "Nothing changed significantly (compared: the suite with -j1, -j2, -j4 and 2 units with -j1)." in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_stay_text(hostile: str) -> None:
    measured = measurement(WALLS, suite=hostile, units={hostile: 1.0, "a|b": 2.0})
    text = report(measured, compare(baseline(measured, hostile), measured), hostile)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]|<", text)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {cells(row) for row in rows} == {7, 6, 4}
    root = ET.fromstring(plot(measured).encode(errors="strict"))
    assert {each.tag for each in root.iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "style", "text", "path", "circle")
    }
    assert not any(name.startswith("on") for each in root.iter() for name in each.attrib)


# -- the plot ---------------------------------------------------------------------------------------------------------


def numbers(element: ET.Element) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d+)?", element.get("d") or "")]


def test_the_plot_has_every_level_and_the_curves() -> None:
    root = ET.fromstring(plot(measurement(WALLS)))
    circles = [each for each in root.iter(f"{SVG}circle") if each.find(f"{SVG}title") is not None]
    titles = [each.findtext(f"{SVG}title") for each in circles]
    assert titles == ["-j1: 100.20 s", "-j2: 52.10 s", "-j4: 51.50 s", "-j1: 1.00", "-j2: 1.92", "-j4: 1.95"]
    curves = [each.get("class") for each in root.iter(f"{SVG}path")]
    assert [curves.count(name) for name in ("amdahl", "usl", "ideal")] == [3, 3, 2]  # with the legend
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert texts[0] == "Scaling of demo: 2 units, 3 runs each"
    assert {"time of a run", "speedup over -j1", "jobs", "1", "2", "4", "ideal on 2 cores"} <= set(texts)


def test_a_faster_level_is_lower_in_the_first_panel_and_higher_in_the_second() -> None:
    root = ET.fromstring(plot(measurement(WALLS)))
    heights = [float(each.get("cy") or "") for each in root.iter(f"{SVG}circle")][:6]
    assert heights[0] < heights[1] < heights[2]
    assert heights[3] > heights[4] > heights[5]


@pytest.mark.parametrize("walls", [{}, {3: [5.0]}, {1: [5.0, 6.0]}, {1: [0.001], 1024: [1e5, 2e5]}])
def test_few_levels_and_wide_ranges_are_plotted_too(walls: dict[int, list[float]]) -> None:
    text = plot(measurement(walls))
    root = ET.fromstring(text)
    assert ("No run was completed." in text) is not bool(walls)
    for each in root.iter(f"{SVG}path"):
        assert all(-10 <= number <= 910 for number in numbers(each))


@given(st.dictionaries(st.integers(1, 1024), st.lists(st.floats(0.01, 1e5), min_size=1, max_size=3), max_size=5))
def test_everything_is_inside_the_picture(walls: dict[int, list[float]]) -> None:
    root = ET.fromstring(plot(measurement(walls)))
    for each in root.iter(f"{SVG}circle"):
        assert 0 <= float(each.get("cx") or "") <= 900
        assert 60 <= float(each.get("cy") or "") <= 400


@given(st.floats(1e-6, 1e12))
def test_a_step_is_nice_and_gives_few_lines(top: float) -> None:
    step = nice_step(top)
    assert 1 < top / step <= 6.0001
    assert f"{step:e}"[0] in "125"
