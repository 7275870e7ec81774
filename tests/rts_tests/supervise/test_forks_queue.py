"""Forks that take their classes from a queue."""

from tests.fork_suites import Suite, assignment, results


def test_forks_take_their_classes_from_a_queue(suite: Suite) -> None:
    project = suite({name: "import time; time.sleep(0.01)" for name in "abcdefgh"}, stealing=True)
    done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert results(project) == dict.fromkeys("abcdefgh", "passed")
    claimed = assignment(project)["claimed"]
    assert sorted(name for names in claimed for name in names) == list("abcdefgh")
    for number, names in enumerate(claimed):
        rows = project.records()[f"v/m[fork-{number}]"].get("classes", ())
        assert [name for name, *_ in rows] == names


def test_a_fork_whose_classes_are_all_taken_is_skipped(suite: Suite) -> None:
    project = suite({"a": "", "b": ""}, stealing=True)
    assert project.make("test").status == 0
    assert assignment(project)["claimed"] == [["a", "b"], []]
    assert project.statuses() == {"v/m[fork-0]": "passed", "v/m[fork-1]": "skipped"}
    note = "no class is left for this fork: the other forks took them all"
    assert project.records()["v/m[fork-1]"]["note"] == note


def test_a_fork_that_dies_leaves_the_rest_of_the_queue_to_others(suite: Suite) -> None:
    project = suite({"a": "import os; os.kill(os.getpid(), 9)", "b": "", "c": ""}, stealing=True)
    assert project.make("-k", "test").status == 2
    assert results(project) == {"a": "crashed", "b": "passed", "c": "passed"}
    assert project.statuses() == {"v/m[fork-0]": "crashed", "v/m[fork-1]": "passed"}


def test_when_all_forks_have_died_what_is_left_did_not_run(suite: Suite) -> None:
    kill = "import os; os.kill(os.getpid(), 9)"
    project = suite({"a": kill, "b": kill, "c": "", "d": ""}, stealing=True)
    assert project.make("-k", "test").status == 2
    assert results(project) == {"a": "crashed", "b": "crashed", "c": "not run", "d": "not run"}
    cases = project.records()["v/m[fork-1]"]["cases"]
    assert [row[:3] for row in cases] == [["b", "", "crashed"], ["c", "", "not run"], ["d", "", "not run"]]


def test_one_fork_alone_takes_what_the_plan_gives_it(suite: Suite) -> None:
    project = suite({name: "" for name in "abcd"}, stealing=True)
    assert project.make("test-v-m-fork-1").status == 0
    assert results(project) == {"b": "passed", "d": "passed"}
