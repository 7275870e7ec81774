"""The example in docs/forks.md, pasted into an empty project."""

import re
import shlex

import pytest

from longpole.rts_tests.contracts.debug_ports import REMEDY, wrong_with_fixed
from tests.project import REPOSITORY, Project

PAGE = (REPOSITORY / "docs" / "forks.md").read_text()


def files_of(section: str) -> dict[str, str]:
    """The files of an example: a line that begins with a name in backquotes, and the block after it."""
    return dict(re.findall(r"^`([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```", section, re.DOTALL | re.MULTILINE))


@pytest.mark.slow
def test_the_example_runs_as_it_stands(project: Project) -> None:
    section = PAGE.partition("\n## An example\n")[2].partition("\n## ")[0]
    files = files_of(section)
    assert sorted(files) == ["suite.yaml", "tests/test_parser.py"]
    (project.root / "tests").mkdir()
    for name, text in files.items():
        (project.root / name).write_text(text)
    (project.root / "tests/test_printer.py").write_text("def test_prints():\n    pass\n")
    for line in re.findall(r"^\$ (.*)$", section, re.MULTILINE):
        program, *words = shlex.split(line)
        done = project.longpole(*words) if program == "longpole" else project.make(*words)
        assert done.status == 0, done.text
    assert set(project.statuses()) == {"cpython/unit[fork-0]", "cpython/unit[fork-1]"}
    assert "2 units: 2 passed; 2 cases: 2 passed" in done.out
    assert "--select '*#test_sums'" in section
    done = project.longpole("run", "--select", "*#test_sums")
    assert done.status == 0, done.text
    assert "2 cases: 1 passed, 1 skipped" in done.out


def test_every_kind_of_trouble_is_told_in_the_words_of_the_program() -> None:
    """What the page quotes is in the code."""
    section = PAGE.partition("\n## What goes wrong\n")[2]
    code = "\n".join(path.read_text() for path in (REPOSITORY / "rts_tests").rglob("*.py"))
    for words in (
        "no class is left for this fork",
        "could not be listed",
        "told nothing in Longpole's protocol",
        "did not send fork_completed",
        "did not run",
    ):
        assert words in section
        assert words in code, words
    assert "named no class, so none was run" in code


def test_the_error_of_a_debug_port_is_quoted_as_it_is() -> None:
    assert f": {wrong_with_fixed(5005, 4)}; {REMEDY}\n" in PAGE
