"""Classes that are selected, by `--select` and SELECT."""

import json

import pytest

from tests.fork_suites import Suite, assignment, results
from tests.project import Project


def test_only_selected_classes_run_and_no_other_unit(suite: Suite) -> None:
    project = suite({"ASpec": "", "BSpec": "", "BTest": ""}, scripts={"other": "exit 0"})
    done = project.make("test", "SELECT=*Spec ~B*")
    assert done.status == 0, done.text
    assert results(project) == {"ASpec": "passed"}
    assert project.statuses() == {"v/m[fork-0]": "passed", "v/m[fork-1]": "skipped"}
    assert json.loads((project.last / "run.json").read_text())["select"] == ["*Spec", "~B*"]
    assert assignment(project)["left_out"] == ["BSpec", "BTest"]
    assert "test SELECT=*Spec ~B*" in project.longpole("runs", "show", "last").out
    assert "SELECT=*Spec ~B*" in (project.last / "report.html").read_text()


def test_clients_see_the_terms_of_a_selection(suite: Suite) -> None:
    project = suite({"a b": "import os; assert os.environ['LONGPOLE_SELECT'] == 'a b#t[*\\n~c'", "c": ""})
    done = project.longpole("run", "--select", "a b#t[*", "--select", "~c", "-j2")
    assert done.status == 0, done.text
    assert results(project) == {"a b": "passed"}


def test_units_do_not_inherit_the_variable(suite: Suite) -> None:
    project = suite({"a": "import os; assert 'SELECT' not in os.environ"})
    assert project.make("test", SELECT="a").status == 0


@pytest.mark.parametrize("stealing", [False, True])
def test_a_selection_that_matches_no_class_is_an_error(suite: Suite, stealing: bool) -> None:
    project = suite({"a": "", "b": ""}, scripts={"other": ""}, stealing=stealing)
    done = project.longpole("run", "-j2", "SELECT=nothing*")
    assert done.status == 4
    assert "SELECT: 'nothing*' matches none of the 2 classes, such as a, b" in done.err
    note = project.records()["v/m[fork-0]"]["note"]
    assert note == "no class is left for this fork: none of 2 classes is selected"
    assert project.make("retest").status == 0


def test_a_selection_where_there_are_no_forks_is_an_error(project: Project) -> None:
    project.write({"one": "exit 0"})
    done = project.longpole("run", "--select", "a*")
    assert done.status == 4
    assert "SELECT: 'a*' selects classes of forks, and test has no fork" in done.err
    assert not project.runs


def test_a_selection_that_is_wrong_is_refused(suite: Suite) -> None:
    project = suite({"a": ""})
    for arguments in (["--select", "~"], ["--select", "a", "SELECT=b"]):
        done = project.longpole("run", *arguments)
        assert done.status == 2, done.text
    assert not project.runs


def test_retest_after_a_selection_runs_what_failed_of_it(suite: Suite) -> None:
    project = suite({"a": "raise ValueError", "b": "raise ValueError", "c": ""})
    assert project.make("-k", "test", "SELECT=a").status == 2
    assert project.make("-k", "retest").status == 2
    assert results(project) == {"a": "failed"}


def test_a_class_of_which_only_some_tests_ran_is_still_outstanding(suite: Suite) -> None:
    project = suite({"a": "raise ValueError", "b": "raise ValueError", "c": ""})
    assert project.make("-k", "test").status == 2
    for name in "ab":
        (project.root / "classes" / name).write_text("")
    assert project.make("test", "SELECT=a#it b").status == 0
    assert project.make("retest").status == 0
    assert results(project) == {"a": "passed"}
    assert "there is nothing to run again" in project.make("retest").out
