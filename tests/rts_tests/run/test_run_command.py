"""`longpole run`: make with the run's own exit status, and what a run prints where nothing is drawn."""

import json
import os
import re
import signal
import sys

import pytest

from tests.project import Done, Project, eventually, sections, shell, tool

RUN = (sys.executable, "-m", "longpole", "run")


@pytest.fixture
def small(project: Project) -> Project:
    return project.write({"a": "echo of a", "b": "echo of b; exit 3", "c": ""}, limits={"jobs": 3})


def units(done: Done) -> str:
    """What was printed of units, times masked."""
    return re.sub(r"[0-9]+\.[0-9]{2} s", "1.23 s", done.out.partition("\n\ntiny: ")[0])


def forget(project: Project) -> None:
    """Plan as if nothing had been run, or what failed would be first."""
    (project.root / ".longpole" / "history.json").unlink()
    project.render()


def info(project: Project) -> dict[str, object]:
    """The last run's `run.json`."""
    return dict(json.loads((project.last / "run.json").read_bytes()))


TODAY = "PASS v/a  1.23 s\nFAIL v/b  1.23 s\n    exit status 3\n  | of b\nPASS v/c  1.23 s"


def test_without_a_terminal_lines_are_plain_and_make_s(small: Project) -> None:
    assert units(small.make("-k", "test")) == TODAY
    forget(small)
    done = small.longpole("run", "-j1")
    assert units(done) == TODAY
    assert "\x1b" not in done.text
    assert re.fullmatch(r"make: \*\*\* \[Makefile:[0-9]+: start-run\] Error 1\n", done.err)


# -- the exit status is the run's -------------------------------------------------------------------------------


def test_statuses(small: Project) -> None:
    assert small.longpole("run", "test-v-a").status == 0
    assert small.longpole("run").status == 1
    assert small.longpole("run", "FILTER=nothing/*").status == 4
    assert small.longpole("run", "SHARD=9").status == 2
    assert small.longpole("run", "LONGPOLE_ORDER=random").status == 2
    assert small.longpole("run", "nonsense").status == 2
    assert small.longpole("run", "retest", "test-v-a").status == 1


def test_a_goal_beside_the_run_that_fails_is_make_s_status(small: Project) -> None:
    (small.root / "other.mk").write_text("fails:\n\t$(MAKE) test-v-a\n\texit 7\n")
    assert small.longpole("run", "-f", "other.mk", "fails").status == 2
    assert small.statuses() == {"v/a": "passed"}


def test_several_runs_below_one_make_are_as_bad_as_the_worst(small: Project) -> None:
    small.root.joinpath("parent.mk").write_text("all:\n\t-$(MAKE) test-v-b\n\t$(MAKE) test-v-a\n")
    assert small.longpole("run", "-f", "parent.mk", "all").status == 1
    assert len(small.runs) == 2


@pytest.mark.parametrize(
    ("number", "to"), [(signal.SIGINT, "group"), (signal.SIGTERM, "group"), (signal.SIGTERM, "us")]
)
def test_interrupted(project: Project, number: signal.Signals, to: str) -> None:
    tidy = shell("trap 'sleep 1; echo tidied; exit 0' TERM", "touch started", "sleep 300 & wait")
    project.write({"a": tidy}, limits={"grace": 30})
    process = project.start("sh", "-c", 'trap : INT TERM; "$@"; echo ended $?', "sh", *RUN)
    eventually("it runs", (project.root / "started").exists)
    if to == "group":
        os.killpg(process.pid, number)
    else:
        (us,) = (pid for pid, command in project.processes().items() if command == " ".join(RUN))
        os.kill(us, number)
    out, err = process.communicate(timeout=60)
    assert out.endswith(b"\n1 unit: 1 cancelled\nended 130\n"), err  # not before what it has started
    assert b"Traceback" not in out + err
    assert project.log("test-v-a") == b"tidied\n"
    assert not project.processes()


def test_kill_9_leaves_no_process(project: Project) -> None:
    project.write({"a": "touch started; sleep 300"})
    process = project.start(*RUN)
    eventually("it runs", (project.root / "started").exists)
    process.kill()
    eventually("nothing is left", lambda: not project.processes())


# -- what make is told ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_suite_says_how_many_run_at_once_unless_somebody_else_does(small: Project) -> None:
    small.longpole("run")
    assert info(small)["jobs"] == 3
    small.longpole("run", "-j2")
    assert info(small)["jobs"] == 2
    small.longpole("run", "-kj4", "test")
    assert info(small)["jobs"] == 4
    small.longpole("run", MAKEFLAGS=" -j5")
    assert info(small)["jobs"] == 5


