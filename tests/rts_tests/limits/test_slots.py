"""One machine, many runs: real runs side by side, whose units say in one file when they begin and end."""
# long: runs side by side, which are started and watched by the same few helpers

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project import Project, eventually, shell
from tests.tiers import slow

DIARY = 'diary() { echo "$LONGPOLE_MODULE $1" >>"$DIARY"; }'
BUSY = shell(DIARY, "diary begin", "sleep 0.03", "diary end")

Make = Callable[..., Project]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Projects beside each other, whose runs meet in one folder and whose units write one diary."""
    made = []

    def one(name: str, scripts: dict[str, str], **suite: Any) -> Project:
        project = Project(tmp_path / name, {"DIARY": str(tmp_path / "diary"), "HERE": str(tmp_path)})
        made.append(project)
        return project.write(scripts, **suite)

    yield one
    for project in made:
        project.end()


def diary(project: Project) -> list[tuple[str, str]]:
    """What units wrote so far: (module, what), in order."""
    path = Path(project.environ["DIARY"])
    lines = path.read_text().splitlines() if path.exists() else []
    return [(module, what) for module, what in (line.split(" ", 1) for line in lines)]


def most_at_once(entries: list[tuple[str, str]]) -> int:
    most = running = 0
    for _, what in entries:
        running += {"begin": 1, "end": -1}.get(what, 0)
        most = max(most, running)
    return most


def many(prefix: str, count: int, script: str = BUSY) -> dict[str, str]:
    return {f"{prefix}{number}": script for number in range(count)}


def finish(*processes: "subprocess.Popen[bytes]") -> None:
    """Wait for runs that are to pass."""
    for process in processes:
        out, err = process.communicate()
        assert process.returncode == 0, out and (out + err).decode()


def wait_for(project: Project, module: str, what: str = "begin") -> None:
    eventually(f"{module} has come to {what}", lambda: (module, what) in diary(project))


def say(project: Project, name: str) -> None:
    """Let units that wait for a word of the test go on."""
    (project.root.parent / name).touch()


def until(name: str) -> str:
    return f'while [ ! -e "$HERE/{name}" ]; do sleep 0.01; done'


def output_file(project: Project, *argv: str, **environ: str) -> "tuple[subprocess.Popen[bytes], Path]":
    """A run whose output can be read while it goes on."""
    path = project.root / "output"
    with path.open("wb") as file:
        return project.start(*argv, environ=environ, stdout=file, stderr=file), path


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


# -- slots ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("runs", "slots"), [(2, 1), (2, 2), (3, 2)])
def test_units_of_several_runs_share_the_slots(make: Make, runs: int, slots: int) -> None:
    projects = [make(f"p{run}", many(f"p{run}-", 6), limits={"slots": slots}) for run in range(runs)]
    finish(*[project.start("make", "-j6", "test") for project in projects])
    entries = diary(projects[0])
    assert len(entries) == 2 * 6 * runs
    assert most_at_once(entries) <= slots
    records = [record for project in projects for record in project.records().values()]
    waited = [record for record in records if record["waited_s"] > 0]
    assert waited
    assert {record["waited_for"] for record in waited} == {"slots"}
    assert {record["waited_for"] for record in records if record["waited_s"] == 0} <= {None}


def test_the_variable_wins_over_the_suite(make: Make) -> None:
    project = make("one", many("u", 6), limits={"slots": 6})
    assert project.make("-j6", "test", LONGPOLE_SLOTS="1").status == 0
    assert most_at_once(diary(project)) == 1


def test_auto_is_one_a_core(make: Make) -> None:
    project = make("one", many("u", 6), limits={"slots": "auto"})
    finish(project.start("taskset", "-c", str(min(os.sched_getaffinity(0))), "make", "-j6", "test"))
    assert most_at_once(diary(project)) == 1


@pytest.mark.slow
def test_without_slots_there_is_no_limit_but_jobs(make: Make) -> None:
    limited = make("one", {"holds": shell(DIARY, "diary begin", until("go"))}, limits={"slots": 1})
    free = make("two", {"free": BUSY})
    holding = limited.start("make", "test")
    wait_for(limited, "holds")
    assert free.make("test").status == 0
    say(limited, "go")
    finish(holding)
    assert free.records()["v/free"]["waited_s"] == 0.0
    assert free.records()["v/free"]["waited_for"] is None


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "99999999"])
def test_a_number_of_slots_that_is_none(make: Make, text: str) -> None:
    done = make("one", {"u": BUSY}).make("test", LONGPOLE_SLOTS=text)
    assert done.status == 2
    assert f"LONGPOLE_SLOTS: {text!r} is not a number of slots; give a number from 1 to 65536, or auto" in done.err
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_a_wide_unit_is_not_starved_by_a_stream_of_narrow_ones(make: Make) -> None:
    uneven = "case $LONGPOLE_MODULE in *[02468]) sleep 0.07 ;; *) sleep 0.11 ;; esac"  # so that no two end at once
    narrow = shell(DIARY, "diary begin", f'[ -e "$HERE/it.ran" ] || {uneven}', "diary end")
    stream = make("stream", many("n", 150, narrow), limits={"slots": 2})
    wide = make("wide", {"w": shell(DIARY, "diary begin", 'touch "$HERE/it.ran"', "diary end")}, limits={"slots": 2},
                modules={"w": {"slots": 2}})  # fmt: skip
    streaming = stream.start("make", "-j8", "test")
    wait_for(stream, "n0")
    assert wide.make("test").status == 0
    finish(streaming)
    entries = diary(stream)
    begun = entries.index(("w", "begin"))
    assert entries[begun + 1] == ("w", "end")
    assert most_at_once(entries[: begun + 1]) <= 2
    assert sum(what == "begin" for _, what in entries[begun + 1 :]) > 0, "it began when the stream had ended"


def test_a_unit_wider_than_all_slots_takes_them_all(make: Make) -> None:
    project = make("one", {"wide": BUSY, **many("n", 4)}, limits={"slots": 2}, modules={"wide": {"slots": 9}})
    assert project.make("-j6", "test").status == 0
    entries = diary(project)
    begun = entries.index(("wide", "begin"))
    assert entries[begun + 1] == ("wide", "end")


@pytest.mark.slow
def test_waiting_is_not_charged_to_the_timeout_and_people_are_told_of_it(make: Make) -> None:
    first = make("first", {"holds": shell(DIARY, "diary begin", until("go"))}, limits={"slots": 1})
    second = make("second", {"waits": ""}, limits={"slots": 1, "timeout": 0.9})
    holding = first.start("make", "test")
    wait_for(first, "holds")
    waiting, output = output_file(second, "make", "test")
    eventually("it says what it waits for", lambda: "waiting for slots of other runs" in output.read_text())
    say(first, "go")
    finish(holding, waiting)
    record = second.records()["v/waits"]
    assert record["status"] == "passed"
    assert record["waited_s"] > 0.9
    assert record["wall_s"] < record["waited_s"]


def test_a_run_inside_a_unit_shares_the_place_of_that_unit(make: Make) -> None:
    deep = {"deep": {"exclusive": True, "locks": ["x"]}}
    make("inner", {"deep": BUSY}, limits={"slots": 1}, modules=deep)
    outer = make(
        "outer", {"runs": 'make -C "$HERE/inner" test'}, limits={"slots": 1}, modules={"runs": {"locks": ["x"]}}
    )
    del outer.environ["LONGPOLE_SLOTS_DIR"]  # which units do not see
    done = outer.make("test", XDG_RUNTIME_DIR=outer.environ["HERE"])
    assert done.status == 0, done.text
    assert diary(outer) == [("deep", "begin"), ("deep", "end")]


# -- whatever ends a run, what it held is free -------------------------------------------------------------------------


@pytest.mark.parametrize("victims", [["supervisor"], *slow(["guard"], ["guard", "supervisor"], ["make"])], ids="+".join)
def test_kill_9_frees_what_a_run_held(make: Make, victims: list[str]) -> None:
    held = {"slots": 1, "memory": "1 GiB"}
    alone = {"memory": "1 GiB", "locks": ["port-8080"]}
    first = make("first", {"holds": shell(DIARY, 'echo $$ >"$HERE/pid"', "diary begin", "sleep 300")}, limits=held,
                 modules={"holds": alone})  # fmt: skip
    ended = '! kill -0 "$(cat "$HERE/pid")" 2>/dev/null'
    second = make("second", {"waits": shell(DIARY, "diary begin", ended)}, limits=held, modules={"waits": alone})
    holding = first.start("make", "test")
    wait_for(first, "holds")
    waiting, output = output_file(second, "make", "test")
    eventually("the other waits", lambda: "waiting for the lock port-8080 of other runs" in output.read_text())
    guard = children(holding.pid)[0]
    pids = {"make": holding.pid, "guard": guard, "supervisor": children(guard)[0]}
    for pid in [pids[victim] for victim in victims]:
        os.kill(pid, signal.SIGKILL)
    holding.communicate()
    waiting.wait()
    assert second.statuses()["v/waits"] in ("passed", "failed")
    if victims != ["guard", "supervisor"]:  # then nobody is left who could tell when the unit has ended
        assert second.statuses()["v/waits"] == "passed", "it began before the other's unit had been ended"


def test_what_dead_runs_left_is_removed(make: Make) -> None:
    first = make("first", {"holds": shell(DIARY, "diary begin", "sleep 300")}, limits={"slots": 1})
    second = make("second", {"u": BUSY}, limits={"slots": 1})
    holding = first.start("make", "test")
    wait_for(first, "holds")
    guard = children(holding.pid)[0]
    for pid in (guard, children(guard)[0]):
        os.kill(pid, signal.SIGKILL)
    holding.communicate()
    assert second.make("test").status == 0
    assert sorted(path.name for path in (first.root.parent / "slots").iterdir()) == ["exclusive", "gate", "mutex"]


@pytest.mark.slow
def test_ctrl_c_ends_a_run_that_waits(make: Make) -> None:
    first = make("first", {"holds": shell(DIARY, "diary begin", until("go"))}, limits={"slots": 1})
    second = make("second", many("w", 3), limits={"slots": 1})
    holding = first.start("make", "test")
    wait_for(first, "holds")
    waiting, output = output_file(second, "make", "-j2", "test")
    eventually("it waits", lambda: "waiting for slots" in output.read_text())
    os.killpg(waiting.pid, signal.SIGINT)
    waiting.wait()
    assert "3 units: 3 not run" in output.read_text()
    assert second.statuses() == {}
    say(first, "go")
    finish(holding)
    assert second.make("test").status == 0


def supervisor_of(process: "subprocess.Popen[bytes]") -> int:
    return children(children(process.pid)[0])[0]


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("how", ["ctrl-c", "killed make"])
def test_what_a_run_that_ends_gives_back_starts_none_of_its_own_units(make: Make, how: str) -> None:
    scripts = {"holds": shell(DIARY, "diary begin", "sleep 300"), **many("w", 5)}
    project = make("one", scripts, limits={"slots": 1}, modules={"holds": {"weight": 9}})
    running = project.start("make", "-j6", "test")
    wait_for(project, "holds")
    if how == "ctrl-c":
        os.killpg(running.pid, signal.SIGINT)
    else:
        make_of_units = next(pid for pid in children(supervisor_of(running)) if b"run-units" in command(pid))
        os.kill(make_of_units, signal.SIGKILL)
    running.communicate()
    assert running.returncode != 0
    records = project.records()  # recipes may overtake each other on their way to the line, so some may run before it
    holds = records.pop("v/holds")
    assert holds["status"] == "cancelled"
    assert all(each["started_s"] < holds["started_s"] for each in records.values())
    assert diary(project)[-1] == ("holds", "begin")


def test_what_a_unit_held_is_free_when_it_ends_and_not_when_its_run_does(make: Make) -> None:
    locked = {"locks": ["a"]}
    scripts = {"short": shell(DIARY, "diary begin", until("go"), "diary end"), "long": until("it.ran")}
    first = make("first", scripts, modules={"short": locked})
    second = make("second", {"waits": shell(DIARY, "diary begin", 'touch "$HERE/it.ran"')}, modules={"waits": locked})
    running = first.start("make", "-j2", "test")
    wait_for(first, "short")
    waiting, output = output_file(second, "make", "test")
    eventually("the other waits", lambda: "waiting for the lock a of other runs" in output.read_text())
    say(first, "go")
    finish(waiting, running)


def test_after_the_first_failure_nothing_that_waits_is_started(make: Make) -> None:
    scripts = {"fails": shell(until("go"), "exit 1"), **many("w", 3)}
    project = make("one", scripts, limits={"slots": 1}, modules={"fails": {"weight": 9}})
    running = project.start("make", "-j4", "test", environ={"FAIL_FAST": "1"})
    say(project, "go")
    running.communicate()
    records = project.records()  # recipes may overtake each other on their way to the line, so some may run before it
    failed = records.pop("v/fails")
    assert failed["status"] == "failed"
    assert all(each["started_s"] < failed["started_s"] for each in records.values())


# -- named locks and exclusive units -----------------------------------------------------------------------------------


def test_a_lock_is_held_by_one_unit_of_all_runs(make: Make) -> None:
    both = {"locks": ["port-8080", "db"]}
    one = make("one", many("a", 5), modules={f"a{number}": both for number in range(5)})
    two = make("two", many("b", 5), modules={f"b{number}": {"locks": ["db"]} for number in range(5)})
    finish(one.start("make", "-j5", "test"), two.start("make", "-j5", "test"))
    assert len(diary(one)) == 20
    assert most_at_once(diary(one)) == 1
    waited_for = {record["waited_for"] for each in (one, two) for record in each.records().values()}
    assert waited_for - {None} <= {"the lock db", "the lock port-8080"}


def test_units_without_the_lock_go_by(make: Make) -> None:
    holder = make("one", {"holds": shell(DIARY, "diary begin", until("go"))}, modules={"holds": {"locks": ["a"]}})
    scripts = {"wants": BUSY, "passes": 'touch "$HERE/go"'}
    other = make("two", scripts, modules={"wants": {"locks": ["a"], "weight": 9}}, limits={"slots": 2})
    holding = holder.start("make", "test")
    wait_for(holder, "holds")
    finish(other.start("make", "-j2", "test"), holding)
    assert other.records()["v/wants"]["waited_for"] == "the lock a"
    assert other.records()["v/passes"]["waited_for"] is None


def test_while_an_exclusive_unit_runs_nothing_else_does(make: Make) -> None:
    exclusive = {f"x{number}": {"exclusive": True} for number in range(2)}
    one = make("one", {**many("a", 6), **many("x", 2)}, modules=exclusive)
    two = make("two", {**many("b", 6), "y": BUSY}, modules={"y": {"exclusive": True, "weight": 9}}, limits={"slots": 4})
    light = make("three", many("c", 12))
    finish(*[project.start("make", "-j4", "test") for project in (one, two, light)])
    entries = diary(one)
    assert len(entries) == 2 * (6 + 2 + 6 + 1 + 12)
    for name in ("x0", "x1", "y"):
        begun = entries.index((name, "begin"))
        assert entries[begun + 1] == (name, "end")
        before = entries[:begun]
        assert sum(what == "begin" for _, what in before) == sum(what == "end" for _, what in before)


@pytest.mark.slow
def test_an_exclusive_unit_is_not_starved_by_a_run_that_always_has_a_unit_running(make: Make) -> None:
    script = shell(DIARY, "diary begin", '[ -e "$HERE/it.ran" ] || sleep 0.1', "diary end")
    stream = make("stream", many("n", 150, script))
    alone = make("alone", {"x": shell(DIARY, "diary begin", 'touch "$HERE/it.ran"', "diary end")},
                 modules={"x": {"exclusive": True}})  # fmt: skip
    streaming = stream.start("make", "-j3", "test")
    wait_for(stream, "n0")
    assert alone.make("test").status == 0
    finish(streaming)
    entries = diary(stream)
    begun = entries.index(("x", "begin"))
    assert entries[begun + 1] == ("x", "end")
    assert sum(what == "begin" for _, what in entries[begun + 1 :]) > 0, "it began when the stream had ended"


def test_a_unit_that_is_run_again_keeps_its_places(make: Make) -> None:
    fails = shell(DIARY, "diary begin", "sleep 0.05", "exit 1")
    one = make("one", {"fails": fails}, modules={"fails": {"locks": ["a"], "retries": 3}})
    two = make("two", {"waits": shell(DIARY, "diary begin")}, modules={"waits": {"locks": ["a"]}})
    running = one.start("make", "test")
    wait_for(one, "fails")
    assert two.make("test").status == 0
    running.communicate()
    assert diary(one) == [("fails", "begin")] * 4 + [("waits", "begin")]


# -- the folder --------------------------------------------------------------------------------------------------------


def foreign(tmp_path: Path) -> Path:
    """A folder of another user's."""
    if os.getuid():
        return Path("/usr")
    folder = tmp_path / "foreign"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    return folder


