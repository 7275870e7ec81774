"""Classes that are run again: by a retry, and by `retest`."""

import sys

import pytest

from tests.fork_suites import CLIENT, Suite, assignment, results, shares

FLAKY = """
import os
if not os.path.exists(name + "-ran"):
    open(name + "-ran", "w")
    raise ValueError("the first time")
"""


@pytest.mark.parametrize("stealing", [False, True])
def test_a_retry_runs_only_the_classes_that_were_not_green(suite: Suite, stealing: bool) -> None:
    project = suite({"a": "open('a-count', 'a').write('x')", "b": FLAKY, "c": ""}, max_forks=1, stealing=stealing)
    done = project.make("test", "RETRIES=2")
    assert done.status == 2
    assert project.statuses() == {"v/m[fork-0]": "flaky"}
    assert results(project) == {"a": "passed", "b": "passed", "c": "passed"}
    assert (project.root / "a-count").read_text() == "x"
    assert project.records()["v/m[fork-0]"]["attempts"] == 2
    units = project.last / "units"
    assert (units / "test-v-m-fork-0.classes").read_text() == "a\nb\nc\n"
    assert (units / "test-v-m-fork-0.classes2").read_text() == "b\n"


def test_a_retry_of_the_last_fork_runs_what_no_fork_took(suite: Suite) -> None:
    dies = FLAKY.replace("raise ValueError", "import sys; os.kill(os.getpid(), 9)")
    project = suite({"a": dies, "b": "", "c": ""}, max_forks=1, stealing=True)
    assert project.make("test", "RETRIES=1").status == 2
    assert project.statuses() == {"v/m[fork-0]": "flaky"}
    assert results(project) == {"a": "passed", "b": "passed", "c": "passed"}


def test_retest_runs_only_the_classes_that_are_outstanding(suite: Suite) -> None:
    bad = "raise ValueError"
    project = suite({"a": bad, "b": "", "c": "", "d": bad, "e": ""}, max_forks=2)
    assert project.make("-k", "test").status == 2
    (project.root / "classes" / "a").write_text("")
    (project.root / "classes" / "new").write_text("")
    assert project.make("-k", "retest").status == 2
    assert results(project) == {"a": "passed", "d": "failed"}
    assert assignment(project)["left_out"] == ["b", "c", "e", "new"]
    (project.root / "classes" / "d").write_text("")
    assert project.make("retest").status == 0
    assert results(project) == {"d": "passed"}
    done = project.make("retest")
    assert "there is nothing to run again" in done.out
    assert done.status == 0


def test_retest_after_a_crash_runs_what_did_not_run(suite: Suite) -> None:
    project = suite({"a": "", "b": "import os; os._exit(0)", "c": "", "d": ""}, max_forks=1)
    assert project.make("test").status == 2
    assert results(project) == {"a": "passed", "b": "crashed", "c": "not run", "d": "not run"}
    (project.root / "classes" / "b").write_text("")
    assert project.make("retest").status == 0
    assert results(project) == {"b": "passed", "c": "passed", "d": "passed"}


def test_a_class_that_was_removed_is_not_outstanding(suite: Suite) -> None:
    project = suite({"a": "raise ValueError", "b": "raise ValueError"})
    assert project.make("-k", "test").status == 2
    (project.root / "classes" / "a").unlink()
    assert project.make("-k", "retest").status == 2
    assert results(project) == {"b": "failed"}
    (project.root / "classes" / "b").write_text("")
    assert project.make("retest").status == 0
    assert "there is nothing to run again" in project.make("retest").out


def test_retest_after_a_listing_that_failed_runs_all_classes(suite: Suite) -> None:
    project = suite({"a": "", "b": ""}, list=["sh", "-c", "test -e good && ls classes"])
    assert project.make("-k", "test").status == 2
    (project.root / "good").touch()
    assert project.make("retest").status == 0
    assert results(project) == {"a": "passed", "b": "passed"}
    assert "there is nothing to run again" in project.make("retest").out


def test_retest_of_a_fork_that_failed_although_its_classes_passed_runs_them_all(suite: Suite) -> None:
    shell = f"{sys.executable} {CLIENT} run {{classes_file}}; test -e good"
    project = suite({"a": "", "b": "", "c": ""}, run={"shell": shell}, max_forks=2)
    assert project.make("-k", "test-v-m-fork-1").status == 2
    (project.root / "good").touch()
    assert project.make("retest").status == 0
    assert results(project) == {"b": "passed"}


def test_the_line_to_paste_of_a_fork_that_failed_runs_its_classes_whichever_fork_has_them(suite: Suite) -> None:
    project = suite({"a": "", "b": "raise ValueError", "c": ""}, max_forks=2)
    assert project.make("-k", "test").status == 2
    assert project.records()["v/m[fork-1]"]["reproducer"] == "make test-v-m"
    assert project.records()["v/m[fork-0]"]["reproducer"] == "make test-v-m-fork-0"


TAP = "for i in {classes}; do test $i = b && echo not ok $i || echo ok $i; done; echo 1..$(echo {classes} | wc -w)"


def test_forks_that_tell_of_no_classes_run_again_as_a_whole(suite: Suite) -> None:
    module = {"results": {"tap": "stdout"}}
    project = suite(dict.fromkeys("abcd", ""), run={"shell": TAP}, module=module)
    assert project.make("-k", "test").status == 2
    assert project.statuses() == {"v/m[fork-0]": "passed", "v/m[fork-1]": "failed"}
    assert project.make("-k", "retest").status == 2
    assert shares(project) == [["b"], ["d"]]


def test_if_all_classes_to_run_again_are_gone_nothing_runs(suite: Suite) -> None:
    project = suite({"a": "raise ValueError", "b": "", "c": ""})
    assert project.make("-k", "test").status == 2
    (project.root / "classes" / "a").unlink()
    done = project.longpole("run", "retest")
    assert done.status == 4
    assert "the classes that did not pass are gone, so there is nothing to run again" in done.err
    note = "no class is left for this fork: none of 2 classes is to run again"
    assert project.records()["v/m[fork-0]"]["note"] == note
    assert "there is nothing to run again" in project.make("retest").out