def test_else_the_cores_do(project: Project) -> None:
    project.write({"a": ""})
    project.longpole("run")
    assert info(project)["jobs"] == len(os.sched_getaffinity(0))


def test_what_make_knows_reaches_make(small: Project) -> None:
    done = small.longpole("run", "-n", "-k", "FILTER=v/[ab]")
    assert done.status == 0, done.text
    assert [line.rpartition("# ")[2] for line in done.out.splitlines()[1:]] == ["v/a", "v/b"]
    assert small.runs == []
    assert "GNU Make" in small.longpole("run", "--version").out
    assert small.longpole("run", "help").out == small.make("help").out


@pytest.mark.slow
def test_another_folder_s_makefile(small: Project) -> None:
    outside = Project(small.root.parent, small.environ)
    outside.environ = small.environ
    assert outside.longpole("run", "-C", "project", "test-v-a").status == 0
    assert outside.longpole("-C", "project", "run", "test-v-a").status == 0


def test_no_makefile(project: Project) -> None:
    done = project.longpole("run")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "longpole: Makefile: not found in this folder; run ./configure, or `longpole render`, or use -C\n"
    )


def test_no_make(small: Project) -> None:
    (small.root / "bin").mkdir()
    done = small.longpole("run", PATH=str(small.root / "bin"))
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "longpole: make: cannot be executed: No such file or directory; install GNU make and put it in PATH\n"
    )


def test_quiet_and_verbose_at_once(small: Project) -> None:
    done = small.longpole("run", "-q", "-v")
    assert done.status == 2
    assert "contradict" in done.err
    assert small.runs == []


def test_units_do_not_learn_how_they_are_shown(project: Project) -> None:
    project.write({"a": "env; ls /proc/$$/fd"})
    assert project.longpole("run", "-v", "--order", "input").status == 0
    log = project.log("test-v-a").decode()
    assert not re.search(r"^LONGPOLE_(VIEW|ORDER|VERBOSE|STATUS)=", log, re.MULTILINE)
    assert set(re.findall(r"^[0-9]+$", log, re.MULTILINE)) <= {"0", "1", "2", "3", "10"}  # the script, as sh opens it


def test_builds_are_not_told_either(project: Project) -> None:
    build = {"shell": "env | grep -c ^LONGPOLE_STATUS= >>seen; set -- /proc/$$/fd/*; echo $# >>seen"}
    project.write({"a": ""}, defaults={"build": build})
    project.make("test")
    project.longpole("run", "-j1")
    make_s, our_s = (project.root / "seen").read_text().split()[:2], (project.root / "seen").read_text().split()[2:]
    assert make_s == our_s
    assert our_s[0] == "0"


def test_a_status_that_was_not_asked_for_is_told_to_nobody(small: Project) -> None:
    """A number that by now is of another file, as after something between closed what it did not know."""
    with open(small.root / "other", "wb") as file:
        environ = {"LONGPOLE_STATUS": f"{file.fileno()}:1"}
        small.start(tool("make"), "test", environ=environ, pass_fds=[file.fileno()]).communicate()
    assert (small.root / "other").read_bytes() == b""
    assert small.make("test", LONGPOLE_STATUS="nonsense").status == 2
    assert len(small.runs) == 2


# -- verbosity and order ----------------------------------------------------------------------------------------


def test_q_prints_what_did_not_pass_and_the_report(small: Project) -> None:
    done = small.longpole("run", "-j1", "-q")
    assert units(done) == "FAIL v/b  1.23 s\n    exit status 3\n  | of b"
    assert "\n3 units: 2 passed, 1 failed\n" in done.out
    forget(small)
    assert units(small.make("test", LONGPOLE_VERBOSE="-1")) == units(done)


def test_v_prints_commands_and_starts(small: Project) -> None:
    assert units(small.longpole("run", "-j1", "-v")) == "\n".join(
        [
            *("START v/a", "    $ sh units/a.sh '' '' v", "PASS v/a  1.23 s"),
            *("START v/b", "    $ sh units/b.sh '' '' v", "FAIL v/b  1.23 s", "    exit status 3", "  | of b"),
            *("START v/c", "    $ sh units/c.sh '' '' v", "PASS v/c  1.23 s"),
        ]
    )


