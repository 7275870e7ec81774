"""Measuring: whose turn it is, what counts, and what a command is measured by."""

import os
import stat
from pathlib import Path

import pytest

from bench.measure import (
    CannotMeasure,
    Contender,
    Measured,
    Rounds,
    Sample,
    differences,
    environment,
    interleaved,
    once,
    ratios,
    wall_s,
)


def _silent(_text: str) -> None:
    return None


def _shell(name: str, script: str, folder: Path, until: Path | None = None) -> Contender:
    return Contender(name, ("sh", "-c", script), folder, {"PATH": os.environ["PATH"]}, until=until)


def _measured(*seconds: float) -> Measured:
    return Measured(tuple(Sample(each, each, 0, None) for each in seconds))


def test_contenders_take_turns_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    contenders = [_shell(name, f"echo {name} >> order", tmp_path) for name in "abc"]
    measured = interleaved(contenders, Rounds(2), tmp_path, _silent)
    assert (tmp_path / "order").read_text().split() == [*"abc", *"abc", *"bca"]
    assert {name: len(each.samples) for name, each in measured.items()} == {"a": 2, "b": 2, "c": 2}


def test_no_round_is_begun_that_would_not_fit_into_the_time(tmp_path: Path) -> None:
    measured = interleaved([_shell("a", "exit 0", tmp_path)], Rounds(1000, 0.0), tmp_path, _silent)
    assert len(measured["a"].samples) == 1


def test_a_command_may_say_itself_when_what_is_measured_was_there(tmp_path: Path) -> None:
    began = tmp_path / "began"
    began.write_text("of the round before")
    sample = once(_shell("a", "[ ! -e began ] && echo 9000000000000000000 > began", tmp_path, began), tmp_path / "log")
    assert sample.wall_s > 10**9


def test_a_command_that_does_not_say_so_cannot_be_measured(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="a: no time in began"):
        once(_shell("a", "echo %N > began", tmp_path, tmp_path / "began"), tmp_path / "log")


def test_a_command_that_fails_cannot_be_measured_and_its_output_is_shown(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="a: exit status 3\n    because"):
        once(_shell("a", "echo because >&2; exit 3", tmp_path), tmp_path / "log")


def test_differences_and_ratios_are_taken_within_a_round() -> None:
    one, other = _measured(3.0, 30.0, 5.0), _measured(1.0, 10.0, 4.0)
    assert differences(one, other, wall_s) == (2.0, 20.0, 1.0)
    assert ratios(one, other, wall_s) == (3.0, 3.0, 1.25)


def test_what_is_measured_is_steered_by_nobody_and_waits_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SEED", "MAKEFLAGS", "LONGPOLE_STATE", "GITHUB_ACTIONS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LONGPOLE_SLOTS_DIR", "/elsewhere")
    monkeypatch.setenv("KEPT", "1")
    environ = environment(tmp_path)
    assert not environ.keys() & {"SEED", "MAKEFLAGS", "LONGPOLE_STATE", "GITHUB_ACTIONS"}
    assert environ["KEPT"] == "1"
    assert environ["LONGPOLE_SLOTS_DIR"] == str(tmp_path / "slots")
    assert stat.S_ISDIR(os.stat(environ["TMPDIR"]).st_mode)
    assert Path(environ["TMPDIR"]).is_relative_to(tmp_path)


def test_a_command_that_is_not_there_cannot_be_measured(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="a: nowhere: No such file or directory"):
        once(Contender("a", ("nowhere",), tmp_path, {"PATH": os.environ["PATH"]}), tmp_path / "log")
