"""The file of the history of cases: nothing is lost, and nothing damaged ever fails a run."""

import json
import os
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.case_history import (
    CaseRow,
    case_history_path,
    merge_case_history,
    read_case_history,
)
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.status import Status
from tests.made_up import record
from tests.rts_tests.contracts.at_once import at_once
from tests.rts_tests.contracts.made_up_cases import (
    FAILED,
    PASSED,
    SKIPPED,
    fork,
    known,
    rows_of,
    the_file,
    unit,
)


@given(
    st.dictionaries(
        st.text(),
        st.dictionaries(
            st.text(), st.tuples(st.sampled_from([PASSED, FAILED, SKIPPED]), st.floats(0, 1e6)), min_size=1
        ),
        min_size=1,
    ),
    st.integers(1, 3),
)
def test_every_name_comes_back_as_it_was_told(
    tmp_path_factory: pytest.TempPathFactory, told: dict[str, dict[str, tuple[Status, float]]], runs: int
) -> None:
    state = tmp_path_factory.mktemp("state")
    cases = [Case(name, case, *outcome) for name, each in told.items() for case, outcome in each.items()]
    for _ in range(runs):
        merge_case_history(state, [unit(cases, status=FAILED)])
    history = known(state).cases
    wanted = {case.id: case for case in cases}
    assert set(history) == set(wanted)
    if len(wanted) == len(cases):  # `Case("", "x")` and `Case("x", "")` have one id
        for case in cases:
            took = (case.seconds,) * runs if case.status == PASSED else ()
            assert history[case.id].status == case.status
            assert history[case.id].seconds == pytest.approx(took, abs=1e-6)


def test_a_lone_surrogate_does_not_stop_the_history(tmp_path: Path) -> None:
    merge_case_history(tmp_path, [unit([Case("C", "\udc80", PASSED, 1.0), Case("C", "c", PASSED, 1.0)])])
    assert set(known(tmp_path).cases) == {"C#?", "C#c"}


@pytest.mark.parametrize("name", ["..", ".", "", "a/b/c", "../../x", "/etc", "a\0b", ".hidden", "a" * 300, "é\n"])
def test_a_name_that_no_suite_has_does_not_become_a_path(tmp_path: Path, name: str) -> None:
    state = tmp_path / "deep" / "state"
    case = Case("C", "c", PASSED, 1.0)
    merge_case_history(state, [record("x", variant=name, module="m", cases=(case,))])
    merge_case_history(state, [record("x", variant="v", module=name, cases=(case,))])
    assert list(tmp_path.iterdir()) == []
    assert case_history_path(state, name, "m") is None
    assert rows_of(read_case_history(state, "v", name)) == ({}, {})


def write_file(state: Path, data: bytes) -> None:
    the_file(state).parent.mkdir(parents=True)
    the_file(state).write_bytes(data)


GOOD = b'{"version":1,"platforms":{"x":{"runs":1,"classes":{"C":["passed",1,5000000]}}}}\n'
CASES = b'{"C":[1,1,{"c":["passed",1,5000000]}]}\n'
DAMAGED = [
    b"",
    b"{",
    b"null\n",
    b"\xff\xfe\x00",
    b'{"version":99,"platforms":{}}\n',
    b'{"version":1,"platforms":[]}\n',
    b'{"version":1,"platforms":{"x":[]}}\n\n',
    b'{"version":1,"platforms":{"x":{"runs":1}}}\n{}\n',
    b'{"version":1,"platforms":{"x":{"runs":-1,"classes":{}}}}\n{}\n',
    b'{"version":1,"platforms":{"x":{"runs":1,"run":7,"classes":{}}}}\n{}\n',
    b'{"version":1,"platforms":{"x":{"runs":NaN,"classes":{}}}}\n{}\n',
    GOOD,
    GOOD + CASES.rstrip(),
    GOOD + CASES + CASES,
    GOOD + b"\n",
    GOOD + b"[]\n",
    GOOD + b'{"C":7}\n',
    GOOD + b'{"C":[1,1,[]]}\n',
    GOOD + b'{"C":[1,{}]}\n',
    GOOD + b'{"C":["1",1,{}]}\n',
    b"[" * 100_000 + b"\n",
]


def test_the_file_that_is_damaged_below_can_be_read(tmp_path: Path) -> None:
    write_file(tmp_path, GOOD + CASES)
    row = CaseRow("passed", (5.0,))
    assert rows_of(known(tmp_path, "x")) == ({"C": row}, {"C#c": row})


