"""Other runners are given the same commands, in the same order; one that is missing is named."""

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import tools
from bench.measure import once
from bench.nextest import nextest
from bench.tools import RUNNERS, Work, bare_make, runners

PATH = {"PATH": os.environ["PATH"]}


def _work(folder: Path, names: str = "cab") -> Work:
    working = folder / "working"
    working.mkdir()
    commands = [["sh", "-c", f"echo '{name}' $PWD \"it's\\\\\" >> {folder}/ran"] for name in names]
    return Work(commands, working, PATH)


def _ran(folder: Path) -> list[str]:
    return [line.split()[0] for line in (folder / "ran").read_text().splitlines()]


def test_a_bare_makefile_runs_every_command_once(tmp_path: Path) -> None:
    work = _work(tmp_path)
    once(bare_make(tmp_path / "bare", work.commands, PATH, "bare make"), tmp_path / "log")
    assert sorted(_ran(tmp_path)) == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["xargs", "pytest, a process a unit", "pytest, a process a unit, JUnit"])
def test_a_runner_runs_every_command_once_in_its_folder(tmp_path: Path, name: str) -> None:
    work = _work(tmp_path)
    (contender,), left_out = runners([name], work, tmp_path, ", heaviest first")
    once(contender, tmp_path / "log")
    assert left_out == []
    assert contender.name == f"{name}, heaviest first"
    assert sorted(_ran(tmp_path)) == ["a", "b", "c"]
    assert {line.split()[1] for line in (tmp_path / "ran").read_text().splitlines()} == {str(work.working)}


@pytest.mark.parametrize("name", ["pytest, empty functions, JUnit", "pytest, a process a unit, JUnit"])
def test_with_junit_a_case_a_unit_is_written(tmp_path: Path, name: str) -> None:
    (contender,), _ = runners([name], _work(tmp_path), tmp_path)
    once(contender, tmp_path / "log")
    (path,) = tmp_path.glob("with-*/junit.xml")
    assert len(ElementTree.parse(path).findall(".//testcase")) == 3


def test_without_junit_none_is_written(tmp_path: Path) -> None:
    (contender,), _ = runners(["pytest, empty functions"], _work(tmp_path), tmp_path)
    once(contender, tmp_path / "log")
    assert list(tmp_path.glob("with-*/junit.xml")) == []


def test_runners_that_sort_are_told_to_keep_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda name: f"/tools/{name}")
    monkeypatch.setattr(tools, "once", lambda *_: None)
    ctest, learnt, lit, meson = runners(["CTest", "CTest, learnt", "lit", "meson, JUnit"], _work(tmp_path), tmp_path)[0]
    tests = (ctest.cwd / "CTestTestfile.cmake").read_text()
    assert [f"add_test(u{index} [==[sh]==] [==[-c]==]" in tests for index in range(3)] == [True] * 3
    assert [f"u{index} PROPERTIES COST {3 - index}" in tests for index in range(3)] == [True] * 3
    assert "COST" not in (learnt.cwd / "CTestTestfile.cmake").read_text()
    assert "--order=lexical" in lit.argv
    files = sorted((tmp_path / "with-lit").glob("*.test"))
    assert [path.read_text().split("'\"'\"'")[1] for path in files] == ["c", "a", "b"]
    text = (meson.cwd / "meson.build").read_text()
    assert [f"priority: {3 - index}," in text for index in range(3)] == [True] * 3
    assert r"""it\'s\\\\""" in text


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda name: None)
    monkeypatch.setattr(tools, "find_spec", lambda name: None if name == "xdist" else object())
    found, left_out = runners(list(RUNNERS), _work(tmp_path), tmp_path)
    assert [contender.name for contender in found] == ["pytest, empty functions", "pytest, empty functions, JUnit"]
    assert "CTest, JUnit: ctest is not installed" in left_out
    assert "pytest, a process a unit: xdist is not installed" in left_out
    assert len(found) + len(left_out) == len(RUNNERS)


def test_nextest_is_named_when_it_or_cargo_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.nextest.find", lambda name: None if name == "cargo-nextest" else name)
    assert nextest(3, {}, tmp_path) == ([], ["nextest: cargo-nextest is not installed"])
    monkeypatch.setattr("bench.nextest.find", lambda name: None)
    assert nextest(3, {}, tmp_path) == ([], ["nextest: cargo is not installed"])


def test_nextest_that_cannot_be_prepared_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.nextest.find", lambda name: "false")
    contenders, left_out = nextest(3, PATH, tmp_path)
    assert contenders == []
    assert left_out == ["nextest: cargo test: exit status 1"]
