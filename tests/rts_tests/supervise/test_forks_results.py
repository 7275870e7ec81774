"""Forks whose results come from JUnit XML or TAP: each class has a result there as well."""

import pytest

from tests.fork_suites import results, write_forks
from tests.project import Project

LIST = {"shell": "printf 'a.A\\nb.B\\nc.C\\n'"}
XML = '<testsuite name="s"><testcase classname="%s" name="t"></testcase></testsuite>'
JUNIT = f"for class in {{classes}}; do {{each}} printf '{XML}' $class >$TMPDIR/$class.xml; done"
SUBTEST = r"    ok 1 - t\n    1..1\nok - $class\n"
TAP = f'for class in {{classes}}; do {{each}} printf "{SUBTEST}"; done; echo "1..$((2 - {{fork}}))"'


def write(project: Project, source: str, each: str = "") -> Project:
    """Three classes in two forks; `each` is done before a class."""
    run, where = (JUNIT, "*.xml") if source == "junit" else (TAP, "stdout")
    return write_forks(
        project, {}, list=LIST, run={"shell": run.replace("{each}", each)}, module={"results": {source: where}}
    )


@pytest.mark.parametrize("source", ["junit", "tap"])
def test_every_class_has_a_result(project: Project, source: str) -> None:
    done = write(project, source).make("-j2", "test")
    assert done.status == 0, done.text
    assert results(project) == {"a.A": "passed", "b.B": "passed", "c.C": "passed"}
    first, second = project.records()["v/m[fork-0]"], project.records()["v/m[fork-1]"]
    assert sorted(f"{row[0]}#{row[1]}" for row in (*first["cases"], *second["cases"])) == ["a.A#t", "b.B#t", "c.C#t"]


@pytest.mark.parametrize("source", ["junit", "tap"])
def test_a_fork_that_ends_too_early_fails_although_it_exits_0(project: Project, source: str) -> None:
    done = write(project, source, "test $class = c.C && exit 0;").make("-j2", "test")
    assert done.status == 2
    assert results(project)["c.C"] == "not run"
    failed = {name for name, status in project.statuses().items() if status != "passed"}
    assert len(failed) == 1, done.text


def test_a_command_that_runs_all_classes_in_every_fork_is_noticed(project: Project) -> None:
    run = JUNIT.replace("{classes}", "a.A b.B c.C").replace("{each}", "")
    module = {"results": {"junit": "*.xml"}}
    done = write_forks(project, {}, list=LIST, run={"shell": run}, module=module).make("-j2", "test")
    assert done.status == 0, done.text
    assert (
        "3 cases were run by more than one fork: does the command of a fork use {classes_file} or {classes}?"
        in done.out
    )