def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.touch()
    return path


def a_link(tmp_path: Path) -> Path:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    return tmp_path / "link"


def open_to_all(tmp_path: Path) -> Path:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    return tmp_path / "open"


def read_only(_: Path) -> Path:
    """A folder in which not even root can make another."""
    return Path("/proc/longpole")


BAD = [
    (foreign, "belongs to another user"),
    (a_file, "here: not a folder"),
    (a_link, "here: not a folder"),
    (open_to_all, "can be written by other users"),
    (read_only, "No such file or directory"),
]


@pytest.mark.parametrize(("folder", "why"), BAD, ids=[each[0].__name__ for each in BAD])
@pytest.mark.slow
def test_a_folder_that_cannot_be_shared(make: Make, tmp_path: Path, folder: Callable[[Path], Path], why: str) -> None:
    path = str(folder(tmp_path))
    done = make("one", {"u": BUSY}, limits={"slots": 1}).make("test", LONGPOLE_SLOTS_DIR=path)
    assert done.status == 2
    (line,) = [line for line in done.err.splitlines() if line.startswith("longpole: ")]
    assert line.startswith(f"longpole: {path}: cannot share slots, memory and locks ")
    assert line.endswith("; set LONGPOLE_SLOTS_DIR to a writable folder of your own")
    assert why in line
    light = make("two", {"u": BUSY}).make("test", LONGPOLE_SLOTS_DIR=path)
    assert light.status == 0, "a run that shares nothing needs no folder"


