"""What a run prints besides its units: nothing of make or of rendering, and a verdict in colour."""

import re
from pathlib import Path

import pytest

from tests.project import Project
from tests.terminal import Terminal

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def tiny(project: Project) -> Project:
    return project.write({"a": "", "b": "exit 1"})


@pytest.mark.parametrize(
    ("goal", "colour", "verdict"),
    [("test-v-a", "32", "1 unit: 1 passed"), ("test", "31", "2 units: 1 passed, 1 failed")],
)
def test_the_verdict_is_in_colour_where_colours_are_wanted(tiny: Project, goal: str, colour: str, verdict: str) -> None:
    for command in (("make", goal), ("python", "-m", "longpole", "report")):
        done = tiny.run(*command, FORCE_COLOR="1")
        assert done.out.endswith(f"\n\x1b[{colour}m{verdict}\x1b[0m\n")
        assert set(ESCAPE.findall(done.out)) <= {f"\x1b[{code}m" for code in ("31", "32", "0")}


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"CLICOLOR_FORCE": "0"}])
def test_without_a_terminal_there_are_none(tiny: Project, environ: dict[str, str]) -> None:
    assert "\x1b" not in tiny.make("test", **environ).text
    assert "\x1b" not in tiny.longpole("report", **environ).text


def test_clicolor_force_colours_the_units_too(tiny: Project) -> None:
    assert re.search("^\x1b\\[31mFAIL\x1b\\[0m v/b  ", tiny.make("test", CLICOLOR_FORCE="1").out, re.MULTILINE)


def test_a_report_in_a_file_has_no_colours(tiny: Project) -> None:
    tiny.make("test")
    tiny.longpole("report", "-o", "report.txt", FORCE_COLOR="1")
    assert "\x1b" not in (tiny.root / "report.txt").read_text()


def test_a_terminal_shows_the_verdict_in_colour_and_at_60_columns_no_line_of_the_view_wraps(tiny: Project) -> None:
    with Terminal(tiny, "python", "-m", "longpole", "run", "-j2", columns=60) as terminal:
        assert terminal.wait() == 1
        assert "2 units: 1 passed, 1 failed\n" in terminal.text
        assert b"\x1b[31m2 units: 1 passed, 1 failed\x1b[0m" in terminal.raw
        drawn = [ESCAPE.sub("", line) for line in re.split(r"[\r\n]+", terminal.raw.decode()) if "/2  " in line]
        assert drawn
        assert max(map(len, drawn)) < 60
        assert terminal.is_sane


def test_nothing_is_said_of_rendering_around_a_run(tiny: Project) -> None:
    with (tiny.root / "suite.yaml").open("a") as suite:
        suite.write("\n")
    (tiny.root / "Makefile").unlink()
    assert tiny.longpole("render", "--quiet").text == ""
    (tiny.root / "suite.yaml").write_text((tiny.root / "suite.yaml").read_text().replace('"tiny"', '"other"'))
    out = tiny.make("test-v-a").text
    assert "wrote" not in out
    assert out.startswith("PASS v/a  ")
    assert "\nother: " in out


@pytest.mark.parametrize("goals", [("build",), ("build", "test-v-a"), ("retest",), ("test-v-a", "build")])
def test_make_does_not_say_that_nothing_is_to_be_done(tiny: Project, goals: tuple[str, ...]) -> None:
    tiny.make("test-v-a")
    text = tiny.make(*goals).text
    assert "othing to be done" not in text
    assert "up to date" not in text


def test_one_unit_is_one_unit_everywhere(project: Project) -> None:
    project.write({"a": ""})
    texts = [
        project.make("help").text,
        project.make("list").text,
        project.make("test").text,
        project.longpole("report").text,
        project.longpole("runs", "show").text,
        project.longpole("stress", "v/a", "--count", "1").text,
        project.make("test").text,
        project.longpole("compare").text,
        project.longpole("runs", "remove", "--all").text,
        project.longpole("tune").text,
    ]
    wrong = re.compile(r"\b1 (units|runs|seeds|executions|cores|jobs|chunks|lines)\b")
    assert [found[0] for text in texts if (found := wrong.search(text))] == []


def test_durations_have_one_format(project: Project) -> None:
    project.write({"a": "", "b": "exit 1"})
    texts = [project.make("test").text, project.make("list").text, project.longpole("compare", "last", "last").text]
    assert not re.search(r"\d\.\d+s\b|\b\d+\.\d s\b|\b\d+\.\d{3,} s\b", "\n".join(texts))


def test_docs_use_the_same_format() -> None:
    pages = [Path(__file__).parents[3] / "README.md", *(Path(__file__).parents[3] / "docs").glob("*.md")]
    assert [page.name for page in pages if re.search(r"(?m)^(PASS|FAIL) .* \d+\.\d+s$", page.read_text())] == []
