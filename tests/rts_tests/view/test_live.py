"""The live view, on a real terminal: what a person sees of a run, and the terminal as it is left."""

import os
import pty
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.capture import Capture
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.unit.attempts import SAME
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit
from longpole.rts_tests.view.lines import Lines
from longpole.rts_tests.view.live import CLOCK_S, REDRAW_S, Live
from tests.made_up import record
from tests.project import Project, eventually, shell, tool
from tests.terminal import Terminal

RUN = (sys.executable, "-m", "longpole", "run")
BAR = re.compile(r"^\[#*\.*\] ([0-9]+)/([0-9]+)")


def waiting(project: Project, names: str, **options: object) -> Project:
    """Units that end when `release` lets them, the first listed first."""
    listed = names.split()
    scripts = {name: f'touch started.{name}; read -r status <pipe.{name}; exit "$status"' for name in listed}
    project.write(scripts, modules={name: {"weight": 99 - number} for number, name in enumerate(listed)}, **options)  # type: ignore[arg-type]
    for name in listed:
        os.mkfifo(project.root / f"pipe.{name}")
    return project


def release(project: Project, names: str, status: int = 0) -> None:
    """Let units end, which have started, with a status."""
    for name in names.split():
        (project.root / f"pipe.{name}").write_text(f"{status}\n")


def region(terminal: Terminal) -> list[str]:
    """The live region: from the last bar on."""
    lines = terminal.text.splitlines()
    bars = [index for index, line in enumerate(lines) if BAR.match(line)]
    return lines[bars[-1] :] if bars else []


def progress(terminal: Terminal) -> tuple[int, int]:
    """What the bar says."""
    match = BAR.match(next(iter(region(terminal)), ""))
    return (int(match[1]), int(match[2])) if match else (-1, -1)


def rows(terminal: Terminal) -> list[str]:
    """Ids of running units that are shown; which of two was first is make's affair."""
    return sorted(line.split()[0] for line in region(terminal)[1:])


def test_a_run_from_its_first_unit_to_its_report(project: Project) -> None:
    waiting(project, "a b c d")
    with Terminal(project, *RUN, "-j2") as terminal:
        terminal.until("two units run", lambda: progress(terminal) == (0, 4) and rows(terminal) == ["v/a", "v/b"])
        bar, first, second = region(terminal)
        first, second = sorted((first, second))
        assert re.fullmatch(r"  v/a  +[0-9]+ s of 1 min 39 s", first)
        assert re.fullmatch(r"  v/b  +[0-9]+ s of 1 min 38 s", second)
        assert re.search(r"0/4  about [34] min left$", bar)
        release(project, "a")
        terminal.until("the next one runs", lambda: progress(terminal) == (1, 4) and rows(terminal) == ["v/b", "v/c"])
        assert "PASS" not in terminal.text
        release(project, "b", 3)
        terminal.until("it has failed", lambda: progress(terminal) == (2, 4) and rows(terminal) == ["v/c", "v/d"])
        assert re.fullmatch(r"FAIL v/b  [0-9.]+ s\n    exit status 3\n\[#+\.+\] 2/4  1 failed  .*", above(terminal))
        release(project, "c d")
        assert terminal.wait() == 1
        assert re.match(r"FAIL v/b  [0-9.]+ s\n    exit status 3\n\ntiny: commit ", terminal.text)
        assert "\n4 units: 3 passed, 1 failed\n" in terminal.text
        assert region(terminal) == []
        assert terminal.is_sane


def above(terminal: Terminal) -> str:
    """Everything down to the bar."""
    return "\n".join(terminal.text.splitlines()[: 1 - len(region(terminal)) or None])


def test_make_shows_the_same_when_a_variable_asks_for_it(project: Project) -> None:
    waiting(project, "a")
    with Terminal(project, "make", "test", "LONGPOLE_VIEW=live") as terminal:
        terminal.until("the unit runs", lambda: rows(terminal) == ["v/a"])
        release(project, "a")
        assert terminal.wait() == 0
        assert terminal.is_sane


def test_what_units_print_before_builds_end_stays_above(project: Project) -> None:
    waiting(project, "a", defaults={"build": ["echo", "building"]})
    with Terminal(project, *RUN) as terminal:
        terminal.until("the unit runs", lambda: rows(terminal) == ["v/a"])
        assert above(terminal).startswith("v: building\n[")
        release(project, "a")
        terminal.wait()
        assert terminal.text.startswith("v: building\n\ntiny:")


