"""Labels: `FILTER='label:slow'` selects by them, and `longpole list` shows them."""

import json

import pytest

from tests.project import Project


@pytest.fixture
def labelled(project: Project) -> Project:
    return project.write(
        dict.fromkeys(("plain", "slow", "net", "both"), ""),
        modules={"slow": {"labels": ["slow"]}, "net": {"labels": ["net"]}, "both": {"labels": ["slow", "net"]}},
        defaults={"labels": ["ordinary"]},
        variants={"v": {}, "w": {"labels": ["odd"]}},
    )


def ran(project: Project) -> set[str]:
    return set(project.statuses())


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("label:slow", {"v/slow", "v/both", "w/slow", "w/both"}),
        ("v/* !label:slow !label:net", {"v/plain"}),
        ("label:odd label:slow,label:net", {"w/slow", "w/net", "w/both"}),
    ],
)
def test_labels_select_units(labelled: Project, text: str, units: set[str]) -> None:
    done = labelled.make("-j2", "test", f"FILTER={text}")
    assert (done.status, ran(labelled)) == (0, units), done.text
    assert json.loads((labelled.last / "run.json").read_text())["filter"] == text


def test_longpole_run_takes_the_same(labelled: Project) -> None:
    assert labelled.longpole("run", "-j2", "FILTER=label:slow !label:net").status == 0
    assert ran(labelled) == {"v/slow", "w/slow"}


def test_goals_and_labels_together(labelled: Project) -> None:
    assert labelled.make("test-w", FILTER="label:slow").status == 0
    assert ran(labelled) == {"w/slow", "w/both"}


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("label:fast", 4, "'label:fast' matches no unit of test; `make list` shows every id and its labels"),
        ("label:slwo", 2, "no unit has the label 'slwo'; did you mean `label:slow`?"),
        ("!label:slwo", 2, "no unit has the label 'slwo'; did you mean `label:slow`?"),
        ("lable:slow", 2, "'lable:slow' is neither a glob over ids nor a label"),
        ("v/*,", 2, "'v/*,' lacks a condition"),
    ],
)
def test_a_mistake_leaves_no_run_behind(labelled: Project, text: str, status: int, message: str) -> None:
    done = labelled.make("test", f"FILTER={text}")
    assert message in done.err
    assert f"Error {status}" in done.err
    assert "Traceback" not in done.text
    assert labelled.runs == []


def test_a_label_of_another_suite_may_be_left_out(labelled: Project) -> None:
    assert labelled.make("test-v", "FILTER=!label:gpu").status == 0
    assert len(ran(labelled)) == 4


def test_list_shows_and_takes_labels(labelled: Project) -> None:
    rows = {row["id"]: row["labels"] for row in json.loads(labelled.longpole("list", "--json").out)["units"]}
    assert rows["v/both"] == ["net", "ordinary", "slow"]
    assert rows["w/plain"] == ["odd"]
    assert "  w/both  label:net  label:odd  label:slow\n" in labelled.longpole("list").out
    assert len(json.loads(labelled.longpole("list", "--json", "label:slow w/*").out)["units"]) == 2
    assert len(json.loads(labelled.longpole("list", "--json", FILTER="label:slow").out)["units"]) == 4
    assert len(json.loads(labelled.longpole("list", "--json", "FILTER=label:slow").out)["units"]) == 4
    assert "did you mean `label:slow`" in labelled.longpole("list", "label:slwo").err
    done = labelled.longpole("list", "label:fast")
    assert (done.status, "'label:fast' matches no unit" in done.err) == (4, True)
