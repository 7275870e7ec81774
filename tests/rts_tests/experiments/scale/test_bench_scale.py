"""`longpole bench scale`, with real runs."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.project import Done, Project, eventually, shell
from tests.terminal import Terminal

COUNTED = "echo x >>counted"
WAITS = shell("echo $$ >>waiting", "sleep 300")


def scale(project: Project, *argv: str, **environ: str) -> Done:
    return project.longpole("bench", "scale", *argv, **environ)


def document(project: Project, name: str = "s.json") -> Any:
    return json.loads((project.root / name).read_text())


def private_folders() -> set[str]:
    """The folders that runs make outside the project."""
    return {
        f"{folder}/{name}"
        for folder in ("/tmp", "/dev/shm")
        for name in os.listdir(folder)
        if name.startswith("longpole-2")
    }


def nothing_left(project: Project) -> bool:
    names = {run.name for run in project.root.rglob(".longpole/**/*Z-*")}
    return not project.processes() and not any(
        folder.partition("longpole-")[2] in names for folder in private_folders()
    )


def test_a_small_measurement(project: Project) -> None:
    project.write({"a": ""})
    os.mkfifo(project.root / ".longpole/pipe")  # somebody's; it is not waited for
    done = scale(project, "--jobs", "1", "--runs", "1")
    assert done.status == 0, done.text
    assert "|    1 |    1 |" in done.out
    assert project.longpole("report").status == 2  # there is no last run


@pytest.mark.slow
def test_a_measurement_and_all_that_it_writes(project: Project) -> None:
    project.write({"a": COUNTED, "b": ""})
    assert project.make("test").status == 0
    last, history = project.last, (project.root / ".longpole/history.json").read_bytes()
    done = scale(project, "--jobs", "2,1", "--runs", "2", "--json", "s.json", "--svg", "s.svg", "--baseline", "main")
    assert done.status == 0, done.text
    assert len((project.root / "counted").read_text()) == 2 * (1 + 1 + 4)  # make test, the warm-up, two of each
    made = document(project)
    assert [row["jobs"] for row in made["levels"]] == [1, 2]
    assert [(row["number"], row["warm_up"], row["valid"]) for row in made["trials"]] == [
        (number, number == 0, True) for number in range(5)
    ]
    assert {row["jobs"] for row in made["trials"][1:3]} == {1, 2} == {row["jobs"] for row in made["trials"][3:5]}
    assert all(row["wall_s"] > row["units_s"] > 0 and row["cpu_s"] > 0 for row in made["trials"])
    assert [row["id"] for row in made["units"]] == ["v/a", "v/b"]
    assert {len(level["runs_s"]) for row in made["units"] for level in row["levels"]} == {2}
    assert "| jobs | runs |" in done.out
    assert ET.parse(project.root / "s.svg").getroot().tag.endswith("svg")
    assert json.loads((project.root / "bench/baselines/main.json").read_text())["levels"] == made["levels"]
    # it is no test run, and has left nothing but itself
    assert (project.root / ".longpole/history.json").read_bytes() == history
    assert (
        project.longpole("report", "--format", "json").out
        == project.longpole("report", "--format", "json", last.name).out
    )
    assert re.search(r"^\S+ .* scale: 5 passed$", project.longpole("runs").out, re.MULTILINE)
    kept = {path.name for path in project.last.iterdir()}
    assert kept == {"ended.json", "executions.json", "lock", "run.json", "scale.json", "scale.svg", "units"}
    assert project.longpole("report", project.last.name).out == done.out
    assert nothing_left(project)


@pytest.mark.slow
def test_units_are_built_once_and_in_the_projects_own_state(project: Project) -> None:
    build = ["sh", "-c", "echo x >>built"]
    project.write({"a": ""}, variants={"v": {"build": build}, "w": {"build": build, "target_dir": "other"}})
    assert scale(project, "--jobs", "1", "--runs", "1", "v").status == 0
    assert (project.root / "built").read_text() == "x\n"
    assert list((project.root / ".longpole/locks").iterdir())
    assert scale(project, "--jobs", "1", "--runs", "1", PREBUILT="1").status == 0
    assert (project.root / "built").read_text() == "x\n"


@pytest.mark.slow
def test_a_build_that_fails_ends_it(project: Project) -> None:
    project.write({"a": COUNTED}, variants={"v": {"build": ["sh", "-c", "echo no compiler here; exit 3"]}})
    done = scale(project, "--jobs", "1")
    assert (done.status, done.out) == (1, "")
    assert "longpole: a build failed; its output is in .longpole/runs/" in done.err
    assert "no compiler here" in done.err
    assert not (project.root / "counted").exists()


@pytest.mark.slow
def test_a_trial_that_fails_is_left_out_and_named_and_its_logs_are_kept(project: Project) -> None:
    third = shell("echo x >>counter", "echo this is $(wc -l <counter)", "test $(wc -l <counter) != 3")
    project.write({"a": third, "b": ""}, modules={"a": {"retries": 3}})
    done = scale(project, "--jobs", "1", "--runs", "3", "--json", "s.json")
    assert done.status == 0, done.text
    made = document(project)
    assert [row["valid"] for row in made["trials"]] == [True, True, False, True]
    assert made["trials"][2]["problems"] == ["1 unit failed: v/a (failed)"]
    assert (made["levels"][0]["failed"], len(made["levels"][0]["runs_s"])) == (1, 2)
    assert "- run 2, -j1: 1 unit failed: v/a (failed)" in done.out
    assert "| 2 of 3 |" in done.out
    (log,) = project.last.glob("trials/*/runs/*/units/test-v-a.log")
    assert log.read_text() == "this is 3\n"


@pytest.mark.slow
def test_units_that_always_fail_end_it_after_a_round(project: Project) -> None:
    project.write({"a": shell(COUNTED, "exit 1")})
    done = scale(project, "--jobs", "1,2", "--runs", "9", "--baseline", "main")
    assert done.status == 1
    assert len((project.root / "counted").read_text()) == 2 * 3
    assert "- -j1 has no result.\n- -j2 has no result.\n" in done.out
    assert "no baseline is kept, because some numbers of jobs have no result" in done.err
    assert not (project.root / "bench").exists()


@pytest.mark.slow
def test_a_suite_that_is_changed_meanwhile_is_no_measurement(project: Project) -> None:
    project.write({"a": "", "b": ""})
    suite = (project.root / "suite.yaml").read_text()
    changed = suite.replace('"b": {}', '"c": {}')
    assert changed != suite
    (project.root / "changed.yaml").write_text(changed)
    (project.root / "units/c.sh").write_text("")
    (project.root / "units/a.sh").write_text("test -e done || { touch done; sleep 1; cp changed.yaml suite.yaml; }\n")
    done = scale(project, "--jobs", "1", "--runs", "1", "--json", "s.json")
    assert done.status == 1
    assert document(project)["trials"][1]["problems"] == ["it ran other units: the suite was changed meanwhile"]


@pytest.mark.slow
def test_selectors_and_variables_hold(project: Project) -> None:
    project.write({"a": "", "b": "", "c": ""}, variants={"v": {}, "w": {}}, modules={"a": {"seeds": 4, "chunks": 2}})
    done = scale(project, "--jobs", "1", "--runs", "1", "--json", "s.json", "a", "v/b", "!v/a[0]", FILTER="v/*")
    assert done.status == 0, done.text
    assert {row["id"] for row in document(project)["units"]} == {"v/a[1]", "v/b"}
    assert scale(project, "--jobs", "1", "--runs", "1", "--json", "s.json", SHARD="1/2").status == 0
    assert 0 < len(document(project)["units"]) < 8


@pytest.mark.parametrize(
    ("argv", "status", "message"),
    [
        (["--jobs", "0"], 2, "'0' is not a list of numbers from 1 to 1024, such as 1,2,4"),
        (["--jobs", "1,,2"], 2, "is not a list of numbers"),
        (["--jobs", "1025"], 2, "is not a list of numbers"),
        (["--runs", "0"], 2, "0 is not in the range"),
        (["--compare", "main"], 2, "bench/baselines/main.json: there is no such baseline"),
        (["--baseline", "../main"], 2, "--baseline: '../main' cannot be the name of a baseline"),
        (["--baseline", "m", "--compare", "m"], 2, "m would be replaced by what is compared with it"),
        (["--json", "none/s.json"], 2, "none/s.json: cannot be written; give --json another file"),
        (["--svg", "units"], 2, "units: cannot be written; give --svg another file"),
        (["vv/a"], 4, "'vv/a' names no unit; did you mean v/a?"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_runs(
    project: Project, argv: list[str], status: int, message: str
) -> None:
    project.write({"a": COUNTED})
    done = scale(project, *argv)
    assert (done.status, done.out) == (status, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (project.root / "counted").exists()
    assert project.runs == []


@pytest.mark.slow
def test_a_regression_fails_and_an_improvement_does_not(project: Project) -> None:
    project.write({"a": ""})
    assert scale(project, "--jobs", "1", "--runs", "3", "--baseline", "main").status == 0
    path = project.root / "bench/baselines/main.json"
    made = json.loads(path.read_text())
    kept = path.read_text()
    for factor, status, word in ((0.01, 1, "slower"), (100.0, 0, "faster")):
        made["levels"][0]["runs_s"] = [factor * seconds for seconds in json.loads(kept)["levels"][0]["runs_s"]]
        path.write_text(json.dumps(made))
        done = scale(project, "--jobs", "1", "--runs", "3", "--compare", "main", "--json", "s.json")
        assert done.status == status, done.text
        assert re.search(rf"^\| all units +\|.*\({word}\) \|", done.out, re.MULTILINE)
        comparison = document(project)["comparison"]
        assert (comparison["got_worse"], comparison["baseline"]) == (bool(status), "main")
        assert comparison["changes"][0]["unit"] is None


# -- interruptions ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_after_a_signal_it_reports_what_it_has_and_leaves_nothing(project: Project, number: signal.Signals) -> None:
    """The signal reaches `longpole` alone, as from `kill`; the units of the fourth run wait for it."""
    project.write({"a": shell("echo x >>counter", "test $(wc -l <counter) -lt 4 || { touch waits; sleep 300; }")})
    process = project.start(sys.executable, "-m", "longpole", "bench", "scale", "--jobs", "1,2", "--baseline", "main")
    eventually("the last run waits", (project.root / "waits").exists)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert b"Interrupted; so far:" in out
    assert b"| jobs | runs |" in out
    assert b"no baseline is kept, because the measurement was interrupted" in err
    assert nothing_left(project)
    assert not (project.last / "trials").exists()
    assert re.search(r" scale: 3 passed$", project.longpole("runs").out, re.MULTILINE)


@pytest.mark.slow
def test_control_c_and_the_bar_on_a_terminal(project: Project) -> None:
    project.write({"a": "", "b": "test ! -e wait || sleep 300"})
    with Terminal(
        project, sys.executable, "-m", "longpole", "bench", "scale", "--jobs", "1,2", "--runs", "50"
    ) as terminal:
        bar = re.compile(r"^\[#*\.*\] run \d+ of 100, -j[12]: [01]/2 units  (about .* left|almost done)$", re.MULTILINE)
        terminal.until("a bar is shown", lambda: bar.search(terminal.text))
        (project.root / "wait").touch()
        terminal.until("a unit has ended", lambda: re.search(r"run \d+ of 100, -j[12]: 1/2 units", terminal.text))
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        assert "Interrupted; so far:" in terminal.text
        assert "/2 units" not in terminal.text  # the bar is gone
        assert terminal.is_sane
    assert nothing_left(project)


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True])
def test_a_killed_measurement_ends_its_run_and_the_next_one_removes_what_is_left(
    project: Project, everything: bool
) -> None:
    project.write({"a": "touch began; test -e free || sleep 300"})
    process = project.start(sys.executable, "-m", "longpole", "bench", "scale", "--jobs", "1")
    eventually("the run began", (project.root / "began").exists)
    pids = list(project.processes()) if everything else [process.pid]
    for number in (signal.SIGSTOP, signal.SIGKILL):  # none can act on the end of another
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
    process.wait()
    eventually("everything has ended", lambda: not project.processes())
    assert nothing_left(project) is not everything
    (project.root / "free").touch()
    assert scale(project, "--jobs", "1", "--runs", "1").status == 0
    assert nothing_left(project)


@pytest.mark.slow
def test_without_a_terminal_each_run_is_a_line(project: Project) -> None:
    project.write({"a": ""})
    done = scale(project, "--jobs", "1", "--runs", "2")
    lines = [re.sub(r"[\d.]+ s$", "N s", line) for line in done.err.splitlines()]
    assert lines == ["warm-up, -j1: N s", "run 1 of 2, -j1: N s", "run 2 of 2, -j1: N s"]


@pytest.mark.slow
def test_outside_a_project_it_says_what_to_do(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "longpole", "-C", str(tmp_path), "bench", "scale"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no plan here; run `longpole render`" in done.stderr