@pytest.mark.parametrize(
    ("environ", "colours"),
    [({"CI": "true"}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"LONGPOLE_VIEW": "plain"}, True)],
)
def test_where_there_is_no_live_view(project: Project, environ: dict[str, str], colours: bool) -> None:
    project.write({"a": "", "b": "echo said; exit 1"})
    with Terminal(project, *RUN, "-j1", environ=environ) as terminal:
        assert terminal.wait() == 1
        assert re.match(
            r"PASS v/a  [0-9.]+ s\nFAIL v/b  [0-9.]+ s\n    exit status 1\n  \| said\n\ntiny", terminal.text
        )
        codes = set(re.findall(rb"\x1b\[?[0-9;?]*[@-~]", terminal.raw))
        assert codes == ({b"\x1b[32m", b"\x1b[31m", b"\x1b[0m"} if colours else set())


def test_ctrl_c_leaves_a_report_and_a_sane_terminal(project: Project) -> None:
    waiting(project, "a b")
    with Terminal(project, *RUN, "-j2") as terminal:
        terminal.until("both run", lambda: rows(terminal) == ["v/a", "v/b"])
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        assert re.search(r"CANCEL v/[ab]  [0-9.]+ s\nCANCEL v/[ab]  [0-9.]+ s\n\ntiny: ", terminal.text)
        assert "\n2 units: 2 cancelled\n" in terminal.text
        assert region(terminal) == []
        assert terminal.is_sane
    assert not project.processes()


@pytest.mark.slow
def test_ctrl_c_twice_does_not_wait(project: Project) -> None:
    deaf = shell("trap 'touch heard' TERM", "touch started", "while :; do sleep 0.05; done")
    project.write({"deaf": deaf}, limits={"grace": 3000})
    with Terminal(project, *RUN) as terminal:
        terminal.until("it runs", lambda: rows(terminal) == ["v/deaf"] and (project.root / "started").exists())
        terminal.type(b"\x03")
        terminal.until("the unit heard of it", (project.root / "heard").exists)
        while any("deaf.sh" in command for command in project.processes().values()):
            terminal.type(b"\x03")  # one that comes within a second of the first is taken for the same
            terminal.read(0.2)
        assert terminal.wait() == 130
        assert "\n1 unit: 1 cancelled\n" in terminal.text
        assert terminal.is_sane


@pytest.mark.slow
def test_ctrl_z_and_fg_in_a_shell(project: Project) -> None:
    waiting(project, "a b")
    environ = {"PS1": "ready> ", "RUN": " ".join(RUN)}
    with Terminal(project, tool("bash"), "--norc", "--noprofile", "--noediting", "-i", environ=environ) as terminal:
        terminal.until("the shell is there", lambda: terminal.text.endswith("ready>\n"))
        terminal.type(b"$RUN -j2\n")
        terminal.until("both run", lambda: rows(terminal) == ["v/a", "v/b"])
        terminal.type(b"\x1a")
        terminal.until("it is stopped", lambda: re.search(r"Stopped .*\nready>\n\Z", terminal.text))
        stopped = [pid for pid, command in project.processes().items() if "pipe" in command or "sh units/" in command]
        eventually("the units are, too", lambda: {_state(pid) for pid in stopped} == {"T"})
        terminal.type(b"echo $((6 * 7))\n")
        terminal.until("the shell works", lambda: terminal.text.endswith("\n42\nready>\n"))
        terminal.type(b"fg\n")
        terminal.until("it is drawn again", lambda: region(terminal)[-2:] != [] and rows(terminal) == ["v/a", "v/b"])
        assert "\n42\nready> fg\n" in terminal.text
        release(project, "a b")
        terminal.until("it ends", lambda: re.search(r"\n2 units: 2 passed\n(.*\n)*ready>\n\Z", terminal.text))
        terminal.type(b"echo status $?; stty -a\n")
        terminal.until("the shell tells", lambda: "\nstatus 0\n" in terminal.text and " echo " in terminal.text)
        terminal.type(b"exit\n")
        assert terminal.wait() == 0


