"""History: what is kept, that nothing is lost, and that nothing damaged ever fails a run."""

import json
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.history import (
    MAX_KEPT,
    MAX_RUNS,
    Computing,
    History,
    UnitHistory,
    history_path,
    merge_history,
    read_history,
)
from longpole.rts_tests.contracts.status import RECORDED, Status
from tests.project import Project
from tests.rts_tests.conftest import SmallDisk
from tests.rts_tests.contracts.at_once import at_once


@pytest.mark.parametrize("count", [1, 9, 10, 11, 25])
def test_the_last_ten_durations_are_kept(tmp_path: Path, count: int) -> None:
    for number in range(count):
        merge_history(tmp_path, [("v/m", "passed", float(number))])
    kept = tuple(float(number) for number in range(max(0, count - 10), count))
    assert read_history(tmp_path).units["v/m"].durations_s == kept
    assert MAX_KEPT == 10


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=10))
def test_the_estimate_is_their_median(durations: list[float]) -> None:
    assert UnitHistory(tuple(durations), "passed").estimate_s == median(durations)


def test_a_unit_that_never_passed_has_no_estimate() -> None:
    assert UnitHistory((), "failed").estimate_s is None


@pytest.mark.parametrize("status", [status for status in RECORDED if status is not Status.PASSED])
def test_only_passed_durations_teach(tmp_path: Path, status: str) -> None:
    merge_history(tmp_path, [("v/m", "passed", 2.0)])
    merge_history(tmp_path, [("v/m", status, 99.0)])
    assert read_history(tmp_path).units["v/m"] == UnitHistory((2.0,), status)


def test_units_that_were_not_run_are_not_forgotten(tmp_path: Path) -> None:
    merge_history(tmp_path, [("v/m", "passed", 2.0), ("v/n", "failed", 1.0)])
    merge_history(tmp_path, [("v/o", "passed", 3.0)])
    assert set(read_history(tmp_path).units) == {"v/m", "v/n", "v/o"}


def test_platforms_are_kept_apart(tmp_path: Path) -> None:
    merge_history(tmp_path, [("v/m", "passed", 2.0)], "slow-one")
    merge_history(tmp_path, [("v/m", "passed", 1.0)], "fast-one")
    assert read_history(tmp_path, "slow-one").units["v/m"].durations_s == (2.0,)
    assert read_history(tmp_path, "fast-one").units["v/m"].durations_s == (1.0,)
    assert read_history(tmp_path, "none").units == {}


def _merge_many(state: Path, worker: int, together: Barrier) -> None:
    together.wait()
    for number in range(20):
        merge_history(state, [(f"v/{worker}-{number}", "passed", 1.0), ("v/shared", "passed", float(worker))])


@pytest.mark.slow
def test_concurrent_merges_lose_nothing(tmp_path: Path) -> None:
    at_once(_merge_many, tmp_path, 3)
    units = read_history(tmp_path).units
    assert set(units) == {"v/shared", *(f"v/{worker}-{number}" for worker in range(3) for number in range(20))}
    assert len(units["v/shared"].durations_s) == 10


DAMAGED = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"\xff\xfe\x00",
    b'{"version": 99, "platforms": {}}',
    b'{"version": 1}',
    b'{"version": 1, "platforms": []}',
    b'{"version": 1, "platforms": {"x": []}}',
    b'{"version": 1, "platforms": {"x": {"v/m": 7}}}',
    b'{"version": 1, "platforms": {"x": {"v/m": {"durations_s": "abc", "status": "passed"}}}}',
    b'{"version": 1, "platforms": {"x": {"v/m": {"durations_s": [1, null], "status": "passed"}}}}',
    b'{"version": 1, "platforms": {"x": {"v/m": {"durations_s": [NaN], "status": "passed"}}}}',
    b'{"version": 1, "platforms": {"x": {"v/m": {"durations_s": [-1], "status": "passed"}}}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("data", DAMAGED)
