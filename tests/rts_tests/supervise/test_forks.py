"""Forks in real runs: classes are listed, distributed, run, and none is lost."""

import pytest

from tests.fork_suites import RUN, Suite, assignment, results, shares


def test_each_class_runs_once_in_one_of_the_forks(suite: Suite) -> None:
    project = suite({name: "print(name)" for name in "abcde"})
    done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert shares(project) == [["a", "c", "e"], ["b", "d"]]
    assert results(project) == dict.fromkeys("abcde", "passed")
    assert project.statuses() == {"v/m[fork-0]": "passed", "v/m[fork-1]": "passed"}
    assert b"[fork-1] === b ===\n[fork-1] b\n" in project.log("test-v-m-fork-1")
    assert (project.last / "forks" / "v" / "m.list.log").read_text() == "a\nb\nc\nd\ne\n"


def test_the_second_run_is_packed_by_what_the_first_took(suite: Suite) -> None:
    slow = "import time; time.sleep(0.3)"
    project = suite({"a": "", "b": "", "c": slow, "d": "", "e": ""}, max_forks=2)
    assert project.make("test").status == 0
    assert all(seconds is None for fork in assignment(project)["forks"] for _, seconds in fork)
    (project.root / "classes" / "new").write_text("")
    assert project.make("test").status == 0
    assert sorted(map(sorted, shares(project))) == [["a", "b", "d", "e", "new"], ["c"]]
    known = dict(row for fork in assignment(project)["forks"] for row in fork)
    assert known["new"] is None
    assert known["c"] >= 0.3


def test_a_new_class_needs_no_render(suite: Suite) -> None:
    project = suite({"a": ""})
    makefile = (project.root / "Makefile").read_bytes()
    (project.root / "classes" / "b").write_text("")
    assert project.make("test").status == 0
    assert results(project) == {"a": "passed", "b": "passed"}
    assert (project.root / "Makefile").read_bytes() == makefile


def test_classes_are_listed_after_the_build_and_before_any_fork(suite: Suite) -> None:
    build = {"shell": "mkdir -p classes; echo >classes/built"}
    project = suite({}, variants={"v": {"build": build}, "w": {}})
    done = project.make("-j4", "test-v")
    assert done.status == 0, done.text
    assert results(project) == {"built": "passed"}
    names = [(event["event"], event.get("id")) for event in project.events()]
    assert names.index(("listing finished", "v/m[list]")) < names.index(("unit started", "v/m[fork-0]"))
    assert names.count(("listing started", "v/m[list]")) == 1


def test_prebuilt_forks_are_listed_too(suite: Suite) -> None:
    project = suite({"a": ""}, variants={"v": {"build": ["false"]}})
    assert project.make("test", "PREBUILT=1").status == 0
    assert results(project) == {"a": "passed"}


def test_forks_without_a_class_are_skipped(suite: Suite) -> None:
    project = suite({"a": "", "b": "", "c": ""}, max_forks=4)
    done = project.make("-j2", "test")
    assert done.status == 0
    assert project.statuses()["v/m[fork-3]"] == "skipped"
    assert project.records()["v/m[fork-3]"]["note"] == "no class is left for this fork: 3 classes, 4 forks"
    assert "no class is left for this fork: 3 classes, 4 forks" in done.out
    assert len(shares(project)) == 3


def test_no_class_at_all_is_a_warning_and_nothing_ran(suite: Suite) -> None:
    project = suite({})
    done = project.longpole("run", "-j2")
    assert done.status == 4, done.text
    assert "v/m: the command in `list` named no class, so none was run" in done.err
    assert set(project.statuses().values()) == {"skipped"}
    assert project.records()["v/m[fork-0]"]["note"] == "no class is left for this fork: no class was listed"


def test_no_class_is_no_failure_where_something_else_ran(suite: Suite) -> None:
    project = suite({}, scripts={"other": "exit 0"})
    done = project.longpole("run", "-j2")
    assert done.status == 0, done.text
    assert "named no class" in done.err