@pytest.mark.slow
def test_in_the_background_lines_are_added_and_nothing_is_moved(project: Project) -> None:
    waiting(project, "a b")
    environ = {"PS1": "ready> ", "RUN": " ".join(RUN)}
    with Terminal(project, tool("bash"), "--norc", "--noprofile", "--noediting", "-i", environ=environ) as terminal:
        terminal.until("the shell is there", lambda: terminal.text.endswith("ready>\n"))
        terminal.type(b"$RUN -j2 &\n")
        started = [project.root / f"started.{name}" for name in "ab"]
        terminal.until("both run", lambda: all(path.exists() for path in started))
        release(project, "a", 1)
        terminal.until("one has failed", lambda: "FAIL v/a " in terminal.text and "    exit status 1" in terminal.text)
        assert region(terminal) == []
        release(project, "b")
        terminal.until("it ends", lambda: "\n2 units: 1 passed, 1 failed\n" in terminal.text)
        assert not re.search(rb"\x1b\[[0-9]*[AJK]", terminal.raw)
        terminal.type(b"exit\n")
        terminal.wait()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_sixty_columns_twenty_rows_and_the_longest_names(project: Project) -> None:
    modules = {f"{'m' * 98}{number:02d}": {"weight": 99 - number} for number in range(20)}
    project.write({name: "read -r go <pipe" for name in modules}, modules=modules, variants={"v" * 100: {}})
    os.mkfifo(project.root / "pipe")
    with Terminal(project, *RUN, "-j20", columns=60, rows=20) as terminal:
        terminal.until("all run", lambda: region(terminal)[-1:] == ["  and 12 more"])
        shown = region(terminal)
        assert len(shown) == 10
        assert all(re.fullmatch(r"  v+\.\.\.m+[0-9]{2}  [0-9]+ s of 1 min [0-9]{2} s", line) for line in shown[1:-1])
        assert len(terminal.lines) == 20  # nothing has scrolled off: no line was wrapped
        (project.root / "pipe").write_text("go\n" * 20)
        terminal.wait()
        assert terminal.is_sane


def test_a_window_that_is_made_smaller(project: Project) -> None:
    waiting(project, "a b")
    with Terminal(project, *RUN, "-j2", columns=100, rows=40) as terminal:
        terminal.until("both run", lambda: rows(terminal) == ["v/a", "v/b"])
        terminal.resize(30, 4)
        release(project, "a")
        terminal.until("it fits", lambda: (progress(terminal), rows(terminal)) == ((1, 2), []))
        assert re.fullmatch(r"\[#+\.+\] 1/2  (about [0-9]+ (s|min) left|almost done)", region(terminal)[0])
        release(project, "b")
        assert terminal.wait() == 0
        assert terminal.is_sane


def test_the_smallest_terminal(project: Project) -> None:
    waiting(project, "a")
    with Terminal(project, *RUN, columns=1, rows=1) as terminal:
        terminal.until("something is drawn", lambda: b"\x1b[J" in terminal.raw)
        release(project, "a")
        assert terminal.wait() == 0


HOSTILE = r"printf '\033[2J\033[H\033[?25l\033]0;title\007\033c\033[31mred\r\233J\010\177 \302\233 over\n'; exit 1"


def test_hostile_output_does_not_move_the_cursor(project: Project) -> None:
    waiting(project, "a")
    (project.root / "units" / "z.sh").write_text(HOSTILE)
    project.write({"z": HOSTILE, "a": (project.root / "units" / "a.sh").read_text()})
    with Terminal(project, *RUN, "-j2", "-vv") as terminal:
        terminal.until("one has failed", lambda: progress(terminal) == (1, 2) and rows(terminal) == ["v/a"])
        assert "\n  | red\n" in terminal.text
        release(project, "a")
        terminal.wait()
        codes = set(re.findall(rb"\x1b(?:\[[0-9;?]*)?.", terminal.raw))
        assert all(re.fullmatch(rb"\x1b\[([0-9;]*m|[JK]|[0-9]+A)", code) for code in codes), codes
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]", terminal.raw)
        assert terminal.is_sane


def test_in_plan_order_a_failure_waits_for_its_turn(project: Project) -> None:
    waiting(project, "a b")
    with Terminal(project, *RUN, "-j2", "--order", "input") as terminal:
        terminal.until("both run", lambda: rows(terminal) == ["v/a", "v/b"])
        release(project, "b", 1)
        terminal.until("one has ended", lambda: progress(terminal) == (1, 2))
        assert "FAIL" not in terminal.text
        release(project, "a", 1)
        terminal.wait()
        assert terminal.text.startswith("FAIL v/a\n    exit status 1\nFAIL v/b\n    exit status 1\n\ntiny: ")


