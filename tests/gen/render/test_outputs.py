"""`longpole render`: what is written, what is left alone, and what `--check` says."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from longpole.gen.render import outputs
from tests.project import Project


@pytest.fixture
def rendered(project: Project) -> Project:
    return project.write({"one": "", "two": ""})


def times(project: Project) -> dict[str, int]:
    return {name: os.stat(project.root / name).st_mtime_ns for name in ("Makefile", ".longpole/plan.json")}


def test_the_first_render_says_what_it_wrote(project: Project) -> None:
    project.write({"one": ""})
    for name in ("Makefile", ".longpole/plan.json", ".longpole/local.mk", ".longpole/rendered"):
        (project.root / name).unlink()
    assert project.longpole("render").out.splitlines() == [
        "wrote Makefile",
        "wrote .longpole/plan.json",
        "wrote .longpole/local.mk",
    ]


SCENARIO = "name: x\nsteps: [{name: s, run: 'true'}]\n"


def test_the_first_render_keeps_the_parsed_scenarios_for_their_units(project: Project) -> None:
    (project.root / "scenarios").mkdir()
    (project.root / "scenarios" / "one.yml").write_text(SCENARIO)
    (project.root / "suite.yaml").write_text("version: 1\nname: x\nvariants: {v: }\nscenarios: {}\n")
    assert project.longpole("render").status == 0
    parsed = project.root / ".longpole" / "scenarios.cache"
    assert b'"true"' in parsed.read_bytes()
    parsed.unlink()
    assert project.longpole("render", "--check").status == 0
    assert not parsed.exists()


def test_a_suite_with_scenarios_that_is_refused_leaves_nothing_behind(project: Project) -> None:
    shutil.rmtree(project.root / ".longpole", ignore_errors=True)
    (project.root / "scenarios").mkdir()
    (project.root / "scenarios" / "one.yml").write_text(SCENARIO)
    (project.root / "suite.yaml").write_text("version: 1\nname: x\nvariants: {v: }\nscenarios: {}\n")
    (project.root / "Makefile").write_text("mine:\n")
    assert project.longpole("render").status == 2
    assert not (project.root / ".longpole").exists()


def test_a_render_without_a_change_writes_nothing(rendered: Project) -> None:
    before = times(rendered)
    assert rendered.longpole("render").out == "nothing has changed\n"
    assert times(rendered) == before


def test_a_file_whose_text_is_the_same_keeps_its_time(rendered: Project) -> None:
    before = times(rendered)
    suite = rendered.root / "suite.yaml"
    suite.write_text(suite.read_text() + "\n# a comment\n")
    assert rendered.longpole("render").out.splitlines() == [
        "unchanged Makefile",
        "unchanged .longpole/plan.json",
        "unchanged .longpole/local.mk",
    ]
    assert times(rendered) == before


def test_quiet_says_nothing(rendered: Project) -> None:
    with (rendered.root / "Makefile").open("a") as file:
        file.write("# edited\n")
    assert rendered.longpole("render", "--quiet").text == ""
    assert "# edited" not in (rendered.root / "Makefile").read_text()


def test_an_edited_makefile_is_not_fresh(rendered: Project) -> None:
    with contextlib.chdir(rendered.root):
        project = outputs.Project("suite.yaml", Path(".longpole"))
        assert outputs.is_fresh(project)
        Path("Makefile").write_text("edited\n")
        assert not outputs.is_fresh(project)


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b"{}", b"\xff", b'{"outputs": 7}', b'{"outputs": ["x"], "fingerprint": 1}']
)
def test_a_damaged_stamp_means_that_rendering_is_due(rendered: Project, damage: bytes) -> None:
    with contextlib.chdir(rendered.root):
        Path(".longpole/rendered").write_bytes(damage)
        assert not outputs.is_fresh(outputs.Project("suite.yaml", Path(".longpole")))


def test_check_is_content_with_what_was_rendered(rendered: Project) -> None:
    done = rendered.longpole("render", "--check")
    assert (done.status, done.text) == (0, "")


@pytest.mark.parametrize("name", ["Makefile", ".longpole/plan.json"])
def test_check_shows_a_diff_and_writes_nothing(rendered: Project, name: str) -> None:
    path = rendered.root / name
    path.write_text(path.read_text() + "one line too many\n")
    before = times(rendered)
    done = rendered.longpole("render", "--check")
    assert done.status == 1
    assert f"--- {name} (found)\n+++ {name} (rendered)\n" in done.out
    assert "\n-one line too many\n" in done.out
    assert done.err == "longpole: stale; run `longpole render`\n"
    assert times(rendered) == before


def test_check_calls_a_missing_file_stale(rendered: Project) -> None:
    (rendered.root / "Makefile").unlink()
    done = rendered.longpole("render", "--check")
    assert done.status == 1
    assert "+# Rendered from suite.yaml" in done.out


def test_check_of_a_file_that_is_not_text_is_no_traceback(rendered: Project) -> None:
    (rendered.root / "Makefile").write_bytes(b"\xff\xfe\x00")
    done = rendered.longpole("render", "--check")
    assert done.status == 1
    assert "Traceback" not in done.text


def test_check_sees_line_ends(rendered: Project) -> None:
    path = rendered.root / "Makefile"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert rendered.longpole("render", "--check").status == 1


def test_check_is_not_confused_by_a_carriage_return_of_the_suite(project: Project) -> None:
    project.write({"one": ""}, variants={"v": {"build": ["printf", "a\rb\r\n"]}})
    assert project.longpole("render", "--check").status == 0


def test_another_suite_file(project: Project) -> None:
    project.write({"one": ""})
    (project.root / "suite.yaml").rename(project.root / "other.yaml")
    assert project.longpole("render", "--suite", "other.yaml").status == 0
    first = (project.root / "Makefile").read_text().splitlines()[0]
    assert "`longpole render --suite other.yaml`" in first
    assert project.make("test").status == 0
    assert project.make("list").status == 0


@pytest.mark.slow
def test_another_suite_file_is_rendered_again_by_make(project: Project) -> None:
    project.write({"one": ""})
    text = (project.root / "suite.yaml").read_text()
    (project.root / "suite.yaml").unlink()
    (project.root / "other.yaml").write_text(text)
    project.longpole("render", "--suite", "other.yaml")
    (project.root / "units" / "two.sh").write_text("")
    (project.root / "other.yaml").write_text(text.replace('"one": {}', '"one": {}, "two": {}'))
    later = os.stat(project.root / ".longpole" / "rendered").st_mtime + 10
    os.utime(project.root / "other.yaml", (later, later))
    done = project.make("test-v-two")
    assert done.status == 0, done.text


def test_a_template_of_the_project_s_own_comes_first(project: Project) -> None:
    (project.root / "templates").mkdir(parents=True)
    (project.root / "templates" / "units.mk").write_text("run-units:\n\t@echo mine\n")
    project.write({"one": ""})
    assert project.make("run-units").out.splitlines()[-1] == "mine"


def test_a_template_with_a_mistake_is_a_message(project: Project) -> None:
    project.write({"one": ""})
    (project.root / "templates").mkdir()
    for text in ("{% if %}\n", "{{ no_such_name }}\n"):
        (project.root / "templates" / "project.mk").write_text(text)
        done = project.longpole("render")
        assert done.status == 2, done.text
        assert "project.mk" in done.err or "no_such_name" in done.err
        assert "Traceback" not in done.text


HAND_WRITTEN = "all:\n\tcc -o parser parser.c\n"


def test_a_makefile_that_somebody_wrote_is_not_replaced(rendered: Project) -> None:
    (rendered.root / "Makefile").write_text(HAND_WRITTEN)
    shutil.rmtree(rendered.root / ".longpole")
    done = rendered.longpole("render")
    assert done.status == 2
    assert "Makefile: this file was not rendered by Longpole, and is left alone" in done.err
    assert "use `longpole render -o longpole.mk`" in done.err
    assert (rendered.root / "Makefile").read_text() == HAND_WRITTEN
    assert not (rendered.root / ".longpole").exists()


def test_a_makefile_from_a_skeleton_of_the_project_s_own_is_rendered_again(rendered: Project) -> None:
    (rendered.root / "Makefile").unlink()
    (rendered.root / "Makefile.in").write_text('all: ; echo {{ suite.name }}\n{% include "units.mk" %}\n')
    assert rendered.longpole("render").status == 0
    (rendered.root / "Makefile.in").write_text('all: ; echo again {{ suite.name }}\n{% include "units.mk" %}\n')
    assert rendered.longpole("render").status == 0
    assert "echo again" in (rendered.root / "Makefile").read_text()