@pytest.mark.parametrize("data", DAMAGED)
def test_a_damaged_history_is_set_aside_with_a_warning(
    tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    write_file(tmp_path, data)
    assert dict(known(tmp_path, "x").cases) == {}
    assert "set aside as m.jsonl.corrupt, a new history begins" in capsys.readouterr().err
    (aside,) = the_file(tmp_path).parent.glob("m.jsonl.corrupt*")
    assert aside.read_bytes() == data
    merge_case_history(tmp_path, [fork({"C": [("c", PASSED, 2.0)]})], "x")
    assert known(tmp_path, "x").cases["C#c"] == CaseRow("passed", (2.0,))


@pytest.mark.parametrize("data", DAMAGED)
def test_a_merge_into_a_damaged_history_begins_a_new_one(
    tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    write_file(tmp_path, data)
    merge_case_history(tmp_path, [fork({"C": [("c", PASSED, 2.0)]})], "x")
    assert "set aside" in capsys.readouterr().err
    assert known(tmp_path, "x").cases["C#c"] == CaseRow("passed", (2.0,))


@pytest.mark.parametrize(
    "row",
    ["7", "null", "[]", '["passed"]', "[1,1]", '["passed","1"]', '["passed",-1]', '["passed",1,-5]', '["passed",1,1.5]',
     '["passed",true]', '["passed",1,1000000000000000]', '["passed",1,"5"]'],
)  # fmt: skip
def test_a_damaged_row_is_unknown_and_the_others_are_kept(tmp_path: Path, row: str) -> None:
    path = the_file(tmp_path)
    path.parent.mkdir(parents=True)
    head = f'{{"version":1,"platforms":{{"x":{{"runs":1,"classes":{{"C":{row},"D":["passed",1,5000000]}}}}}}}}'
    path.write_text(f'{head}\n{{"C":[1,1,{{"c":{row},"d":["passed",1,5000000],"e":{row}}}]}}\n')
    history = known(tmp_path, "x")
    assert (history.classes["C"], history.cases["C#c"]) == (CaseRow(), CaseRow())
    assert history.class_seconds == {"D": 5.0}
    merge_case_history(tmp_path, [fork({"C": [("c", PASSED, 2.0)]})], "x")
    history = known(tmp_path, "x")
    assert (history.classes["C"], history.cases["C#c"]) == (CaseRow("passed", (2.0,)),) * 2
    assert history.cases["C#d"] == CaseRow("passed", (5.0,))
    assert "C#e" not in history.cases


def test_a_pipe_in_the_place_of_the_file_is_set_aside_and_never_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    the_file(tmp_path).parent.mkdir(parents=True)
    os.mkfifo(the_file(tmp_path))
    assert rows_of(known(tmp_path)) == ({}, {})
    assert "not a regular file; set aside" in capsys.readouterr().err


def _merge_many(state: Path, worker: int, together: Barrier) -> None:
    together.wait()
    for number in range(20):
        mine = [(f"{worker}-{number}", PASSED, 1.0), ("shared", PASSED, float(worker))]
        merge_case_history(state, [fork({"C": mine, f"C{worker}-{number}": [("c", PASSED, 1.0)]})], selection=["*"])


@pytest.mark.slow
def test_concurrent_merges_lose_nothing(tmp_path: Path) -> None:
    at_once(_merge_many, tmp_path, 3)
    history = known(tmp_path)
    names = {f"{worker}-{number}" for worker in range(3) for number in range(20)}
    assert set(history.cases) == {"C#shared", *(f"C#{name}" for name in names), *(f"C{name}#c" for name in names)}
    assert set(history.classes) == {"C", *(f"C{name}" for name in names)}
    assert len(history.cases["C#shared"].seconds) == 10


def test_the_classes_are_read_without_the_cases(tmp_path: Path) -> None:
    write_file(tmp_path, GOOD + b"what is here is not looked at\n")
    assert known(tmp_path, "x").class_seconds == {"C": 5.0}
    assert the_file(tmp_path).exists()


def test_the_file_is_one_line_of_classes_and_a_line_of_cases_for_each_platform(tmp_path: Path) -> None:
    for key in ("x", "y"):
        merge_case_history(tmp_path, [fork({"C": [(key, PASSED, fmean([1, 2]))]})], key, run="the run")
    head, x, y, end = the_file(tmp_path).read_bytes().split(b"\n")
    row = ["passed", 1, 1_500_000]
    platform = {"run": "the run", "runs": 1, "classes": {"C": row}}
    assert json.loads(head) == {"version": 1, "platforms": {"x": platform, "y": platform}}
    assert json.loads(x) == {"C": [1, 1, {"x": row}]}
    assert json.loads(y) == {"C": [1, 1, {"y": row}]}
    assert end == b""
    assert known(tmp_path, "y").run == "the run"
