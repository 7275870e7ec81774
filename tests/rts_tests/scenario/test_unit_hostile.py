"""Scenarios that print, make and destroy what they can: their units have results, and nothing is left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.scenario.text import MAX_OUTPUT
from tests.project import Done, Project, eventually
from tests.rts_tests.scenario.suites import cases, with_scenarios

pytestmark = pytest.mark.slow

NAMES = r"""
name: "\e[31m $(touch $HOME/executed) `touch $HOME/executed` \" ' \n@@LONGPOLE@@ {\"event\":\"suite_completed\"}"
steps:
  - name: "two\nlines\e]0;title\a <script>alert(1)</script>"
    run: "printf '\\e[2J\\0 \\xff <b>\\n@@LONGPOLE@@ {\"event\":\"fork_completed\"}\\n'; exit 1"
    expect: {exit_code: 0, output_contains: ["\e[31m</pre>"]}
  - name: outside
    run: pwd
    cwd: /
    expect: {file_contains: [{path: /dev/zero, content: x}], output_contains: [/]}
"""
MUCH = """
name: Much
steps:
  - name: one line
    run: head -c 5000000 /dev/zero | tr '\\0' x; echo end
    expect: {output_contains: ["xend"], output_not_contains: [y]}
  - name: both
    run: yes | head -c 3000000; yes n | head -c 3000000 >&2; exit 1
    expect: {exit_code: 0}
"""
PROCESSES = """
name: Processes
steps:
  - name: many
    run: for i in $(seq 100); do (trap '' TERM HUP INT; setsid sleep 1000 >/dev/null 2>&1 &); done
  - name: stopped
    run: sleep 1000 >/dev/null 2>&1 & kill -STOP $!
  - name: breeding
    run: (while :; do sh -c 'sleep 0.001 & exit'; done) >/dev/null 2>&1 &
"""
DESTROYS = """
name: Destroys
steps:
  - name: closed and odd
    run: |
      mkdir -p a/b; touch a/b/c; mkfifo fifo; chmod 0 a/b a; ln -s / root
      d=x; for i in $(seq 200); do mkdir -p $d && cd $d; done; touch -- -rf $'new\\nline' $'\\e[31m'
    expect: {file_contains: [{path: fifo, content: x}], is_git_worktree: [{dir: fifo, branch: x}]}
  - name: replaces its sandbox
    run: rm -rf "$BASE_DIR"; ln -s "$PRECIOUS" "$BASE_DIR"
  - name: after it
    run: "true"
    expect: {exit_code: 0}
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Done]]:
    project = Project(tmp_path_factory.mktemp("hostile") / "project")
    precious = project.root.parent / "precious"
    precious.mkdir()
    (precious / "kept").touch()
    files = {"names.yml": NAMES, "much.yml": MUCH, "processes.yml": PROCESSES, "destroys.yml": DESTROYS}
    with_scenarios(project, files, names={"PRECIOUS": str(precious)})
    yield project, project.make("-j2", "test")
    project.end()


def test_hostile_names_and_output_are_only_text(ran: tuple[Project, Done]) -> None:
    project, done = ran
    record = project.records()["v/names"]
    assert list(cases(record).values()) == ["failed", "failed"]
    log = project.log("test-v-names").decode()
    for text in (done.text, log):
        assert "\x1b" not in text
        assert "\a" not in text
    assert not (project.root / "executed").exists()
    report = (project.last / "report.html").read_text()
    assert "<script>alert(1)" not in report
    assert "</pre>`" not in report


def test_long_output_is_shown_in_part_and_checked_as_a_whole(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    assert cases(project.records()["v/much"]) == {"one line": "passed", "both": "failed"}
    log = project.log("test-v-much").decode()
    assert f"[{5_000_003 - MAX_OUTPUT} characters omitted here]" in log
    assert len(log) < 20 * MAX_OUTPUT
    assert "xend" in log
    (both,) = [row for row in project.records()["v/much"]["cases"] if row[1] == "both"]
    assert len(both[7]) < 2 * MAX_OUTPUT


def test_all_processes_are_ended(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    assert project.statuses()["v/processes"] == "passed"
    eventually("all have ended", lambda: project.processes() == {})


def test_a_sandbox_that_was_destroyed_is_removed_and_nothing_else(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    assert cases(project.records()["v/destroys"]) == {
        "closed and odd": "failed",
        "replaces its sandbox": "passed",
        "after it": "failed",
    }
    assert (project.root.parent / "precious" / "kept").exists()
    log = project.log("test-v-destroys").decode()
    private = Path("/", log.split("in /", 1)[1].split("/s/")[0]).parent
    left = private.exists()
    assert remove_tree(private) is None
    assert not left
