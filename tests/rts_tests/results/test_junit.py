"""The files that a unit leaves in its TMPDIR: which are read, and that nothing else is."""

import os
import socket
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results import junit, junit_files
from longpole.rts_tests.results.junit import JunitReader
from longpole.rts_tests.results.told import End, Told

GOOD = '<testsuite name="s"><testcase name="{}"/></testsuite>'


def told(folder: Path, pattern: str, status: Status = Status.PASSED) -> Told:
    return JunitReader(pattern).finish(End(status, 0, str(folder)))


def names(folder: Path, pattern: str) -> list[str]:
    result = told(folder, pattern)
    assert result.problem is None, result.problem
    return [case.name for case in result.cases]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A TMPDIR with reports in several folders; each has one case, of the name of the file."""
    folder = tmp_path / "tmp"
    for path in ("a.xml", "b.xml", "other.txt", ".hidden.xml", "x/c.xml", "x/y/d.xml", ".git/e.xml"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(GOOD.format(Path(path).stem))
    return folder


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a.xml", ["a"]),
        ("./a.xml", ["a"]),
        ("*.xml", ["a", "b"]),
        ("[ab].xml", ["a", "b"]),
        ("?.xml", ["a", "b"]),
        (".*.xml", [".hidden"]),
        ("x/c.xml", ["c"]),
        ("x/*.xml", ["c"]),
        ("*/*.xml", ["c"]),
        ("**/*.xml", ["a", "b", "c", "d"]),
        ("**/**/*.xml", ["a", "b", "c", "d"]),
        ("x/**/*.xml", ["c", "d"]),
        ("**/d.xml", ["d"]),
        ("x/**", ["c", "d"]),
    ],
)
def test_globs(reports: Path, pattern: str, found: list[str]) -> None:
    assert names(reports, pattern) == found


@pytest.mark.parametrize("pattern", ["no.xml", "*.none", "a.xml/b.xml", "../tmp/a.xml", "x/../a.xml"])
def test_no_file_is_a_problem(reports: Path, pattern: str) -> None:
    assert told(reports, pattern).problem == f"no file below $TMPDIR matches {pattern}"


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.TIMEOUT, Status.CRASHED, Status.CANCELLED, Status.ERROR])
def test_but_not_for_a_unit_that_was_skipped_or_ended(reports: Path, status: Status) -> None:
    assert told(reports, "no.xml", status) == Told()


def test_files_without_a_test_are_a_problem(reports: Path) -> None:
    (reports / "empty.xml").write_text("<testsuites/>")
    assert told(reports, "empty.xml").problem == "there is no test in empty.xml"
    assert names(reports, "[ae]*.xml") == ["a"]


def test_a_file_that_cannot_be_read_is_said_and_the_others_count(reports: Path) -> None:
    (reports / "a.xml").write_text("<testsuite>\n<")
    result = told(reports, "*.xml")
    assert [case.name for case in result.cases] == ["b"]
    assert result.problem == "a.xml: line 2: unclosed token"


def test_many_problems_are_counted(reports: Path) -> None:
    for number in range(9):
        (reports / f"bad{number}.xml").touch()
    problem = told(reports, "bad*.xml").problem
    assert problem is not None
    assert problem.endswith("bad4.xml: line 1: no element found (and 4 more)")


def test_no_link_is_followed(reports: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(GOOD.format("secret"))
    (reports / "link.xml").symlink_to(secret)
    (reports / "folder").symlink_to(tmp_path)
    (reports / "up").symlink_to("..")
    result = told(reports, "link.xml")
    assert (result.cases, result.problem) == ((), "link.xml: it is a link, and links are not followed")
    for pattern in ("folder/secret.xml", "*/secret.xml", "**/secret.xml", "up/**/secret.xml"):
        assert told(reports, pattern).cases == ()


def test_a_tmpdir_that_became_a_link_is_not_followed(reports: Path, tmp_path: Path) -> None:
    replaced = tmp_path / "replaced"
    replaced.symlink_to(reports)
    problem = told(replaced, "a.xml").problem
    assert problem is not None
    assert problem.startswith("its TMPDIR cannot be read: ")
    assert told(tmp_path / "gone", "a.xml").problem == "its TMPDIR cannot be read: No such file or directory"


def test_pipes_sockets_devices_and_folders_are_not_opened(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(reports / "pipe.xml")
    (reports / "folder.xml").mkdir()
    monkeypatch.chdir(reports)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket.xml")
    for name in ("pipe.xml", "folder.xml", "socket.xml"):
        assert told(reports, name).problem == f"{name}: it is not a regular file"


def test_a_loop_of_folders_and_too_many_names_end(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (reports / "x" / "loop").symlink_to("..")
    assert names(reports, "**/*.xml") == ["a", "b", "c", "d"]
    monkeypatch.setattr(junit_files, "MAX_NAMES", 5)
    monkeypatch.setattr(junit, "MAX_NAMES", 5)
    problem = told(reports, "**/*.xml").problem
    assert problem == "there are more than 5 names in its TMPDIR; **/*.xml was not read"


def test_folders_of_any_depth_end(tmp_path: Path, deep_trees: None) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    assert told(tmp_path, "**/*.xml").problem == "no file below $TMPDIR matches **/*.xml"


def test_files_that_are_too_large_together_are_not_read_to_their_end(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(junit, "MAX_BYTES", 80)
    result = told(reports, "*.xml")
    assert [case.name for case in result.cases] == ["a"]
    assert result.problem is not None
    assert "b.xml: the files are larger than" in result.problem


def test_no_descriptor_is_left_open(reports: Path) -> None:
    (reports / "bad.xml").write_text("<")
    before = len(os.listdir("/proc/self/fd"))
    for pattern in ("**/*.xml", "no.xml", "x", "a.xml/b"):
        told(reports, pattern)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_name_with_surrogates_is_read(reports: Path) -> None:
    (reports / os.fsdecode(b"\xff.xml")).write_text(GOOD.format("odd"))
    assert names(reports, "*.xml") == ["a", "b", "odd"]
