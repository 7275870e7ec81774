"""Forks that are executed many times: with the classes that they had when they last ran."""

from functools import partial

import pytest

from tests.fork_suites import Suite, write_forks
from tests.project import Project


@pytest.fixture
def suite(project: Project) -> Suite:
    return partial(write_forks, project)


COUNTS = "open('ran', 'a').write(name)"


@pytest.mark.parametrize("stealing", [False, True])
def test_a_fork_is_stressed_with_the_classes_of_its_last_run(suite: Suite, stealing: bool) -> None:
    project = suite({name: "" for name in "abcd"}, stealing=stealing, max_forks=1)
    assert project.make("test").status == 0
    for name in "abcde":  # a new class was in no run
        (project.root / "classes" / name).write_text(COUNTS)
    done = project.longpole("stress", "--count", "3", "-j", "1", "v/m[fork-0]")
    assert done.status == 0, done.text
    assert (project.root / "ran").read_text() == "abcd" * 3


def test_failures_of_a_stressed_fork_are_kept(suite: Suite) -> None:
    project = suite({"a": "", "b": ""}, max_forks=2)
    assert project.make("test").status == 0
    (project.root / "classes" / "b").write_text("raise ValueError('now')")
    done = project.longpole("stress", "--count", "2", "test-v-m-fork-1")
    assert done.status == 1
    assert "2 failed" in done.out
    record = project.records()["v/m[fork-1]#1"]
    assert record["classes"][0][:2] == ["b", "failed"]


def test_a_fork_that_has_not_run_is_refused(suite: Suite) -> None:
    project = suite({"a": ""})
    done = project.longpole("stress", "--count", "1", "v/m[fork-0]")
    assert done.status == 4
    assert "v/m[fork-0] has not run yet; its classes are those of its last run: type `make test-v-m-fork-0`" in done.err
    assert project.make("test").status == 0
    done = project.longpole("stress", "--count", "1", "v/m[fork-1]")
    assert done.status == 4
    assert "v/m[fork-1] had no classes in the last run" in done.err


def test_a_fork_cannot_be_shrunk(suite: Suite) -> None:
    project = suite({"a": ""})
    assert "v/m[fork-0] takes no seeds" in project.longpole("shrink", "v/m[fork-0]").err


def test_a_mistyped_fork_is_recognised(suite: Suite) -> None:
    project = suite({"a": ""})
    assert "did you mean v/m[fork-1]?" in project.longpole("stress", "--count", "1", "v/n[fork-1]").err