@pytest.mark.slow
def test_where_the_folder_is_and_who_may_look_into_it(make: Make, tmp_path: Path) -> None:
    project = make("one", {"u": 'ls -ld "$HERE"/*/longpole* >"$HERE/seen"'}, limits={"slots": 1})
    del project.environ["LONGPOLE_SLOTS_DIR"]
    for name in ("runtime", "tmp"):
        (tmp_path / name).mkdir()
    assert project.make("test", XDG_RUNTIME_DIR=str(tmp_path / "runtime")).status == 0
    (line,) = (tmp_path / "seen").read_text().splitlines()
    assert line.startswith("drwx------")
    assert line.endswith("/runtime/longpole")
    (tmp_path / "runtime" / "longpole" / "mutex").unlink()
    assert project.make("test", TMPDIR=str(tmp_path / "tmp")).status == 0
    assert (tmp_path / "tmp" / f"longpole-{os.getuid()}" / "mutex").exists()


def test_units_know_nothing_of_it(make: Make) -> None:
    project = make("one", {"u": "env; ls -l /proc/self/fd"}, limits={"slots": 1})
    assert project.make("test", LONGPOLE_SLOTS="1").status == 0
    assert b"SLOTS" not in project.log("test-v-u")
    assert b"/slots/" not in project.log("test-v-u")
