"""Whose is a process that was left behind: decided by what the kernel tells of it, which is made up here."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.capture import Capture
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.machine import processes
from longpole.rts_tests.unit import leftovers
from longpole.rts_tests.unit.attempts import SAME
from longpole.rts_tests.unit.leftovers import Leftovers
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit

STRANGER = 4_000_001


@dataclass
class Kernel:
    """What it says of our children: their environment, process group, and age in seconds."""

    environ: dict[int, bytes] = field(default_factory=dict)
    group: dict[int, int] = field(default_factory=dict)
    age_s: dict[int, float | None] = field(default_factory=dict)

    def has(self, pid: int = STRANGER, *, environ: bytes = b"", group: int = 0, age_s: float | None = 1.0) -> None:
        """There is such a child."""
        self.environ[pid] = environ
        self.group[pid] = group or pid
        self.age_s[pid] = age_s


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()

    def started_at(pid: int) -> float | None:
        age_s = made.age_s[pid]
        return None if age_s is None else time.clock_gettime(time.CLOCK_BOOTTIME) - age_s

    monkeypatch.setattr(processes, "children_of", lambda _: list(made.environ))
    monkeypatch.setattr(processes, "environment_of", lambda pid: made.environ[pid])
    monkeypatch.setattr(processes, "started_at", started_at)
    monkeypatch.setattr(os, "getpgid", lambda pid: made.group[pid])
    return made


def running(token: int, name: str, began_ago_s: float, tmp_path: Path) -> RunningUnit:
    """A unit that began so long ago, as the process 100 + `token`."""
    seeds = Seeds((), "takes none")
    began = time.monotonic() - began_ago_s
    attempt = RunningAttempt(kind=SAME, seeds=seeds, command=("true",), started=began, pid=100 + token)
    return RunningUnit(
        token=token, unit=Unit("v", name, None, 0, 0, 1.0, "weight", False), asked_by=f"test-v-{name}", seeds=seeds,
        command=("true",), capture=Capture(str(tmp_path / name), 100), lane=0, started_at=0.0, attempt=attempt,
    )  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> RunningUnit:
    return running(1, "old", 100.0, tmp_path)


@pytest.fixture
def young(tmp_path: Path) -> RunningUnit:
    return running(2, "young", 10.0, tmp_path)


def test_a_process_that_names_its_unit_is_of_that_unit_whenever_it_began(
    kernel: Kernel, old: RunningUnit, young: RunningUnit
) -> None:
    kernel.has(environ=b"A=b\0LONGPOLE_UNIT=v/young\0", age_s=1000.0)
    known = Leftovers()
    assert known.of(old, (), [old, young]) == []
    assert known.of(young, (), [old, young]) == [STRANGER]


def test_a_process_in_a_unit_s_group_is_of_that_unit(kernel: Kernel, old: RunningUnit, young: RunningUnit) -> None:
    kernel.has(group=102)
    known = Leftovers()
    assert known.of(old, (), [old, young]) == []
    assert known.of(young, (), [old, young]) == [STRANGER]


def test_what_a_build_left_on_purpose_is_of_no_unit(kernel: Kernel, old: RunningUnit) -> None:
    kernel.has(environ=b"LONGPOLE_BUILD=v\0")
    assert Leftovers().of(old, (), [old]) == []


def test_a_process_that_was_there_before_the_unit_is_not_of_it(kernel: Kernel, old: RunningUnit) -> None:
    kernel.has(age_s=200.0)
    assert Leftovers().of(old, (), [old]) == []


def test_one_that_began_while_the_unit_ran_is(kernel: Kernel, old: RunningUnit) -> None:
    kernel.has(age_s=50.0)
    assert Leftovers().of(old, (), [old]) == [STRANGER]


def test_it_is_of_the_last_unit_to_end_that_it_may_be_of(kernel: Kernel, old: RunningUnit, young: RunningUnit) -> None:
    kernel.has(age_s=5.0)
    known = Leftovers()
    assert known.of(old, (), [old, young]) == []
    assert known.of(young, (), [young]) == [STRANGER]
    assert known.others([STRANGER], young) == ["v/old"]


def test_it_is_not_of_a_unit_that_began_after_it(kernel: Kernel, old: RunningUnit, young: RunningUnit) -> None:
    kernel.has(age_s=50.0)
    known = Leftovers()
    assert known.of(young, (), [old, young]) == []
    assert known.of(old, (), [old]) == [STRANGER]
    assert known.others([STRANGER], old) == []


def test_what_is_ours_is_nobody_s(kernel: Kernel, old: RunningUnit) -> None:
    kernel.has()
    assert Leftovers().of(old, {STRANGER}, [old]) == []


def test_one_of_which_the_kernel_does_not_tell_the_age_is_nobody_s(kernel: Kernel, old: RunningUnit) -> None:
    kernel.has(age_s=None)
    assert Leftovers().of(old, (), [old]) == []


def test_a_number_that_is_used_again_is_another_process(
    kernel: Kernel, old: RunningUnit, young: RunningUnit, tmp_path: Path
) -> None:
    kernel.has(age_s=5.0)
    known = Leftovers()
    known.of(old, (), [old, young])
    known.gone(STRANGER)
    later = running(3, "later", 2.0, tmp_path)
    kernel.has(age_s=1.0)
    assert known.of(later, (), [later]) == [STRANGER]
    assert known.others([STRANGER], later) == []


def test_its_environment_is_asked_for_again_too(kernel: Kernel, old: RunningUnit) -> None:
    kernel.has(environ=b"LONGPOLE_UNIT=v/old\0")
    known = Leftovers()
    assert known.of(old, (), [old]) == [STRANGER]
    known.gone(STRANGER)
    kernel.has(environ=b"LONGPOLE_BUILD=v\0")
    assert known.of(old, (), [old]) == []


def test_the_marks_are_those_that_processes_get() -> None:
    assert leftovers.BUILD_MARK == b"LONGPOLE_BUILD="
