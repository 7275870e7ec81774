"""Running a command and measuring it: wall time, CPU time of all it started, peak memory, and how busy others were.

Machines are noisy, and drift: so contenders take turns, round after round, the turn's order rotating, and what is
reported is the median over rounds with its spread. A first round is not counted: in it every contender reads its
programs from the disk, and writes its caches and what it learns.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO

from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.unit.environment import without_steering

END_GRACE_S = 10.0
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class CannotMeasure(Exception):
    """A command that should have worked did not; the message says which, and how it ended."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of a command. Seconds and bytes; `cpu_s` and `peak_rss_bytes` are over all processes it waited for.

    The peak is that of the largest process, and at least this process's own, from which it was forked. `others` is the
    share of the machine's time that was spent on anything else meanwhile, None where the system does not tell.
    """

    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    others: float | None


@dataclass(frozen=True, slots=True)
class Contender:
    """A command that is measured. `before` is called ahead of each run, `after` behind it; neither is measured.

    With `until`, wall time ends at the time, in nanoseconds since 1970, that the command or what it starts has written
    into that file, and not when the command exits. The file is removed beforehand.
    """

    name: str
    argv: Sequence[str]
    cwd: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    until: Path | None = None


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often contenders take turns: at most `most` times, and, but for the first, not past `seconds`."""

    most: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where and how a benchmark is to measure.

    `scratch` is an empty folder, in memory where there is room; `disk` is one on a disk, None where there is none.
    `against` is the Python of another checkout, whose Longpole is measured in the same rounds. `folders` are projects
    of the user, for `adopt`. `say` shows progress.
    """

    scratch: Path
    disk: Path | None
    quick: bool
    rounds: Rounds
    say: Callable[[str], None]
    against: str | None = None
    folders: tuple[Path, ...] = ()


def environment(folder: Path) -> dict[str, str]:
    """The caller's environment without what steers make and Longpole; what is temporary goes into `folder`.

    The folder of slots is there, too, so that these runs and others on this machine do not wait for one another.
    """
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    kept = {name: value for name, value in without_steering(os.environ).items() if name != "GITHUB_ACTIONS"}
    return {**kept, "TMPDIR": str(temporary), "LONGPOLE_SLOTS_DIR": str(folder / "slots"), "LC_ALL": "C"}


def _busy_s() -> float | None:
    """Seconds that this machine's cores have worked, for anybody, since it was started."""
    try:
        with open("/proc/stat", "rb") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return None
    user, nice, system, _idle, _iowait, irq, softirq, steal = ticks
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _end_group(leader: subprocess.Popen[bytes]) -> None:
    """End a process group: kindly, so that a supervisor ends its units, then not."""
    group = leader.pid
    deadline = time.monotonic() + END_GRACE_S
    try:
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < deadline:
            time.sleep(0.02)
            leader.poll()  # while nobody has waited for it, it counts as there
            os.killpg(group, 0)
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _start(contender: Contender, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """The command's process, the leader of a group of its own; raises `CannotMeasure`."""
    try:
        return subprocess.Popen(
            contender.argv,
            cwd=contender.cwd,
            env=dict(contender.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    except OSError as error:
        raise CannotMeasure(f"{contender.name}: {contender.argv[0]}: {error.strerror}") from None


def once(contender: Contender, output: Path) -> Sample:
    """Run the command once, its output to the file `output`. Raises `CannotMeasure` when it does not exit with 0."""
    if contender.before is not None:
        contender.before()
    if contender.until is not None:
        contender.until.unlink(missing_ok=True)
    busy = _busy_s()
    with output.open("wb") as file:
        begun_ns = time.time_ns()
        begun = time.perf_counter()
        process = _start(contender, file)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end_group(process)
            process.wait()
            raise
        wall_s = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = output.read_text(errors="replace").splitlines()[-8:]
        lines = "".join(f"\n    {line}" for line in tail)
        raise CannotMeasure(f"{contender.name}: exit status {process.returncode}{lines}")
    cpu_s = usage.ru_utime + usage.ru_stime
    now = _busy_s()
    others = None
    if busy is not None and now is not None:
        others = max(0.0, (now - busy - cpu_s) / (wall_s * (os.cpu_count() or 1)))
    if contender.until is not None:
        wall_s = (_time_in(contender.until, contender.name) - begun_ns) / 1e9
    if contender.after is not None:
        contender.after()
    return Sample(wall_s, cpu_s, usage.ru_maxrss * _RSS_UNIT, others)


def _time_in(path: Path, name: str) -> int:
    """The nanoseconds that a command has written; raises `CannotMeasure` when it has not."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        raise CannotMeasure(f"{name}: no time in {path.name}; does `date +%s%N` print nanoseconds here?") from None


@dataclass(frozen=True, slots=True)
class Measured:
    """All samples of one contender, in the order of the rounds."""

    samples: tuple[Sample, ...]

    def values(self, what: Callable[[Sample], float]) -> tuple[float, ...]:
        """One value a round."""
        return tuple(map(what, self.samples))

    @property
    def wall_s(self) -> float:
        """Median wall time."""
        return median(self.values(wall_s))

    @property
    def cpu_s(self) -> float:
        """Median CPU time."""
        return median(self.values(cpu_s))

    @property
    def peak_rss_bytes(self) -> int:
        """The highest peak of any round: memory is no matter of luck."""
        return max(sample.peak_rss_bytes for sample in self.samples)

    @property
    def others(self) -> float | None:
        """Median share of the machine that others used; None where that is not known."""
        known = [sample.others for sample in self.samples if sample.others is not None]
        return median(known) if known else None


def wall_s(sample: Sample) -> float:
    """Seconds from start to exit."""
    return sample.wall_s


def cpu_s(sample: Sample) -> float:
    """Seconds of CPU time."""
    return sample.cpu_s


def interleaved(
    contenders: Sequence[Contender], rounds: Rounds, scratch: Path, say: Callable[[str], None]
) -> dict[str, Measured]:
    """Run every contender once a round, after a round that does not count.

    Returns what was measured, by name. Raises `CannotMeasure`.
    """
    output = scratch / "output.txt"
    for contender in contenders:
        say(f"warming up: {contender.name}")
        once(contender, output)
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    assert len(samples) == len(contenders), "two contenders have one name"
    begun = time.monotonic()
    for number in range(rounds.most):
        taken_s = time.monotonic() - begun
        if number and rounds.seconds is not None and taken_s * (number + 1) / number > rounds.seconds:
            break
        turn = number % len(contenders)
        for contender in (*contenders[turn:], *contenders[:turn]):
            say(f"round {number + 1}/{rounds.most}: {contender.name}")
            samples[contender.name].append(once(contender, output))
    return {name: Measured(tuple(taken)) for name, taken in samples.items()}


def differences(of: Measured, less: Measured, what: Callable[[Sample], float]) -> tuple[float, ...]:
    """What one costs more than the other, a value a round: a slow spell of the machine hits both sides."""
    return tuple(what(one) - what(other) for one, other in zip(of.samples, less.samples, strict=True))


def ratios(of: Measured, to: Measured, what: Callable[[Sample], float]) -> tuple[float, ...]:
    """What one costs as a multiple of the other, a value a round."""
    return tuple(what(one) / what(other) for one, other in zip(of.samples, to.samples, strict=True))


def jobs() -> int:
    """What `-j` is in every benchmark: the budgets are for two."""
    return min(2, usable_cores())
