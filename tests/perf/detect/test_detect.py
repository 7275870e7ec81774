"""`longpole perf detect`: change points of an index, blamed on commits."""

from pathlib import Path

import numpy as np
import pytest

from longpole.perf.detect.detect import Options, detect
from longpole.perf.detect.outcome import ALL_BENCHMARKS, ChangePoint, Detection, as_json
from longpole.perf.detect.report import as_markdown, as_text
from longpole.perf.detect.series import adjusted, steps
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from tests.perf.detect.histories import START, commits, index_of, sha, shared_machine


def test_a_step_is_blamed_on_the_commits_between_two_measured_ones(tmp_path: Path) -> None:
    logs = shared_machine(60, 8)
    logs[40:, 2] += np.log(1.1)
    index = index_of(tmp_path, logs, [3 * (row // 4) for row in range(60)])
    (change,) = detect(index, commits(100)).change_points
    assert (change.benchmark, change.kind, change.recovered_at) == ("b2", "regression", None)
    assert change.ratio == pytest.approx(1.1, abs=0.02)
    assert (change.commit_before, change.commit_after) == (sha(27), sha(30))
    assert change.range == (sha(28), sha(29), sha(30))


def test_a_series_that_went_back_has_recovered(tmp_path: Path) -> None:
    logs = shared_machine(90, 8)
    logs[30:60, 1] -= np.log(1.2)
    changes = detect(index_of(tmp_path, logs, list(range(90))), commits(90)).change_points
    assert [(each.kind, each.recovered_at) for each in changes] == [("improvement", sha(60)), ("regression", None)]


def test_runs_count_in_the_order_of_commits_and_those_of_other_branches_not_at_all(tmp_path: Path) -> None:
    logs = shared_machine(80, 8)
    logs[:, 0] += np.where(np.arange(80) % 2 == 0, 0.0, 0.2)
    # the odd rows are of later commits, though measured in between; the last four are of another branch
    numbers = [row // 2 + 40 * (row % 2) for row in range(76)] + [1000] * 4
    found = detect(index_of(tmp_path, logs, numbers), commits(100))
    assert [(each.benchmark, each.commit_after) for each in found.change_points] == [("b0", sha(40))]
    assert (found.runs, found.runs_elsewhere) == (76, 4)


def test_a_change_within_one_commit_is_said_not_to_be_of_its_code(tmp_path: Path) -> None:
    logs = shared_machine(60, 8)
    logs[30:, 2] += 0.2
    found = detect(index_of(tmp_path, logs, [0] * 60), commits(1))
    (change,) = found.change_points
    assert change.within_one_commit and change.range == ()
    assert "within 000000000000: not its code" in as_text(found)


def test_what_all_benchmarks_have_in_common_is_a_series_of_its_own_unless_a_reference_tells(tmp_path: Path) -> None:
    logs = shared_machine(80, 8)
    mood = np.median(logs, axis=1)
    logs[40:] += 0.3
    found = detect(index_of(tmp_path / "a", logs, list(range(80))), commits(80))
    assert [each.benchmark for each in found.change_points] == [ALL_BENCHMARKS]
    told = detect(index_of(tmp_path / "b", logs, list(range(80)), reference=mood), commits(80))
    assert {each.benchmark for each in told.change_points} == {f"b{column}" for column in range(8)}


def test_sizes_have_no_common_factor_and_their_smallest_change_is_seen(tmp_path: Path) -> None:
    logs = np.zeros((20, 6)) + np.log(1e6)
    logs[17:] += np.log(1.02)
    found = detect(index_of(tmp_path, logs, list(range(20)), unit="B"), commits(20))
    assert [each.commit_after for each in found.change_points] == [sha(17)] * 6
    options = Options(at_least=0.05)
    assert detect(index_of(tmp_path, logs, list(range(20)), unit="B"), commits(20), options).change_points == ()


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_few_runs_show_nothing(tmp_path: Path, rows: int) -> None:
    (tmp_path / "results").mkdir()
    found = detect(index_of(tmp_path, shared_machine(rows, 4), list(range(rows))), commits(10))
    assert found.change_points == ()


def test_one_of_a_thing_is_not_several(tmp_path: Path) -> None:
    found = detect(index_of(tmp_path, shared_machine(1, 1), [0]), commits(1))
    assert as_text(found) == "1 point of 1 series in 1 run\n0 regressions, 0 improvements, 0 of them recovered"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(platforms=("linx",)), "--platform linx: there is no such platform; did you mean 'linux'?"),
        (Options(benchmarks=("x*", "y")), "--benchmark x*, y: there is no such benchmark; they are b0, b1, b2, …"),
        (Options(metrics=("Time",)), "--metric Time: there is no such metric; did you mean 'time'?"),
    ],
)
def test_a_glob_that_matches_nothing_is_refused_instead_of_finding_no_regression(
    tmp_path: Path, options: Options, message: str
) -> None:
    index = index_of(tmp_path, shared_machine(5, 4), [0] * 5)
    with pytest.raises(UseError) as refused:
        detect(index, commits(1), options)
    assert (str(refused.value), refused.value.exit_code) == (message, ExitStatus.NOTHING_SELECTED)
    detect(index, commits(1), Options(benchmarks=("b0", "gone")))


CHANGE = ChangePoint(
    "linux", "a|b@c\x1b[31m", "time", sha(1), sha(3), (sha(2), sha(3)), START, 1.1, 1e-9, 1e-6, "regression", sha(7)
)


def test_text_fits_in_60_columns_and_says_range_and_recovery() -> None:
    lines = as_text(Detection((CHANGE,), 1, 10, 10)).splitlines()
    assert max(map(len, lines)) <= 60
    assert "  000000000000..000000000000 (2 commits)  2026-04-20" in lines
    assert "               recovered at 000000000000" in lines


def test_markdown_holds_names_as_text() -> None:
    row = as_markdown(Detection((CHANGE,), 1, 10, 10)).splitlines()[-1]
    assert "a&#124;b&#64;c" in row
    assert row.count("|") == 6


def test_json_has_a_version_and_whole_names() -> None:
    document = as_json(Detection((CHANGE,), 1, 10, 10))
    assert document["version"] == 1
    assert document["change_points"][0]["range"] == [sha(2), sha(3)]


def test_a_step_that_one_series_would_believe_is_not_believed_among_many(tmp_path: Path) -> None:
    calm = shared_machine(120, 16)
    for size in np.arange(0.02, 0.08, 0.001):
        logs = calm.copy()
        logs[117:, 2] += size
        found = [step.p_value for step in steps(adjusted(logs)[0]) if (step.column, step.at) == (2, 117)]
        if found:
            break
    assert 3e-5 < found[0] < 1e-3
    assert detect(index_of(tmp_path, logs, list(range(120))), commits(120)).change_points == ()
