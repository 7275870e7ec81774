"""What a run shows of forks: their listing, those that run, and nothing of those that have nothing to do."""

import re
from functools import partial

import pytest

from longpole.rts_tests.view.frame import Picture, frame
from tests.fork_suites import RUN, Suite, write_forks
from tests.project import Project
from tests.terminal import Terminal


@pytest.fixture
def suite(project: Project) -> Suite:
    return partial(write_forks, project)


LISTING = ["sh", "-c", "touch listing; until test -e go; do sleep 0.01; done; ls classes"]


def test_a_listing_is_shown_while_it_runs(suite: Suite) -> None:
    project = suite({"a": "", "b": "", "c": "print('c')"}, list=LISTING, max_forks=4)
    with Terminal(project, "python", "-m", "longpole", "run", "-j2") as terminal:
        terminal.until(
            "the listing is shown", lambda: re.search(r" 0/4 .*\n  v/m\[list\]  \d+ s$", terminal.text.strip())
        )
        (project.root / "go").touch()
        assert terminal.wait() == 0
        assert "4 units: 3 passed, 1 skipped" in terminal.text
        assert terminal.is_sane


def test_forks_without_a_class_take_no_line(suite: Suite) -> None:
    project = suite({"a": ""}, max_forks=5)
    done = project.make("-j2", "test")
    assert re.findall(r"^(PASS|SKIP) (\S+)", done.out, re.MULTILINE) == [("PASS", "v/m[fork-0]")]
    again = project.longpole("run", "-v")
    assert len(re.findall(r"^SKIP v/m", again.out, re.MULTILINE)) == 4
    assert re.search(r"^START v/m\[list\]\n    \$ .* list$", again.out, re.MULTILINE)


def test_in_plan_order_forks_without_a_class_hold_nothing_back(suite: Suite) -> None:
    project = suite({"a": ""}, scripts={"z": "exit 0"}, max_forks=3, module={"weight": 9})
    done = project.longpole("run", "-j2", "--order", "input")
    assert [line.split()[:2] for line in done.out.splitlines()[:2]] == [["PASS", "v/m[fork-0]"], ["PASS", "v/z"]]


def test_a_time_that_is_not_known_is_not_shown() -> None:
    picture = Picture(0, 0, 2, 1.0, [("v/m[list]", 3.0, None), ("v/x", 3.0, 4.0)], 2)
    assert frame(picture, 80)[1:] == ["  v/m[list]         3 s", "  v/x        3 s of 4 s"]


@pytest.mark.slow
def test_forks_are_expected_to_take_what_their_classes_take_and_what_they_take_themselves(suite: Suite) -> None:
    run = ["sh", "-c", 'sleep 1; exec "$@"', "sh", *RUN]
    slow = "import time, os; time.sleep(0.5)"
    project = suite({"a": slow, "b": slow}, run=run)
    assert project.make("-j2", "test").status == 0
    (project.root / "classes" / "a").write_text("import time; time.sleep(60)")
    with Terminal(project, "python", "-m", "longpole", "run", "-j2") as terminal:
        terminal.until("a fork is shown", lambda: re.search(r"v/m\[fork-0\]  \d s of 2 s", terminal.text))
        terminal.type(b"\x03")
        assert terminal.wait() != 0
