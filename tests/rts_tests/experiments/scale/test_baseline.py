"""Baselines: kept, read back, and compared."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.experiments.scale.baseline import (
    Baseline,
    check_comparable,
    check_writable,
    compare,
    json_text,
    path_of,
    read_baseline,
    write_baseline,
)
from longpole.rts_tests.experiments.scale.machine import Machine
from longpole.rts_tests.experiments.scale.measurement import Measurement, as_json
from longpole.rts_tests.experiments.scale.scaling_of import results_of
from tests.rts_tests.experiments.scale.measured import MACHINE, measurement, trial

STEADY = {1: [10.0, 10.1, 10.2], 2: [5.0, 5.1, 5.05]}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def kept(measured: Measurement) -> Baseline:
    """What is read back."""
    write_baseline("main", measured)
    return read_baseline("main")


def test_what_is_kept_is_read_back() -> None:
    baseline = kept(measurement(STEADY))
    assert (baseline.name, baseline.started_at, baseline.machine) == ("main", "2026-11-21T10:15:00.123Z", MACHINE)
    assert baseline.levels == {jobs: tuple(times) for jobs, times in STEADY.items()}
    assert baseline.units == {
        "v/a": {jobs: (0.5, 0.505, 0.51) for jobs in (1, 2)},
        "v/b": {jobs: (1.5, 1.515, 1.53) for jobs in (1, 2)},
    }
    assert Path("bench/baselines/main.json").is_file()


def test_a_line_of_a_baseline_is_a_run_or_a_unit() -> None:
    lines = json_text(as_json(measurement(STEADY))).decode().splitlines()
    assert len([line for line in lines if line.startswith('  {"number": ')]) == 7
    assert len([line for line in lines if line.startswith('  {"id": ')]) == 2


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.lists(st.dictionaries(st.text(), st.integers())))))
def test_the_layout_is_json(document: dict[str, Any]) -> None:
    assert json.loads(json_text(document)) == json.loads(json.dumps(document).encode(errors="replace"))


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "a b", "x\n", "é", "-x"])
def test_names_that_are_no_files_of_the_folder(name: str) -> None:
    with pytest.raises(UseError, match="cannot be the name of a baseline"):
        path_of(name, "--baseline")


def test_a_baseline_that_does_not_exist() -> None:
    with pytest.raises(UseError, match=r"bench/baselines/main\.json: there is no such baseline; `longpole bench scale"):
        read_baseline("main")
    write_baseline("main", measurement(STEADY))
    with pytest.raises(UseError, match=r"no such baseline; did you mean main\?"):
        read_baseline("mian")


def _without(name: str) -> Any:
    document = as_json(measurement(STEADY))
    del document[name]
    return document


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 2, "kind": "bench scale"}',
        *(json.dumps(_without(name)) for name in ("machine", "levels", "units", "started_at", "commit", "kind")),
        json.dumps({**as_json(measurement(STEADY)), "levels": [{"jobs": "1", "runs_s": [1]}]}),
        json.dumps({**as_json(measurement(STEADY)), "levels": [{"jobs": 1, "runs_s": ["1"]}]}),
        json.dumps({**as_json(measurement(STEADY)), "units": [{"id": 1, "levels": []}]}),
        "[" * 10_000,
    ],
)
def test_a_damaged_baseline_is_refused_and_never_replaced(content: str) -> None:
    path = Path("bench/baselines/main.json")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(UseError, match=r"main\.json: not a readable baseline \(.*\); measure it again"):
        read_baseline("main")
    with pytest.raises(UseError, match="this file is not a baseline, and is not replaced; use another name"):
        check_writable("main")


def test_a_baseline_may_be_replaced() -> None:
    check_writable("main")
    write_baseline("main", measurement(STEADY))
    check_writable("main")


def test_a_comparison_that_could_find_nothing_is_refused_before_anything_runs() -> None:
    baseline = kept(measurement({1: [10.0, 10.1], 2: [5.0]}))
    check_comparable(baseline, [1, 4], 2)
    with pytest.raises(UseError, match="one run cannot be compared"):
        check_comparable(baseline, [1], 1)
    with pytest.raises(UseError, match="main has none of these numbers of jobs, but 1; use --jobs 1"):
        check_comparable(baseline, [2, 4], 3)
    with pytest.raises(UseError, match="but none with two runs; measure it again"):
        check_comparable(kept(measurement({2: [5.0]})), [2, 4], 3)


def test_nothing_changed() -> None:
    comparison = compare(kept(measurement(STEADY)), measurement({1: [10.1, 10.0, 10.15], 2: [5.02, 5.08, 5.0]}))
    assert (comparison.changes, comparison.got_worse, comparison.compared_jobs) == ((), False, (1, 2))
    assert (comparison.unit_jobs, comparison.compared_units, comparison.other_machine) == (1, 2, None)


def test_a_slower_suite_is_a_regression_and_a_faster_one_is_not() -> None:
    slow, fast = measurement({1: [12.0, 12.1, 12.2], 2: STEADY[2]}), measurement(STEADY)
    worse, better = compare(kept(fast), slow), compare(kept(slow), fast)
    assert [(each.unit, each.jobs, each.before_s, each.after_s) for each in worse.changes] == [(None, 1, 10.1, 12.1)]
    assert worse.got_worse
    assert [(each.jobs, each.ratio < 1) for each in better.changes] == [(1, True)]
    assert not better.got_worse


def test_a_slower_unit_is_a_regression_also_where_the_whole_is_not_slower() -> None:
    now = measurement(STEADY, units={"v/a": 0.9, "v/b": 1.5})
    comparison = compare(kept(measurement(STEADY)), now)
    assert [(each.unit, each.jobs) for each in comparison.changes] == [("v/a", 1)]
    assert comparison.got_worse


def test_the_worst_unit_is_first_and_a_commit_may_be_unknown() -> None:
    units = {"v/a": 1.0, "v/b": 1.0, "v/c": 1.0}
    before = kept(replace(measurement(STEADY, units=units), commit=None))
    now = measurement({1: [12.0, 12.1, 12.2], 2: STEADY[2]}, units={"v/a": 1.5, "v/b": 3.0, "v/c": 0.5})
    assert [change.unit for change in compare(before, now).changes] == [None, "v/b", "v/a", "v/c"]
    assert before.commit is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([10.0, 10.001, 10.002], [10.4, 10.401, 10.402]),  # sure, but less than 5 %
        ([10.0, 14.0, 6.0], [13.0, 17.0, 9.0]),  # large, but within the spread
    ],
)
def test_what_is_small_or_not_sure_is_no_change(before: list[float], after: list[float]) -> None:
    assert compare(kept(measurement({1: before})), measurement({1: after})).changes == ()


def test_units_of_milliseconds_are_no_change() -> None:
    now = measurement(STEADY, units={"v/a": 0.015, "v/b": 1.5})
    assert compare(kept(measurement(STEADY, units={"v/a": 0.008, "v/b": 1.5})), now).changes == ()


def test_with_other_units_only_common_units_are_compared() -> None:
    now = measurement({1: [20.0, 20.1, 20.2]}, units={"v/a": 0.5, "v/c": 1.5})
    comparison = compare(kept(measurement(STEADY)), now)
    assert (comparison.added, comparison.removed, comparison.compared_jobs) == (("v/c",), ("v/b",), ())
    assert (comparison.changes, comparison.compared_units) == ((), 1)


def test_another_machine_is_named() -> None:
    other = Machine("Darwin", "arm64", "M1", 8)
    assert compare(kept(measurement(STEADY, machine=other)), measurement(STEADY)).other_machine == other


def test_equal_measurements_rarely_differ() -> None:
    """Few comparisons of a suite with itself report something, however many units it has."""
    chance = random.Random(5)
    units = [f"v/u{number}" for number in range(30)]
    wrong = 0
    for _ in range(40):
        trials = [
            replace(
                trial(1, chance.lognormvariate(2, 0.1), number=number + 1),
                durations={name: chance.lognormvariate(0, 0.1) for name in units},
            )
            for number in range(6)
        ]
        before, after = (
            replace(measurement({}), units=tuple(units), results=results_of(each, 2, 1), jobs=(1,))
            for each in (trials[:3], trials[3:])
        )
        wrong += bool(compare(kept(before), after).changes)
    assert wrong <= 5


def test_the_correction_is_for_the_number_of_tests() -> None:
    """One test in a hundred with p = 0.01 is what chance alone gives."""
    units = {f"v/u{number:03}": 1.0 for number in range(200)}
    before = kept(measurement(STEADY, units=units))
    now = measurement(STEADY, units={**units, "v/u007": 1.06})
    alone = compare(
        kept(measurement(STEADY, units={"v/u007": 1.0})), measurement(STEADY, units={"v/u007": 1.06})
    ).changes
    assert [each.unit for each in alone] == ["v/u007"]
    assert alone[0].p > 0.05 / 200
    assert compare(before, now).changes == ()