def test_vv_prints_whole_logs(project: Project) -> None:
    project.write({"a": "seq 100; printf '\\033[2J\\r!\\n'", "b": "seq 100; exit 1"})
    done = project.longpole("run", "-j1", "-vv")
    numbers = [f"  | {number}" for number in range(1, 101)]
    assert units(done).splitlines() == [
        *("START v/a", "    $ sh units/a.sh '' '' v", "PASS v/a  1.23 s", *numbers, "  | ", "  | !"),
        *("START v/b", "    $ sh units/b.sh '' '' v", "FAIL v/b  1.23 s", "    exit status 1", *numbers),
    ]


def test_whole_logs_give_no_commands_to_the_workflow(project: Project) -> None:
    project.write({"a": "echo ::error::planted"})
    done = project.longpole("run", "-vv", GITHUB_ACTIONS="true")
    lines = done.out.splitlines()
    index = lines.index("  | ::error::planted")
    assert any(line.startswith("::stop-commands::") for line in lines[:index])


COUNT = 6
SCRIPT = shell("echo of $2", "touch started.$2", "read -r status <pipe.$2", "echo to $2", 'exit "$status"')


def ordered(project: Project, jobs: int, *options: str) -> tuple[str, list[str]]:
    """A run whose units end in the plan's order at -j1, else in the opposite one: what is printed; their ids."""
    for path in project.root.glob("started.*"):
        path.unlink()
    process = project.start(*RUN, f"-j{jobs}", "--order", "input", *options)
    numbers = range(COUNT) if jobs == 1 else reversed(range(COUNT))
    for number in numbers:
        eventually("it has started", (project.root / f"started.{number}").exists)
        if jobs > 1 and number == COUNT - 1:
            eventually("all have", lambda: len(list(project.root.glob("started.*"))) == COUNT)
        (project.root / f"pipe.{number}").write_text(f"{number % 3}\n")
        eventually("it has ended", lambda number=number: f"v/x[{number}]" in project.statuses())  # type: ignore[misc]
    out, _ = process.communicate(timeout=60)
    ended = [event["id"] for event in project.events() if event["event"] == "unit finished"]
    return out.decode().partition("\n\ntiny: ")[0], ended


@pytest.mark.parametrize("options", [(), ("-q",), ("-v",), ("-vv",)])
def test_in_the_order_of_the_plan_the_same_is_printed_at_any_j(project: Project, options: tuple[str, ...]) -> None:
    project.write({"x": SCRIPT}, modules={"x": {"seeds": COUNT, "chunks": COUNT}})
    for number in range(COUNT):
        os.mkfifo(project.root / f"pipe.{number}")
    one, in_turn = ordered(project, 1, *options)
    forget(project)
    other, backwards = ordered(project, 8, *options)
    assert backwards == in_turn[::-1]
    assert one == other
    shown = re.findall(r"^(?:PASS|FAIL) (v/x\[[0-9]\])$", one, re.MULTILINE)
    assert shown == ([name for name in in_turn if name[-2] not in "03"] if options == ("-q",) else in_turn)
    assert one.count("  | of ") == (COUNT if options == ("-vv",) else 4)
    assert one.count("    $ sh units/x.sh ") == (COUNT if options in (("-v",), ("-vv",)) else 0)


def test_in_order_a_build_that_fails_holds_nothing_up(project: Project) -> None:
    variants = {"bad": {"build": ["false"]}, "good": {}}
    project.write({"a": "", "z": "touch started; read -r go <pipe"}, modules={"a": {"weight": 9}}, variants=variants)
    os.mkfifo(project.root / "pipe")
    out = project.root / "out"
    with out.open("wb") as file:
        process = project.start(*RUN, "-j1", "--order", "input", stdout=file)
    eventually("one is printed while the other waits for us", lambda: out.read_bytes() == b"PASS good/a\n")
    (project.root / "pipe").write_text("go\n")
    process.communicate(timeout=60)
    assert out.read_bytes().startswith(b"PASS good/a\nPASS good/z\n\ntiny: ")
    assert process.returncode == 1


def test_in_order_an_interrupted_run_prints_what_it_held(project: Project) -> None:
    project.write({"a": "touch started; sleep 300", "b": "exit 1"}, modules={"a": {"weight": 9}})
    process = project.start(*RUN, "-j2", "--order", "input")
    eventually("one runs, one has ended", lambda: (project.root / "started").exists() and project.statuses())
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out.startswith(b"CANCEL v/a\nFAIL v/b\n    exit status 1\n\ntiny: ")


def test_the_report_lists_failures_in_either_order(small: Project) -> None:
    reports = [small.longpole("run", "-j3", "--order", order).out for order in ("completion", "input")]
    assert len(sections(reports[0])["failures"]) == len(sections(reports[1])["failures"]) == 3
