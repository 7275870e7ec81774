"""Scenarios as units of real runs: what they leave in records and logs, and that they leave nothing else."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import Done, Project, eventually
from tests.rts_tests.scenario.suites import cases, with_scenarios

CLONE = """
name: Clone and look
repos:
  - name: my-repo
    branches:
      - {name: main, files: [{path: README.md, content: hello}]}
      - {name: feature/one, files: [{path: one.txt, content: one}]}
env: {GREETING: hello}
steps:
  - name: clone
    run: git clone $REMOTE_MY_REPO copy 2>&1
    expect: {exit_code: 0, dirs_exist: [copy], output_contains: [Cloning into]}
  - name: look
    run: git switch -q feature/one && cat README.md
    cwd: copy
    expect:
      exit_code: 0
      files_exist: [one.txt, $WORK_DIR/copy/README.md]
      output_contains: [$GREETING]
      is_git_worktree: [{dir: ., branch: feature/one}]
      branch_exists: [{repo: $REMOTE_MY_REPO, branch: 'feature/*'}]
  - name: format
    run: git rev-parse HEAD
    cwd: copy
"""
FAILS = """
name: Fails
steps:
  - name: first
    run: echo first
  - name: second
    run: echo text of second; echo to stderr >&2; exit 3
    expect:
      exit_code: 0
      output_contains: [text of third, text of second]
  - name: nowhere
    run: 'true'
    cwd: no/such/folder
  - name: second
    run: echo run after a failure
"""
BROKEN = "name: Broken\nstepz: []\n"
DAEMON = """
name: Daemon
steps:
  - name: start
    run: |
      env -i setsid sh -c 'echo $$ >"$0"; exec >/dev/null 2>&1 </dev/null; cd /; exec sleep 1000' $OUT/daemon.pid &
      until test -s $OUT/daemon.pid; do :; done
  - name: lives
    run: kill -0 $(cat $OUT/daemon.pid)
    expect: {exit_code: 0}
"""
CRASH = """
name: Crash
steps:
  - {name: one, run: echo about to crash}
  - {name: two, run: kill -9 $PPID}
"""
SLOW = """
name: Slow
steps:
  - {name: one, run: echo before; sleep 1000; echo after, timeout: 0.2}
  - {name: two, run: echo next, expect: {exit_code: 0}}
