"""`longpole list`: the plan for people and for programs."""

import json

import pytest

from longpole.rts_tests.contracts.history import platform_key
from tests.project import Project

KEYS = [
    "id", "target", "variant", "module", "chunk", "fork", "labels", "cwd", "estimate_s", "upper_s", "estimate_from",
    "memory_bytes", "seed_policy", "first_seed", "seed_count",
]  # fmt: skip


@pytest.fixture
def listed(project: Project) -> Project:
    modules = {
        "gc": {"weight": 15, "seeds": 100, "chunks": 10},
        "text": {"weight": 2},
        "one": {"seeds": 1, "first_seed": 9},
    }
    return project.write(dict.fromkeys(modules, ""), modules=modules, variants={"eop": {}, "a": {}})


def test_json_is_an_array_of_units_in_plan_order(listed: Project) -> None:
    rows = json.loads(listed.longpole("list", "--json").out)["units"]
    assert len(rows) == 24
    assert [list(row) for row in rows] == [KEYS] * 24
    estimates = [row["estimate_s"] for row in rows]
    assert estimates == sorted(estimates, reverse=True)
    assert {row["estimate_from"] for row in rows} == {"weight"}


def test_one_row_in_full(listed: Project) -> None:
    rows = {row["id"]: row for row in json.loads(listed.longpole("list", "--json").out)["units"]}
    assert rows["eop/gc[3]"] == {
        "id": "eop/gc[3]",
        "target": "test-eop-gc-3",
        "variant": "eop",
        "module": "gc",
        "chunk": 3,
        "fork": None,
        "labels": [],
        "cwd": None,
        "estimate_s": 1.5,
        "upper_s": 1.5,
        "estimate_from": "weight",
        "memory_bytes": 0,
        "seed_policy": "fixed",
        "first_seed": 30,
        "seed_count": 10,
    }
    text = rows["a/text"]
    assert (text["chunk"], text["seed_policy"], text["first_seed"], text["seed_count"]) == (None, None, None, 0)
    assert (rows["a/one"]["first_seed"], rows["a/one"]["seed_count"]) == (9, 1)


def test_a_filter(listed: Project) -> None:
    rows = json.loads(listed.longpole("list", "--json", "eop/gc*").out)["units"]
    assert [row["id"] for row in rows] == [f"eop/gc[{number}]" for number in range(10)]


def test_the_table_says_the_same(listed: Project) -> None:
    rows = json.loads(listed.longpole("list", "--json").out)["units"]
    lines = listed.longpole("list").out.splitlines()
    assert [line.split()[3] for line in lines[:-1]] == [row["id"] for row in rows]
    assert lines[-1].split() == ["36.00", "s", "in", "all,", "24", "units"]


def test_nothing_that_matches_is_said_and_is_status_4(listed: Project) -> None:
    done = listed.longpole("list", "--json", "nothing/*")
    assert done.status == 4
    assert json.loads(done.out) == {"version": 1, "units": []}
    assert "'nothing/*' matches no unit" in done.err
    assert listed.longpole("list", "nothing/*").out == ""


def test_a_unit_that_takes_much_longer_at_times_says_so(listed: Project) -> None:
    rows = {"eop/text": {"durations_s": [1.0, 1.0, 1.0, 9.0, 9.0], "status": "passed"}}
    rows["a/text"] = {"durations_s": [1.0, 1.0, 1.05], "status": "passed"}
    rows["eop/gc[0]"] = {"durations_s": [0.003, 0.003, 0.02, 0.03], "status": "passed"}
    history = {"version": 1, "platforms": {platform_key(): rows}}
    (listed.root / ".longpole" / "history.json").write_text(json.dumps(history))
    lines = listed.longpole("list").out.splitlines()
    assert "     1.00 s  history   eop/text  at times 9.00 s" in lines
    assert "     1.00 s  history   a/text" in lines
    assert not [line for line in lines if "eop/gc" in line and "at times" in line], "hundredths are of no interest"


def test_forks(project: Project) -> None:
    modules = {"m": {"weight": 6, "forks": {"list": ["l"], "run": ["r"], "max_forks": 2}}}
    project.write({"m": ""}, modules=modules)
    rows = json.loads(project.longpole("list", "--json").out)["units"]
    assert [(row["id"], row["target"], row["chunk"], row["fork"], row["estimate_s"]) for row in rows] == [
        (f"v/m[fork-{number}]", f"test-v-m-fork-{number}", None, number, 3.0) for number in (0, 1)
    ]
    assert "3.00 s  weight    v/m[fork-1]\n" in project.longpole("list").out
