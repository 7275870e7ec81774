"""A supervisor that ends by an exception: the report names it, its traceback is kept, and nothing is left running."""

from pathlib import Path

import pytest

from longpole.rts_tests.supervise.broken import keep_error, why_killed
from tests.project import Project

RAISES = """
import os
def wait4(*_):
    raise ValueError("two\\nlines, \\x1b[31mred")
if not os.path.exists("mended"):
    os.wait4 = wait4
"""
SHOWN = r"ValueError: two\nlines, \x1b[31mred"


@pytest.fixture
def broken(project: Project, tmp_path: Path) -> Project:
    """A project whose supervisors raise an exception as soon as a child of theirs has ended."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "sitecustomize.py").write_text(RAISES)
    project.use_python_with(tmp_path / "lib")
    project.write({"waits": "test -e mended || sleep 300", "quick": ""}, modules={"waits": {"weight": 9}})
    return project


def test_the_report_names_the_exception_and_where_its_traceback_is(broken: Project) -> None:
    done = broken.make("-j2", "test")
    kept = f".longpole/runs/{broken.last.name}/supervisor-error.txt"
    assert done.status == 2
    assert f"longpole: the supervisor failed: {SHOWN} (a bug in Longpole; the traceback is in {kept});" in done.err
    assert "killed by signal" not in done.text
    assert "Traceback" not in done.text
    assert "\x1b" not in done.text
    assert "2 units: " in done.out
    trace = (broken.root / kept).read_text().splitlines()
    assert trace[0] == SHOWN
    assert trace[2].startswith("Traceback")
    assert any("in wait4" in line for line in trace)
    assert not broken.processes()
    (broken.root / "mended").touch()
    assert broken.make("-j2", "test").status == 0


def test_so_does_the_report_of_executions(broken: Project) -> None:
    done = broken.longpole("stress", "v/quick", "--count", "3")
    assert done.status == 1
    assert f"the supervisor failed: {SHOWN} (a bug in Longpole; the traceback is in .longpole/runs/" in done.out
    assert "supervisor-error.txt), and what it had started was ended; until then:" in done.out
    assert "Traceback" not in done.text


def test_a_traceback_that_cannot_be_kept_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep_error(tmp_path / "nowhere", KeyError("x"))
    assert capsys.readouterr().err == "KeyError: 'x'\n"
    assert why_killed(tmp_path / "nowhere", 9) == "the supervisor was killed by signal 9"


def test_an_exception_of_any_length_is_one_line(tmp_path: Path) -> None:
    keep_error(tmp_path, ValueError("\udc80x" * 10_000))
    assert len(why_killed(tmp_path, 9)) < 500 + len(str(tmp_path))