"""
FILES = {
    "clone/basic.yml": CLONE,
    "fails.yml": FAILS,
    "broken.yml": BROKEN,
    "daemon.yml": DAEMON,
    "crash.yml": CRASH,
    "slow.yml": SLOW,
}
STATUSES = {
    "v/clone/basic": "passed",
    "w/clone/basic": "passed",
    "v/fails": "failed",
    "w/fails": "failed",
    "v/broken": "error",
    "w/broken": "error",
    "v/daemon": "passed",
    "w/daemon": "passed",
    "v/crash": "crashed",
    "w/crash": "crashed",
    "v/slow": "timeout",
    "w/slow": "timeout",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Done]]:
    project = Project(tmp_path_factory.mktemp("scenarios") / "project")
    out = project.root.parent / "out"
    variants = {"v": {"env": {"OUT": f"{out}/v"}}, "w": {"env": {"OUT": f"{out}/w"}, "object_format": "sha256"}}
    for name in variants:
        (out / name).mkdir(parents=True)
    with_scenarios(project, FILES, variants=variants, short_folders=["SHORT"])
    yield project, project.make("-j4", "test")
    project.end()


def test_each_has_its_outcome(ran: tuple[Project, Done]) -> None:
    project, done = ran
    assert done.status == 2
    assert project.statuses() == STATUSES


def test_steps_are_cases(ran: tuple[Project, Done]) -> None:
    records = ran[0].records()
    assert cases(records["v/clone/basic"]) == {"clone": "passed", "look": "passed", "format": "passed"}
    assert cases(records["v/fails"]) == {
        "first": "passed",
        "second": "failed",
        "nowhere": "failed",
        "second (2)": "passed",
    }
    assert {row[0] for row in records["v/fails"]["cases"]} == {"Fails"}
    (second,) = [row for row in records["v/fails"]["cases"] if row[1] == "second"]
    message, details, location, output = second[4:]
    assert location == "scenarios/fails.yml:6"
    assert "exit_code" in message
    assert "fails.yml:" in details
    assert "scenarios/fails.yml:10: output_contains: text of third" in details
    assert "text of second" not in details.replace("output_contains: text of third", "").split("output")[0]
    assert "to stderr" in output


def test_the_log_has_all_about_each_step(ran: tuple[Project, Done]) -> None:
    log = ran[0].log("test-v-clone-basic").decode()
    assert "=== Clone and look ===" in log
    assert "ok       1. clone" in log
    assert "$ git clone /" in log, "the command is expanded"
    assert "exit code 0" in log
    assert "| Cloning into 'copy'..." in log
    assert "ok      is_git_worktree" in log
    failing = ran[0].log("test-v-fails").decode()
    assert "FAILED   2. second" in failing
    assert "scenarios/fails.yml:6" in failing
    assert "exit code 3" in failing
    assert "cannot be entered" in failing
    assert "| run after a failure" in failing, "steps after a failed one are run"


def test_a_variant_decides_the_object_format(ran: tuple[Project, Done]) -> None:
    lengths = {}
    for variant in "vw":
        log = ran[0].log(f"test-{variant}-clone-basic").decode()
        lengths[variant] = len(log[log.index("3. format") :].split("| ")[1].split()[0])
    assert lengths == {"v": 40, "w": 64}


def test_a_file_with_errors_tells_all_of_them(ran: tuple[Project, Done]) -> None:
    project, done = ran
    assert "broken.yml:2:1: a scenario has no key `stepz`" in done.text
    log = project.log("test-v-broken").decode()
    assert "scenarios/broken.yml:1:1: a scenario needs `steps`" in log
    assert "scenarios/broken.yml:2:1: a scenario has no key `stepz`" in log
    assert "Traceback" not in done.text


def test_a_step_that_takes_too_long_fails_and_the_next_is_run(ran: tuple[Project, Done]) -> None:
    record = ran[0].records()["v/slow"]
    assert cases(record) == {"one": "timeout", "two": "passed"}
    assert record["note"].startswith("exit status 1; 1 of 2 cases took too long: Slow#one")
    (one,) = [row for row in record["cases"] if row[1] == "one"]
    assert one[4] == "took longer than 0.2 s"
    log = ran[0].log("test-v-slow").decode()
    assert "TIMEOUT  1. one" in log
    assert "| before" in log
    assert "| after" not in log


def test_what_a_scenario_started_is_ended_with_it(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    for variant in "vw":
        pid = int((project.root.parent / "out" / variant / "daemon.pid").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert project.processes() == {}
    assert project.records()["v/daemon"]["status"] == "passed", "it is no leak: nothing is left"


def test_a_crash_takes_no_other_result(ran: tuple[Project, Done]) -> None:
    record = ran[0].records()["v/crash"]
    assert record["signal"] == "SIGKILL"
    assert "before this class was completed" in ran[0].log("test-v-crash").decode()


def test_nothing_is_left(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    log = project.log("test-v-clone-basic").decode()
    sandbox = Path(log.split("in /", 1)[1].splitlines()[0])
    private = Path("/", *sandbox.parts[: sandbox.parts.index("s") - 1])
    assert private.name == f"longpole-{project.last.name}"
    assert not private.exists()


def test_cold_units_give_the_same_results(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    warm = {name: cases(row) for name, row in project.records().items() if name.startswith("v/")}
    project.make("-j4", "test-v", WARM="0")
    cold = project.records()
    assert {name: row["status"] for name, row in cold.items()} == {
        name: status for name, status in STATUSES.items() if name.startswith("v/")
    }
    assert {name: cases(row) for name, row in cold.items()} == warm


def test_by_hand_a_unit_prints_its_steps(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    module = "longpole.rts_tests.scenario.unit"
    done = project.run(project.python, "-EPm", module, ".longpole/scenarios.json", "v", "scenarios/fails.yml")
    assert done.status == 1
    assert done.out.splitlines()[0].startswith("ok       1. first")
    broken = project.run(project.python, "-EPm", module, ".longpole/scenarios.json", "v", "scenarios/broken.yml")
    assert broken.status == 2
    assert "has no key `stepz`" in broken.out
    assert "@@LONGPOLE@@" not in done.out + broken.out
    assert project.run(project.python, "-EPm", module).status == 2
    for words, what in {
        ("no.json", "v", "x.yml"): "no settings of scenarios here",
        (".longpole/scenarios.json", "x", "x.yml"): "there is no variant `x`",
        (".longpole/scenarios.json", "v", "x.yml"): "x.yml: cannot be read",
        (".longpole/scenarios.json", "v", "scenarios/fails.yml", "a"): "has no matrix",
    }.items():
        wrong = project.run(project.python, "-EPm", module, *words)
        assert (wrong.status, what in wrong.out) == (2, True), wrong.text


def test_a_scenario_that_is_ended_tells_what_it_did_so_far(tmp_path: Path) -> None:
    text = "name: x\nsteps: [{name: one, run: echo done}, {name: two, run: echo begun; sleep 1000}]\n"
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": text}, timeout=1.5)
    project.make("test")
    assert project.statuses() == {"v/a": "timeout"}
    log = project.log("test-v-a").decode()
    assert "ok       1. one" in log
    assert "ENDED    2. two" in log
    assert "ended while it ran" in log
    assert "| begun" in log
    eventually("nothing is left", lambda: project.processes() == {})


def test_steps_of_one_name_are_told_apart(tmp_path: Path) -> None:
    names = ["a", "a", "a (2)", "''", "''", "step 4"]
    steps = "".join(f"  - {{name: {name}, run: 'true'}}\n" for name in names)
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": f"name: x\nsteps:\n{steps}"})
    assert project.make("test").status == 0
    assert len(cases(project.records()["v/a"])) == len(names)


def test_a_name_of_several_lines_has_no_newline_at_its_end(tmp_path: Path) -> None:
    scenario = "name: Names\nsteps:\n  - name: >\n      Wait until\n      it is there.\n    run: echo yes\n"
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": scenario})
    assert project.make("test").status == 0
    assert cases(project.records()["v/a"]) == {"Wait until it is there.": "passed"}
    assert "1. Wait until it is there.  " in project.log("test-v-a").decode()


@pytest.mark.slow
def test_a_flood_of_output_is_no_error(tmp_path: Path) -> None:
    flood = """