def test_a_damaged_history_is_set_aside_with_a_warning(
    tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    history_path(tmp_path).write_bytes(data)
    assert read_history(tmp_path, "x") == History({})
    assert "set aside as history.json.corrupt" in capsys.readouterr().err
    (aside,) = tmp_path.glob("history.json.corrupt*")
    assert aside.read_bytes() == data
    merge_history(tmp_path, [("v/m", "passed", 2.0)], "x")
    assert read_history(tmp_path, "x").units["v/m"].durations_s == (2.0,)


def test_what_was_set_aside_before_is_not_overwritten(tmp_path: Path) -> None:
    for data in (b"one", b"two", b"three"):
        history_path(tmp_path).write_bytes(data)
        read_history(tmp_path)
    assert sorted(path.read_bytes() for path in tmp_path.glob("history.json.corrupt*")) == [b"one", b"three", b"two"]


def test_a_damaged_history_does_not_fail_a_run(project: Project) -> None:
    project.write({"m": ""})
    (project.root / ".longpole" / "history.json").write_bytes(b'{"version": 1, "pl')
    done = project.make("test")
    assert done.status == 0, done.text
    assert "set aside" in done.err
    assert set(project.history()) == {"v/m"}


def test_the_first_version_is_read(tmp_path: Path) -> None:
    # As the first release wrote it; this text stays here for as long as Longpole lives.
    text = '{"platforms":{"linux-x86_64":{"eop/gc[3]":{"durations_s":[1.25,1.5],"status":"failed"}}},"version":1}\n'
    history_path(tmp_path).write_text(text)
    assert read_history(tmp_path, "linux-x86_64").units == {"eop/gc[3]": UnitHistory((1.25, 1.5), "failed")}


def test_a_run_teaches_the_next_plan(project: Project) -> None:
    project.write({"quick": "", "slow": "sleep 0.2", "bad": "exit 1"}, modules={"quick": {"weight": 50}})
    project.make("test")
    rows = json.loads(project.longpole("list", "--json").out)["units"]
    assert [row["id"] for row in rows] == ["v/bad", "v/slow", "v/quick"]
    assert {row["id"]: row["estimate_from"] for row in rows} == {
        "v/bad": "weight",
        "v/slow": "history",
        "v/quick": "history",
    }
    project.make("test")
    planned = json.loads((project.last / "run.json").read_bytes())["planned"]
    assert [row[0] for row in planned] == ["v/bad", "v/slow", "v/quick"]


def test_the_last_ten_peaks_are_kept_whatever_became_of_the_unit(tmp_path: Path) -> None:
    for number in range(12):
        status = "crashed" if number % 2 else "passed"
        merge_history(tmp_path, [("v/m", status, 1.0), ("v/n", "passed", 1.0)], peaks={"v/m": 100 - number, "v/n": 0})
    units = read_history(tmp_path).units
    assert units["v/m"].peaks_bytes == tuple(range(98, 88, -1))
    assert units["v/m"].peak_bytes == 98
    assert units["v/n"].peaks_bytes == ()
    assert units["v/n"].peak_bytes == 0


@pytest.mark.parametrize("peaks", ["[0]", "[-1]", "[1.5]", '["9"]', "[true]", "7", "[9223372036854775808]"])
def test_a_peak_that_is_none_sets_the_history_aside(tmp_path: Path, peaks: str) -> None:
    row = f'{{"durations_s": [], "status": "passed", "peaks_bytes": {peaks}}}'
    history_path(tmp_path).write_text(f'{{"version": 1, "platforms": {{"x": {{"v/m": {row}}}}}}}')
    assert read_history(tmp_path, "x") == History()
    assert (tmp_path / "history.json.corrupt").exists()


def test_a_run_teaches_what_its_units_take(project: Project) -> None:
    project.write({"a": "exit 0", "b": "exit 1"}).make("-j2", "test")
    records = project.records()
    assert {name: row["peaks_bytes"] for name, row in project.history().items()} == {
        name: [record["max_rss_bytes"]] for name, record in records.items()
    }


def test_a_duration_is_known_by_its_run(tmp_path: Path) -> None:
    for number in range(12):
        merge_history(tmp_path, [("v/m", "passed", 1.0), ("v/n", "failed", 1.0)], run=f"2027-{number:02}")
    known = read_history(tmp_path).units["v/m"]
    assert known.runs == tuple(f"2027-{number:02}" for number in range(2, 12))
    assert (known.index_of("2027-03"), known.index_of("2027-01")) == (1, None)
    assert known.before("2027-05") == (1.0,) * 3
    assert read_history(tmp_path).units["v/n"].runs == ()


def test_durations_of_a_history_that_did_not_name_runs_count_as_earlier(tmp_path: Path) -> None:
    old = {"version": 1, "platforms": {"x": {"v/m": {"durations_s": [1.0, 2.0], "status": "passed"}}}}
    (tmp_path / "history.json").write_text(json.dumps(old))
    merge_history(tmp_path, [("v/m", "passed", 3.0)], "x", run="2027-01")
    known = read_history(tmp_path, "x").units["v/m"]
    assert (known.durations_s, known.runs) == ((1.0, 2.0, 3.0), ("", "", "2027-01"))
    assert known.before("2027-01") == (1.0, 2.0)


def test_names_of_runs_go_when_no_duration_is_of_them(tmp_path: Path) -> None:
    merge_history(tmp_path, [("v/rare", "passed", 5.0)], run="2026-first")
    for number in range(2 * MAX_RUNS):
        merge_history(tmp_path, [("v/m", "passed", float(number))], run=f"2027-{number:03}")
    names = json.loads((tmp_path / "history.json").read_bytes())["runs"]
    assert len(names) <= MAX_RUNS
    units = read_history(tmp_path).units
    assert units["v/rare"].runs == ("2026-first",)
    assert units["v/m"].runs == tuple(f"2027-{number:03}" for number in range(2 * MAX_RUNS - 10, 2 * MAX_RUNS))
    assert units["v/m"].durations_s == tuple(float(number) for number in range(2 * MAX_RUNS - 10, 2 * MAX_RUNS))


@pytest.mark.parametrize("runs", [[0, 0], [5], ["x"], [True], [-2], "ab", [0.5], None])
def test_runs_that_are_no_indexes_are_damage(tmp_path: Path, runs: object) -> None:
    row = {"durations_s": [1.0], "status": "passed", "runs": runs}
    damaged = {"version": 1, "runs": ["2027"], "platforms": {"x": {"v/m": row}}}
    (tmp_path / "history.json").write_text(json.dumps(damaged))
    assert read_history(tmp_path, "x").units == {}
    assert (tmp_path / "history.json.corrupt").exists()


def test_what_is_learnt_on_a_busy_machine_is_what_a_unit_takes_on_an_idle_one(tmp_path: Path) -> None:
    computing = {"v/computes": Computing(2.0, 3.0), "v/waits": Computing(0.1, 3.0)}
    outcomes = [("v/computes", "passed", 6.0), ("v/waits", "passed", 5.2), ("v/unknown", "passed", 6.0)]
    merge_history(tmp_path, outcomes, computing=computing)
    learnt = {name: unit.durations_s for name, unit in read_history(tmp_path).units.items()}
    assert learnt == {"v/computes": (2.0,), "v/waits": (5.0,), "v/unknown": (6.0,)}


def test_a_unit_that_used_two_cores_once_is_expected_to_do_so_again(tmp_path: Path) -> None:
    merge_history(tmp_path, [("v/m", "passed", 2.0)], "x", computing={"v/m": Computing(4.0, 1.0)})
    merge_history(tmp_path, [("v/m", "passed", 6.0)], "x", computing={"v/m": Computing(4.0, 3.0)})
    known = read_history(tmp_path, "x").units["v/m"]
    assert (known.durations_s, known.threads) == ((2.0, 2.0), 2.0)


def test_the_ratio_of_a_moment_is_no_number_of_threads(tmp_path: Path) -> None:
    merge_history(tmp_path, [("v/m", "passed", 0.001)], computing={"v/m": Computing(0.008, 1.0)})
    assert read_history(tmp_path).units["v/m"].threads == 1.0


@pytest.mark.parametrize("threads", ["0.5", '"2"', "true", "null", "NaN", "1e300"])
def test_a_number_of_threads_that_cannot_be_is_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], threads: str
) -> None:
    row = f'{{"durations_s": [1.0], "status": "passed", "threads": {threads}}}'
    (tmp_path / "history.json").write_text(f'{{"version": 1, "platforms": {{"x": {{"v/m": {row}}}}}}}')
    assert read_history(tmp_path, "x").units == {}
    assert "set aside" in capsys.readouterr().err


def test_a_damaged_history_in_a_folder_that_cannot_be_written_is_reported(
    project: Project, small_disk: SmallDisk
) -> None:
    project.write({"a": ""})
    done = small_disk(
        "1m", "make test >/dev/null; echo damaged >state/history.json; mount -o remount,ro state", "longpole list"
    )
    assert done.status == 0, done.text
    assert "longpole: state/history.json: damaged (" in done.err
    assert "; it cannot be set aside: Read-only file system; continuing without history\n" in done.err
    assert "v/a" in done.out
    assert "Traceback" not in done.text
