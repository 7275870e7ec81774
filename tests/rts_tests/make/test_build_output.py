"""What a build prints: each line with its name, and a log, times and result in the run's folder."""

import os
import signal
from pathlib import Path

from longpole.rts_tests.contracts.builds import build_log_path, read_builds
from tests.project import Project, eventually, shell

TALKS = shell("echo to-out", "echo to-err >&2", "printf incomplete")


def _with_build(project: Project, *lines: str, **variants: str) -> Project:
    """A project whose variants are built by this script; one variant `v` by default."""
    project.root.joinpath("build.sh").write_text(shell(*lines))
    build = {"build": ["sh", "build.sh", "{variant}"]}
    return project.write({"one": ""}, variants={name: build for name in variants or ("v",)})


def test_each_line_of_a_build_carries_the_variant(project: Project) -> None:
    _with_build(project, TALKS, a="", b="")
    for goal in ("test", "build"):
        done = project.make("-j2", goal)
        assert done.status == 0
        for name in ("a", "b"):
            assert {f"{name}: to-out", f"{name}: incomplete"} <= set(done.out.splitlines()), goal
            assert f"{name}: to-err" in done.err.splitlines(), goal


def test_lines_of_two_builds_never_mix(project: Project) -> None:
    meet = shell("touch $1.here", "until [ -e a.here ] && [ -e b.here ]; do :; done")
    many = "i=0; while [ $i -lt 300 ]; do printf '%s-%0500d-' $1 0; echo end; i=$((i+1)); done"
    _with_build(project, meet, many, a="", b="")
    done = project.make("-j2", "build")
    whole = {name: f"{name}: {name}-{'0' * 500}-end" for name in ("a", "b")}
    lines = done.out.splitlines()
    assert len(lines) == 600
    assert set(lines) == set(whole.values())


def test_a_build_leaves_log_times_and_result(project: Project) -> None:
    _with_build(project, TALKS, "sleep 0.05", "[ $1 = good ] || exit 3", good="", bad="")
    project.make("-j2", "test")
    builds = read_builds(project.last)
    assert {name: build.exit_code for name, build in builds.items()} == {"good": 0, "bad": 3}
    for name, build in builds.items():
        log = Path(build_log_path(project.last, name)).read_text()
        assert sorted(log.splitlines()) == ["incomplete", "to-err", "to-out"]
        assert 0.05 <= build.wall_s < 60
        assert build.started_at[:4] == "20" + build.started_at[2:4] and build.started_at.endswith("Z")
    record = project.records()["good/one"]
    assert builds["good"].started_at <= record["started_at"]


def test_a_damaged_file_of_a_build_is_left_out(project: Project) -> None:
    _with_build(project, TALKS, a="", b="", c="", d="")
    project.make("test")
    (project.last / "builds" / "a.json").write_text("{")
    (project.last / "builds" / "b.json").write_text('{"version": 9}')
    (project.last / "builds" / "c.json").write_text("[" * 100_000)
    assert list(read_builds(project.last)) == ["d"]
    assert read_builds(project.root) == {}


def test_a_build_that_cannot_be_executed_is_recorded(project: Project) -> None:
    project.write({"one": ""}, variants={"v": {"build": ["./no-such-compiler"]}})
    done = project.make("test")
    assert "v: longpole: ./no-such-compiler cannot be executed: No such file or directory" in done.err
    assert read_builds(project.last)["v"].exit_code == 127


def test_a_build_is_over_when_its_command_has_ended_whatever_it_left_running(project: Project) -> None:
    _with_build(project, "sh -c 'echo $$ >server; while :; do echo chatter; done' &", "until [ -s server ]; do :; done")
    assert project.make("build").status == 0
    pid = int((project.root / "server").read_text())
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it wrote after the end of the build


def test_a_log_keeps_the_beginning_and_the_end(project: Project) -> None:
    _with_build(project, "echo first", "head -c 20000000 /dev/zero | tr '\\0' 'x'", "echo", "echo last")
    project.make("test", stdout="")
    log = Path(build_log_path(project.last, "v")).read_bytes()
    assert log.startswith(b"first\n") and log.endswith(b"last\n")
    assert b"bytes omitted here" in log
    assert len(log) < 17 * 2**20


def test_the_log_of_a_long_build_can_be_watched(project: Project) -> None:
    project.run("mkfifo", "fifo")
    _with_build(project, "echo compiling", "cat fifo")
    process = project.start("make", "test")
    eventually("a partial log is there", lambda: list(project.root.glob(".longpole/runs/*/builds/v.log.part")))
    (project.root / "fifo").write_text("go\n")
    process.communicate()
    assert [path.name for path in sorted((project.last / "builds").iterdir())] == ["v.json", "v.log"]


def test_a_run_whose_logs_of_builds_cannot_be_written_goes_on(project: Project) -> None:
    _with_build(project, TALKS)
    waits = "until [ -e .longpole/runs/*/run.json ]; do :; done; echo in the way > $(echo .longpole/runs/*)/builds"
    project.root.joinpath("build.sh").write_text(shell(waits, TALKS))
    done = project.make("test")
    assert done.status == 0, done.text
    assert "the log is incomplete" in done.err
    assert "Traceback" not in done.text


def test_an_interrupt_reaches_the_command_of_a_build(project: Project) -> None:
    project.run("mkfifo", "fifo")
    traps = "trap 'echo interrupted; exit 1' INT; trap '' TERM"
    _with_build(project, traps, "touch here", "while :; do sleep 0.01; done")
    process = project.start("make", "test")
    eventually("the build runs", (project.root / "here").exists)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert b"interrupted" in Path(build_log_path(project.last, "v")).read_bytes()


def test_make_n_shows_commands_to_paste(project: Project) -> None:
    _with_build(project, TALKS)
    assert "sh build.sh v" in project.make("-n", "build").out.splitlines()