name: flood
steps:
  - {name: lines, run: "yes $'\\\\e[31m\\\\1' | head -c 30000000", expect: {exit_code: 0}}
  - {name: one line, run: "head -c 30000000 /dev/zero; exit 1", expect: {exit_code: 0}}
  - {name: last, run: echo the last one}
"""
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": flood}, limits={"log": 100_000})
    project.make("test")
    record = project.records()["v/a"]
    assert cases(record) == {"lines": "passed", "one line": "failed", "last": "passed"}
    assert record["status"] == "failed"
    assert "| the last one" in project.log("test-v-a").decode()


@pytest.mark.parametrize("keep", ["failed", "none"])
def test_the_sandbox_of_a_failure_is_kept_if_the_suite_says_so(tmp_path: Path, keep: str) -> None:
    files = {
        "fails.yml": "name: x\nsteps: [{name: one, run: echo left >file; exit 1, expect: {exit_code: 0}}]\n",
        "passes.yml": "name: x\nsteps: [{name: one, run: echo left >file}]\n",
    }
    project = with_scenarios(Project(tmp_path / "project"), files, limits={"keep": keep})
    project.make("test")
    kept = {str(path.relative_to(project.last / "units")) for path in (project.last / "units").rglob("file")}
    assert kept == ({"test-v-fails.tmp/s/work/file"} if keep == "failed" else set())


def test_a_crash_leaves_no_process_either(tmp_path: Path) -> None:
    out = tmp_path / "pid"
    text = f"""
name: x
steps:
  - name: start
    run: env -i setsid sh -c 'echo $$ >{out}; exec sleep 1000' >/dev/null 2>&1 & until test -s {out}; do :; done
  - {{name: crash, run: kill -9 $PPID}}
"""
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": text})
    project.make("test")
    assert project.statuses() == {"v/a": "crashed"}
    with pytest.raises(ProcessLookupError):
        os.kill(int(out.read_text()), 0)


def test_what_is_hard_to_remove_is_removed(tmp_path: Path) -> None:
    hard = "mkdir -p a/b; chmod 0 a; ln -s / a-link; mkfifo pipe; touch $(printf %0250d)"
    text = f"name: x\nsteps: [{{name: one, run: '{hard}'}}]\n"
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": text})
    assert project.make("test").status == 0
    assert project.make("test").err == "", "nothing could not be removed"


def test_by_hand_ctrl_c_ends_a_unit_without_a_traceback(tmp_path: Path) -> None:
    text = "name: x\nsteps: [{name: one, run: 'echo begun; touch $BEGUN; sleep 1000'}]\n"
    begun = tmp_path / "begun"
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": text}, env={"BEGUN": str(begun)})
    argv = (
        project.python,
        "-EPm",
        "longpole.rts_tests.scenario.unit",
        ".longpole/scenarios.json",
        "v",
        "scenarios/a.yml",
    )
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        argv, cwd=project.root, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as unit:
        eventually("the step has begun", begun.exists)
        os.killpg(unit.pid, signal.SIGINT)
        output = unit.communicate()[0].decode()
    assert unit.returncode == 128 + signal.SIGINT
    assert "ended while it ran" in output and "| begun" in output
    assert "Traceback" not in output
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("longpole-")] == []
