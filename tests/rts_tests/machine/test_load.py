"""What is learnt from /proc/stat: the slowdown of a thread that computes, and the CPU time that others had."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.load import Load, read_load, write_load
from longpole.rts_tests.machine.load import LoadMeter, parse
from tests.project import Project, eventually

CORES = frozenset(os.sched_getaffinity(0))
TICKS = os.sysconf("SC_CLK_TCK")


def stat(busy: int, idle: int, runnable: int, *, stolen: int = 0, cores: int | None = None) -> str:
    """The text of /proc/stat, the same ticks for each core."""
    numbers = range(max(CORES) + 1 if cores is None else cores)
    lines = [f"cpu{number} {busy} 0 0 {idle} 0 0 0 {stolen} 0 0" for number in numbers]
    return "\n".join(["cpu  1 2 3 4 5 6 7 8 9 10", *lines, "intr 5 0 0", f"procs_running {runnable}", ""])


class Proc:
    """A /proc of our own, whose counters go on as a test wants."""

    def __init__(self, proc: Path) -> None:
        self.proc, self.busy, self.idle, self.stolen = proc, 1000, 1000, 0
        self.cores = max(CORES) + 1
        self.runs(1)

    def runs(self, runnable: int, *, busy_s: float = 0, idle_s: float = 0, stolen_s: float = 0) -> None:
        """Seconds of each core since the last call, and how many threads want to run now; we are one of them."""
        self.busy += round(busy_s * TICKS)
        self.idle += round(idle_s * TICKS)
        self.stolen += round(stolen_s * TICKS)
        (self.proc / "stat").write_text(stat(self.busy, self.idle, runnable, stolen=self.stolen))

    def counts(self, times: dict[int, tuple[float, float]]) -> None:
        """For how long each process ran, and waited for a core, in seconds."""
        for pid, (ran_s, waited_s) in times.items():
            (self.proc / str(pid)).mkdir(exist_ok=True)
            (self.proc / str(pid) / "schedstat").write_text(f"{ran_s * 1e9:.0f} {waited_s * 1e9:.0f} 7\n")


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path)


def test_the_counters_of_the_cores_that_we_may_use() -> None:
    text = "cpu 0\ncpu0 100 10 20 300 30 1 2 40 50 60\ncpu1 1 1 1 1 1 1 1 1 1 1\nprocs_running 7\n"
    found = parse(text, frozenset({0}), 100)
    assert found is not None
    assert asdict(found) == {"busy_s": 1.33, "idle_s": 3.3, "stolen_s": 0.4, "runnable": 7, "machine_cores": 2}


@pytest.mark.parametrize(
    "text", ["", "cpu0 1 2 3\n", "cpu0 0 0 0 0 0 0 0 0 0 0\nprocs_running 1\n", "cpu0 x\n", stat(5, 5, 1)[:-17]]
)
def test_what_says_nothing_is_not_believed(text: str) -> None:
    assert parse(text, frozenset({0}), 100) is None


@given(st.text(alphabet="cpu0123456789 \nprocs_running-.", max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    parse(text, frozenset({0, 1}), 100)


def test_as_many_threads_as_cores_slow_nothing_down(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    proc.runs(1 + proc.cores)
    meter.begin(0.0)
    mark = meter.mark(0.0)
    proc.runs(1 + proc.cores, busy_s=1)
    meter.look(1.0, (), quiet=True)
    assert meter.slowdown(mark, 2.0) == 1.0


def test_three_threads_a_core_take_three_times_as_long(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    proc.runs(1 + 3 * proc.cores)
    meter.begin(0.0)
    for second in range(1, 9):
        proc.runs(1 + 3 * proc.cores, busy_s=1)
        meter.look(float(second), (), quiet=True)
    mark = meter.mark(8.0)
    proc.runs(1 + 3 * proc.cores, busy_s=1)
    meter.look(9.0, (), quiet=True)
    assert meter.slowdown(mark, 10.0) == 3.0


def test_threads_of_a_moment_between_idle_times_do_not_count_fully(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    proc.runs(1 + 3 * proc.cores)
    meter.begin(0.0)
    proc.runs(1 + 3 * proc.cores, busy_s=0.5, idle_s=0.5)
    meter.look(1.0, (), quiet=True)
    assert meter.slowdown(meter.mark(1.0), 2.0) == 2.0


def test_time_that_the_host_gave_to_others_slows_down_as_well(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    meter.begin(0.0)
    proc.runs(1, busy_s=0.5, stolen_s=0.5)
    meter.look(1.0, (), quiet=True)
    assert meter.slowdown(meter.mark(1.0), 2.0) == 2.0


def test_processes_that_the_kernel_counted_for_say_more_than_a_number_of_threads(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    proc.runs(1 + 9 * proc.cores)
    meter.begin(0.0)
    proc.runs(1 + 9 * proc.cores, busy_s=1)
    proc.counts({2**22 + 1: (1.0, 0.5), 2**22 + 2: (0.0, 0.0)})
    meter.look(1.0, [2**22 + 1, 2**22 + 2, 2**22 + 3], quiet=True)
    assert meter.slowdown(meter.mark(1.0), 2.0) == 1.5
    proc.runs(1 + 9 * proc.cores, busy_s=1)
    proc.counts({2**22 + 1: (2.0, 4.25)})
    meter.look(2.0, [2**22 + 1], quiet=True)
    assert meter.slowdown(meter.mark(2.0), 3.0) == pytest.approx(1 + (0.25 + 3.75) / (0.5 + 1.0), abs=1e-3)


@pytest.mark.parametrize("text", ["", "1 2", "x y z", "0 0 0", "1000 2000 1"])
def test_processes_that_say_nothing_leave_the_number_of_threads(proc: Proc, text: str) -> None:
    meter = LoadMeter(str(proc.proc))
    proc.runs(1 + 3 * proc.cores)
    meter.begin(0.0)
    proc.runs(1 + 3 * proc.cores, busy_s=1)
    proc.counts({2**22 + 1: (0.0, 0.0)})
    (proc.proc / str(2**22 + 1) / "schedstat").write_text(text)
    meter.look(1.0, [2**22 + 1], quiet=True)
    assert meter.slowdown(meter.mark(1.0), 2.0) == 3.0


def test_looks_are_rare(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    meter.begin(0.0)
    proc.runs(1 + 9 * proc.cores, busy_s=1)
    meter.look(0.2, (), quiet=True)
    meter.look(0.9, (), quiet=False)
    assert meter.slowdown(meter.mark(0.9), 1.0) == 1.0
    assert meter.next_look == 0.25


@pytest.mark.parametrize("text", [None, "", stat(0, 0, 1)])
def test_a_system_that_does_not_tell(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "stat").write_text(text)
    meter = LoadMeter(str(tmp_path))
    meter.begin(0.0)
    meter.look(5.0, (), quiet=True)
    assert (meter.next_look, meter.slowdown(meter.mark(5.0), 6.0), meter.load(10.0)) == (None, None, None)


def test_the_load_of_a_run(proc: Proc) -> None:
    meter = LoadMeter(str(proc.proc))
    meter.begin(0.0)
    proc.runs(1, busy_s=6, idle_s=3, stolen_s=1)
    load = meter.load(10.0)
    cores = len(CORES)
    assert load is not None
    assert (load.cores, load.busy_s, load.idle_s, load.stolen_s) == (cores, 6.0 * cores, 3.0 * cores, 1.0 * cores)
    assert load.others_s == pytest.approx(7 * cores - load.own_s)
    assert (load.idle_share, load.others_share) == pytest.approx((0.3, load.others_s / load.total_s))


@pytest.mark.parametrize(("busy_s", "now"), [(5, 10.0), (20, 10.0), (0.3, 0.3)])
def test_seconds_that_cannot_be_are_not_told(proc: Proc, busy_s: float, now: float) -> None:
    meter = LoadMeter(str(proc.proc))
    meter.begin(0.0)
    proc.runs(1, busy_s=busy_s)
    assert meter.load(now) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version":2,"cores":1,"busy_s":1,"idle_s":1,"stolen_s":0,"own_s":1}',
        '{"version":1,"cores":0,"busy_s":1,"idle_s":1,"stolen_s":0,"own_s":1}',
        '{"version":1,"cores":1,"busy_s":-1,"idle_s":1,"stolen_s":0,"own_s":1}',
        '{"version":1,"cores":1,"busy_s":NaN,"idle_s":1,"stolen_s":0,"own_s":1}',
        '{"version":1,"cores":1,"busy_s":0,"idle_s":0,"stolen_s":0,"own_s":0}',
        '{"version":1,"cores":1,"busy_s":"1","idle_s":1,"stolen_s":0,"own_s":0}',
        "[" * 100_000,
    ],
)
def test_a_damaged_load_is_unknown(tmp_path: Path, text: str) -> None:
    assert read_load(tmp_path) is None
    (tmp_path / "load.json").write_text(text)
    assert read_load(tmp_path) is None


def test_a_pipe_in_the_place_of_a_load_is_unknown(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "load.json")
    assert read_load(tmp_path) is None


def test_a_load_comes_back(tmp_path: Path) -> None:
    load = Load(cores=2, busy_s=1.5, idle_s=0.5, stolen_s=0.25, own_s=1.0)
    write_load(tmp_path, load)
    assert read_load(tmp_path) == load


def test_every_run_says_what_the_cores_did(project: Project) -> None:
    project.write({"sleeps": "sleep 0.7"}).make("test")
    load = read_load(project.last)
    assert load is not None and load.cores == len(CORES)
    assert 0 <= load.own_s < load.total_s
    assert project.records()["v/sleeps"]["slowdown"] >= 1


@contextmanager
def busy_loops(project: Project, count: int) -> Iterator[None]:
    """Programs that compute beside the run, under way when this returns."""
    started = [project.root / f"computes-{number}" for number in range(count)]
    loops = [project.start("sh", "-c", 'echo >"$0"; while :; do :; done', str(path)) for path in started]
    try:
        eventually("the other programs compute", lambda: all(path.exists() for path in started))
        yield
    finally:
        for loop in loops:
            loop.kill()


@pytest.mark.slow
def test_a_run_beside_others_says_so_and_does_not_learn_their_time(project: Project) -> None:
    computes = "i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done"
    project.write({"computes": computes, "sleeps": "sleep 1"})
    with busy_loops(project, 4 * len(CORES)):
        done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert "machine:  other programs had " in done.out
    record = project.records()["v/computes"]
    (learnt_s,) = project.history()["v/computes"]["durations_s"]
    assert record["slowdown"] > 2
    assert learnt_s < 0.7 * record["wall_s"]
    assert project.history()["v/sleeps"]["durations_s"][0] > 0.9