def test_a_failing_class_fails_its_fork_only(suite: Suite) -> None:
    project = suite({"a": "raise ValueError('wrong')", "b": "", "c": ""})
    done = project.make("-k", "test")
    assert done.status == 2
    assert project.statuses() == {"v/m[fork-0]": "failed", "v/m[fork-1]": "passed"}
    assert results(project) == {"a": "failed", "b": "passed", "c": "passed"}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["sh", "-c", "echo before; echo why >&2; exit 3"], "exit status 3"),
        (["./nothing"], "./nothing cannot be executed: No such file or directory"),
        (["sh", "-c", "kill -9 $$"], "ended by SIGKILL"),
        (["sleep", "60"], "took longer than 0.2 s"),
        (["printf", "a\\000b\\n"], "line 1 of its output has control characters: 'a\\x00b'"),
        (["printf", "\\377\\n"], "line 1 of its output is not UTF-8"),
        (["sh", "-c", "sleep 60 & echo a"], "left running"),
    ],
)
def test_forks_whose_classes_cannot_be_listed_are_errors(suite: Suite, command: list[str], why: str) -> None:
    limits = {"timeout": 0.2} if command[0] == "sleep" else {}
    project = suite({"a": ""}, scripts={"other": "exit 0"}, list=command, limits=limits)
    done = project.make("-kj2", "test")
    assert done.status == 2
    statuses = {"v/m[fork-0]": "error", "v/m[fork-1]": "error", "v/other": "passed"}
    assert project.statuses() == statuses, done.text
    for record in (project.records()["v/m[fork-0]"], project.records()["v/m[fork-1]"]):
        assert record["note"].startswith(f"the classes of v/m could not be listed: {why}")
    log = project.log("test-v-m-fork-1").decode(errors="replace")
    assert "the classes of v/m could not be listed" in log
    assert ("before" in log and "why" in log) is (why == "exit status 3")
    assert not project.processes()


def test_a_fork_alone_that_has_no_class_runs_nothing(suite: Suite) -> None:
    project = suite({"a": "", "b": ""}, max_forks=3)
    for arguments in (["test-v-m-fork-2"], ["test-v-m-fork-1", "SELECT=a"]):
        done = project.longpole("run", *arguments)
        assert done.status == 4
        fork = arguments[0].removeprefix("test-v-m-")
        assert f"no class is left for v/m[{fork}]; `make test-v-m` runs all forks of the module" in done.err


def test_a_history_that_cannot_be_read_is_no_failure(suite: Suite) -> None:
    project = suite({"a": "", "b": ""})
    assert project.make("test").status == 0
    (history,) = (project.root / ".longpole" / "cases" / "v").glob("*.jsonl")
    history.unlink()
    history.mkdir()
    done = project.make("test")
    assert done.status == 0, done.text
    assert results(project) == {"a": "passed", "b": "passed"}


def test_a_log_of_a_listing_that_cannot_be_written_is_a_warning(suite: Suite) -> None:
    listing = {"shell": 'ls classes; mkdir -p "$PWD/.longpole/runs/$LONGPOLE_RUN/forks/v/m.list.log/x"'}
    project = suite({"a": ""}, list=listing)
    done = project.make("test")
    assert done.status == 0, done.text
    assert results(project) == {"a": "passed"}
    assert "m.list.log: Is a directory; the log of v/m[list] is lost" in done.err


def test_all_forks_have_the_seeds_of_their_module(suite: Suite) -> None:
    seeded = {"seeds": 1, "seed_policy": "commit"}
    text = "import os; assert os.environ['LONGPOLE_SEED'] == '7'"
    project = suite({"a": text, "b": ""}, module=seeded, run=[*RUN, "--seed={seeds}"])
    done = project.make("-k", "test")
    assert done.status == 2
    records = project.records()
    (seed,) = {record["seeds"] for record in records.values()}
    assert f"--seed={seed}" in records["v/m[fork-0]"]["command"]
    assert f"    again: make test-v-m SEED={seed} SELECT='a#it'\n" in done.out
    assert project.make("test-v-m", "SEED=7").status == 0
    assert {record["seeds"] for record in project.records().values()} == {"7"}
