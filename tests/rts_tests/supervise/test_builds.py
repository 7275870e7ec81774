"""Builds before units: failures, missing artifacts, two runs that build the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import DEADLINE_S, Project, eventually, shell, tool

COMPILER = shell("echo 'main.c:3:1: error: no such thing' >&2", "exit 1")


@pytest.fixture
def half(project: Project) -> Project:
    """One variant builds, the other does not."""
    project.root.joinpath("compile.sh").write_text(COMPILER)
    variants = {"bad": {"build": ["sh", "compile.sh"]}, "good": {"build": ["true"]}}
    return project.write({"one": "", "two": ""}, variants=variants)


def test_units_of_a_variant_that_did_not_build_are_not_run(half: Project) -> None:
    done = half.make("-j2", "test")
    assert half.statuses() == {"good/one": "passed", "good/two": "passed"}
    assert done.out.rstrip().endswith("4 units: 2 passed, 2 not run")
    assert done.status == 2


def test_the_compilers_message_is_visible_and_make_s_about_units_are_not(half: Project) -> None:
    done = half.make("-j2", "test")
    assert "main.c:3:1: error: no such thing" in done.err
    assert "test-bad" not in done.err
    assert "build-bad" in done.err


def test_a_build_command_that_is_missing_is_told(project: Project) -> None:
    project.write({"one": ""}, variants={"v": {"build": ["./no-such-compiler"]}})
    done = project.make("test")
    assert done.status == 2
    assert "./no-such-compiler cannot be executed" in done.err
    assert "Traceback" not in done.text


def test_a_missing_artifact_fails_at_once_and_says_how_to_make_it(project: Project) -> None:
    project.write({"one": "touch ran"}, variants={"v": {"artifact": "{target_dir}/program", "build": ["true"]}})
    project.make("test")
    record = project.records()["v/one"]
    assert record["status"] == "error"
    assert record["note"] == (
        "the artifact target-v/program cannot be read: No such file or directory; run `make build-v`"
    )
    assert not (project.root / "ran").exists()


def test_a_missing_artifact_that_nothing_builds_says_no_more(project: Project) -> None:
    project.write({"one": ""}, variants={"v": {"artifact": "program"}})
    project.make("test")
    note = project.records()["v/one"]["note"]
    assert note == "the artifact program cannot be read: No such file or directory"


def test_one_unit_builds_only_its_variant(project: Project) -> None:
    build = {"build": {"shell": "echo {variant} >>built"}}
    project.write({"one": ""}, variants={"a": build, "b": build})
    project.make("test-b-one")
    assert (project.root / "built").read_text() == "b\n"


def test_a_variant_is_built_once_a_run(project: Project) -> None:
    build = {"build": {"shell": "echo {variant} >>built"}}
    project.write({"one": "", "two": "", "three": ""}, variants={"a": build, "b": build})
    assert project.make("-j4", "test").status == 0
    assert sorted((project.root / "built").read_text().split()) == ["a", "b"]


def test_build_goals(project: Project) -> None:
    build = {"build": {"shell": "mkdir -p {target_dir} && echo {variant} >>built"}}
    project.write({"one": ""}, variants={"a": build, "b": build, "c": {}})
    assert project.make("build-a").status == 0
    assert (project.root / "built").read_text() == "a\n"
    assert project.make("build").status == 0
    assert (project.root / "built").read_text() == "a\na\nb\n"
    assert project.runs == []
    assert (project.root / "target-a").is_dir()


def test_a_build_sees_its_variant_s_environment_and_nothing_of_the_run(project: Project) -> None:
    script = shell("env >seen", "echo $MAKELEVEL")
    odd = "a b$HOME'\"\n#\\"
    variant = {"env": {"ODD": odd}, "build": ["sh", "build.sh"]}
    project.root.joinpath("build.sh").write_text("env -0 >seen\n" + script.splitlines()[1])
    project.write({"one": ""}, variants={"v": variant})
    assert project.make("test").status == 0
    seen = dict(row.split("=", 1) for row in (project.root / "seen").read_text().split("\0") if row)
    assert seen["ODD"] == odd
    for name in ("LONGPOLE_REQUEST", "LONGPOLE_REPLY", "LONGPOLE_GROUPS", "LONGPOLE_GOALS", "LONGPOLE_NEWLINE"):
        assert name not in seen


def test_words_of_a_variant_extend_the_build_of_the_defaults(project: Project) -> None:
    show = 'printf "%s\\0" "$@" >{target_dir}'
    words = ["a b", "$HOME", "it's", "x\ny", "#"]
    defaults = {"build": {"shell": f"set -- {{args}}; {show}"}, "run": ["sh", "units/{module}.sh", "{args}"]}
    variants = {"more": {"build_args": words, "args": ["and"]}, "plain": {}}
    project.write({"one": 'echo "$@"'}, defaults=defaults, variants=variants, modules={"one": {"args": ["$(more)"]}})
    assert project.make("-j2", "test").status == 0
    assert (project.root / "target-more").read_text().split("\0")[:-1] == words
    assert (project.root / "target-plain").read_text() in ("", "\0")
    assert project.log("test-more-one") == b"and $(more)\n"


def test_a_build_by_make_has_its_own_built_in_rules_and_the_jobserver(project: Project) -> None:
    project.root.joinpath("hello.c").write_text("int main(void) { return 0; }\n")
    project.root.joinpath("inner.mk").write_text(
        "all:\n\t@echo flags: $(MAKEFLAGS) >flags\n\t@echo '[$(COMPILE.c)]' >>flags\n"
    )
    project.write({"one": ""}, variants={"v": {"build": ["{make}", "-f", "inner.mk"]}})
    done = project.make("-j3", "test")
    assert done.status == 0, done.text
    assert "jobserver unavailable" not in done.text
    flags = (project.root / "flags").read_text()
    assert "--jobserver" in flags
    assert "[cc" in flags


def _start_into(project: Project, output: Path) -> "subprocess.Popen[bytes]":
    """Start a run whose output goes to a file."""
    with output.open("wb") as file:
        return project.start("make", "-j2", "test", stdout=file, stderr=subprocess.STDOUT)


def test_two_runs_do_not_build_one_target_directory_at_once(project: Project) -> None:
    waits = "while [ ! -e go ]; do sleep 0.01; done"
    script = shell("mkdir building || { echo twice >>errors; exit 1; }", waits, "rmdir building")
    project.root.joinpath("build.sh").write_text(script)
    project.write({"one": "", "two": ""}, variants={"v": {"build": ["sh", "build.sh"]}})
    outputs = [project.root / f"output.{number}" for number in range(3)]
    runs = [_start_into(project, output) for output in outputs]
    waiting = b"waiting for another build of target-v"
    eventually("two wait for the third", lambda: sum(waiting in each.read_bytes() for each in outputs) == 2)
    (project.root / "go").touch()
    assert [run.wait() for run in runs] == [0, 0, 0], [output.read_text() for output in outputs]
    assert not (project.root / "errors").exists()


def test_two_runs_at_once_are_both_right_and_both_learnt_from(project: Project) -> None:
    scripts = {f"u{number}": "sleep 0.01" for number in range(10)}
    project.write(
        {
            **scripts,
            "meets": shell("touch $LONGPOLE_RUN.here", "while [ $(ls *.here | wc -l) -lt 2 ]; do sleep 0.01; done"),
        }
    )
    runs = [project.start("make", "-j3", "test") for _ in range(2)]
    for run in runs:
        out, err = run.communicate(timeout=DEADLINE_S)
        assert run.returncode == 0, out + err
    assert len(project.runs) == 2
    for run_dir in project.runs:
        assert set(project.statuses(run_dir).values()) == {"passed"}
        assert len(project.records(run_dir)) == 11
        assert {json.loads(line)["event"] for line in (run_dir / "events.jsonl").read_text().splitlines()} >= {
            "run finished"
        }
    assert {len(row["durations_s"]) for row in project.history().values()} == {2}


def test_a_run_that_waits_for_a_build_can_be_interrupted(project: Project) -> None:
    project.root.joinpath("build.sh").write_text("touch building; cat fifo")
    project.run("mkfifo", "fifo")
    project.write({"one": ""}, variants={"v": {"build": ["sh", "build.sh"]}})
    first = project.start("make", "test")
    eventually("the first run builds", (project.root / "building").exists)
    second = project.start("make", "test", stderr=-2)
    assert second.stdout is not None
    line = b""
    while b"waiting for another build" not in line:
        line = second.stdout.readline()
        assert line, "the second run ended without waiting"
    import os
    import signal

    os.killpg(second.pid, signal.SIGINT)
    second.communicate(timeout=DEADLINE_S)
    assert second.returncode != 0
    (project.root / "fifo").write_text("go\n")
    first.communicate(timeout=DEADLINE_S)
    assert first.returncode == 0


def test_what_a_build_says_is_seen_while_it_runs(project: Project) -> None:
    project.root.joinpath("build.sh").write_text("echo compiling; cat fifo")
    project.run("mkfifo", "fifo")
    project.write({"one": ""}, variants={"v": {"build": ["sh", "build.sh"]}})
    process = project.start("make", "test")
    assert process.stdout is not None
    while process.stdout.readline() != b"v: compiling\n":
        pass
    (project.root / "fifo").write_text("go\n")
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0


def test_the_python_of_the_render_is_the_build_s(project: Project) -> None:
    project.write({"one": ""}, variants={"v": {"build": ["{python}", "-c", "import sys; print(sys.executable)"]}})
    assert f"v: {sys.executable}" in project.make("build").out.splitlines()


@pytest.mark.slow
def test_runs_from_two_worktrees_never_meet(project: Project) -> None:
    build = "exec 9>target-v/building; flock -n 9 || exit 1; [ ! -e ../met ] || exit 1; cp source target-v/program"
    wait = "until [ -e ../here-one ] && [ -e ../here-two ]; do :; done"
    run = shell('touch ../here-"${PWD##*-}"', wait, "cat target-v/program")
    variants = {"v": {"build": ["sh", "build.sh"], "artifact": "{target_dir}/program"}}
    project.write({"one": run}, variants=variants)
    (project.root / "build.sh").write_text(shell("mkdir -p target-v", build))
    (project.root / ".gitignore").write_text("/.longpole/\n/target-*/\n")
    (project.root / "source").write_text("one\n")
    project.git("init", "-q")
    project.git("add", "-A")
    project.git("commit", "-qm", "one")
    trees = {}
    for name in ("one", "two"):
        project.git("worktree", "add", "-q", "--detach", f"../tree-{name}")
        trees[name] = Project(project.root.parent / f"tree-{name}", project.environ)
        (trees[name].root / "source").write_text(f"{name}\n")
    started = {name: tree.start(tool("make"), "-j2", "test") for name, tree in trees.items()}
    for name, process in started.items():
        out, err = process.communicate()
        assert process.returncode == 0, (out, err)
        assert trees[name].log("test-v-one") == f"{name}\n".encode()
        assert len(trees[name].runs) == 1
    assert not project.runs