@pytest.mark.slow
def test_a_killed_supervisor_leaves_a_sane_terminal_and_a_report(project: Project) -> None:
    waiting(project, "a b")
    with Terminal(project, *RUN, "-j2") as terminal:
        terminal.until("both run", lambda: rows(terminal) == ["v/a", "v/b"])
        pids = [pid for pid, command in project.processes().items() if "supervise" in command]
        os.kill(max(pids), 9)
        assert terminal.wait() == 1
        assert "\n2 units: 2 not run\n" in terminal.text
        assert terminal.is_sane


# -- the view by itself: what it does at which time -------------------------------------------------------------


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def made(theirs: int, count: int = 2) -> tuple[Live, list[RunningUnit]]:
    """A live view of so many units, and the first of them, which begin at 1000 s."""
    units = [Unit("v", f"m{number}", None, 0, 0, 10.0, "weight", False) for number in range(count)]
    live = Live(theirs, Lines(colour=True), None, jobs=2, flaky_passes=False)
    live.begin(units)
    seeds = Seeds((), "none")
    return live, [
        RunningUnit(
            token=number,
            unit=unit,
            asked_by=unit.target,
            seeds=seeds,
            capture=Capture("/nonexistent", 1024),
            lane=number,
            started_at=0.0,
            command=("true",),
            attempt=RunningAttempt(kind=SAME, seeds=seeds, command=("true",), started=1000.0),
        )
        for number, unit in enumerate(units[:40])
    ]


def drawn(ours: int) -> str:
    return os.read(ours, 65536).decode()


def test_nobody_is_woken_before_the_first_unit_and_after_the_last(ends: tuple[int, int]) -> None:
    live, (one, _) = made(ends[1])
    assert live.next_tick is None
    live.started(one)
    assert live.next_tick is not None
    live.tick(1000.0)
    live.finished(record("v/m0", target="test-v-m0"), lambda _: [])
    live.tick(1001.0)
    assert live.next_tick is None
    live.close()
    assert live.next_tick is None


def test_there_are_ten_redraws_a_second_when_much_happens_and_one_when_nothing_does(ends: tuple[int, int]) -> None:
    live, (one, two) = made(ends[1])
    live.started(one)
    live.tick(1000.0)
    assert "m0" in drawn(ends[0])
    assert live.next_tick == 1000.0 + CLOCK_S
    live.started(two)
    assert live.next_tick == 1000.0 + REDRAW_S
    live.tick(1000.0 + REDRAW_S / 2)
    live.tick(1000.0 + REDRAW_S)
    assert drawn(ends[0]).count("0/2") == 1
    live.tick(1003.0)
    assert "3 s of 10 s" in drawn(ends[0])


def test_a_terminal_that_does_not_tell_its_size_is_an_old_one(ends: tuple[int, int]) -> None:
    live, (one, _) = made(ends[1])  # nobody has told it
    live.started(one)
    live.tick(1000.0)
    bar = drawn(ends[0]).splitlines()[0]
    assert len(re.sub(r"\x1b\[[0-9]*[A-Zm]", "", bar)) > 60


def test_time_in_which_the_run_is_stopped_does_not_count(ends: tuple[int, int]) -> None:
    live, (one, _) = made(ends[1])
    live.started(one)
    live.tick(1001.0)
    assert "1 s of 10 s" in drawn(ends[0])
    one.attempt.paused_s += 500.0
    live.resumed(500.0)
    assert live.next_tick is not None
    assert live.next_tick <= 1501.5
    live.tick(1501.5)
    text = drawn(ends[0])
    assert "  1 s of 10 s" in text
    assert not re.search(r"\x1b\[[0-9]+A", text)  # what is above is the shell's now


def test_what_make_says_comes_above_the_region(ends: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longpole.rts_tests.view.live.STDERR", ends[1])
    live, (one, _) = made(ends[1])
    live.started(one)
    live.message(b"make: \x1b[2Jwarning\n")
    live.tick(1000.0)
    assert re.match(r"make: warning\r\n\x1b\[K\[\.+\] 0/2", drawn(ends[0]))


def test_a_hundred_thousand_units(ends: tuple[int, int]) -> None:
    live, units = made(ends[1], 100_000)
    for each in units:
        live.started(each)
    live.tick(1000.0)
    text = drawn(ends[0])
    assert "0/100000" in text
    assert text.count("\n") <= 12
    assert "and 30 more" in text
