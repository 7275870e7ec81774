"""`longpole scenario`: what a user types before any scenario is run."""

from pathlib import Path

import pytest

from longpole.rts_tests.scenario.discover import discover
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.new import TEMPLATE
from longpole.rts_tests.scenario.parse import parse
from longpole.rts_tests.scenario.schema import json_schema
from longpole.rts_tests.scenario.shapes import EXPECT, REFERENCE, SCENARIO, STEP
from tests.project import Project

GOOD = "name: {name}\nsteps:\n  - {{name: a, run: r}}\n  - {{name: b, run: r}}\n"


def write(project: Project, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def corpus(project: Project) -> Project:
    write(
        project,
        {
            "scenarios/top.yml": GOOD.format(name="At the top"),
            "scenarios/clone/basic.yml": GOOD.format(name="A clone"),
            "scenarios/clone/deep/bad.yml": "must: fail\n",
            "scenarios/worktree/basic.yml": f"{GOOD.format(name='A worktree')}repos: [{{name: r, use_fixture: std}}]\n",
            "scenarios/fixtures/repos/std.yml": "daft_yml: x\n",
        },
    )
    return project


def test_list(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--list")
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "top             2 steps: At the top\nclone:basic     2 steps: A clone\nworktree:basic  2 steps: A worktree\n"
    )


@pytest.mark.parametrize("words", [["--list", "clone"], ["clone", "--list"], ["--list", "scenarios/clone/basic.yml"]])
def test_list_of_what_is_selected(corpus: Project, words: list[str]) -> None:
    assert corpus.longpole("scenario", *words).out == "clone:basic  2 steps: A clone\n"


def test_list_of_another_folder(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--list", "--folder", "scenarios/clone/deep", "--fixtures", "scenarios/fixtures")
    assert (done.status, done.out.count("\n")) == (0, 1)
    assert done.out.startswith("bad  3 errors: scenarios/clone/deep/bad.yml:1:1: ")


def test_an_ambiguous_stem_is_a_mistake(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--list", "basic")
    assert (done.status, done.out) == (2, "")
    assert "`basic` is the name of 2 scenarios; name one of `clone:basic`, `worktree:basic`" in done.err


def test_check_passes(corpus: Project) -> None:
    done = corpus.longpole("scenario", "check")
    assert (done.status, done.out, done.err) == (0, "3 scenarios, 6 steps: no errors\n", "")


def test_check_reports_every_error_of_every_file(corpus: Project) -> None:
    write(corpus, {"scenarios/a.yml": "nam: x\nsteps: []\n", "scenarios/b.yml": "name: [\n"})
    write(corpus, {"scenarios/fixtures/repos/std.yml": "daft_yml: {}\n"})
    done = corpus.longpole("scenario", "check")
    assert (done.status, done.out) == (2, "5 scenarios: 3 with errors\n")
    lines = done.err.removeprefix("longpole: ").splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "scenarios/a.yml:1:1",
        "scenarios/a.yml:1:1",
        "scenarios/a.yml:2:8",
        "scenarios/b.yml:2:1",
        "scenarios/worktree/basic.yml:5:32",
    ]
    assert "scenarios/fixtures/repos/std.yml:1:11: `daft_yml` must be text, and is a mapping" in lines[-1]


def test_check_of_files_and_folders_reads_each_once(corpus: Project) -> None:
    done = corpus.longpole("scenario", "check", "scenarios", "scenarios/clone", "scenarios/clone/basic.yml")
    assert (done.status, done.out) == (0, "3 scenarios, 6 steps: no errors\n")
    (corpus.root / "scenarios").rename(corpus.root / "other")
    done = corpus.longpole("scenario", "check", "other/worktree")  # the fixtures are in the folder above
    assert (done.status, done.out) == (0, "1 scenario, 2 steps: no errors\n")
    done = corpus.longpole("-C", "other/worktree", "scenario", "check", "basic.yml")
    assert (done.status, done.out) == (0, "1 scenario, 2 steps: no errors\n")


def test_what_is_deeper_is_checked_if_it_is_named(corpus: Project) -> None:
    assert corpus.longpole("scenario", "check", "scenarios/clone/deep").status == 2
    assert corpus.longpole("scenario", "check", "scenarios/clone/deep/bad.yml").status == 2


def test_strict_refuses_extensions(corpus: Project) -> None:
    write(corpus, {"x.yml": "timeout: 5\n" + GOOD.format(name="x")})
    assert corpus.longpole("scenario", "check", "x.yml").status == 0
    done = corpus.longpole("scenario", "check", "--strict", "x.yml")
    assert done.status == 2
    assert "x.yml:1:1: `timeout` is an extension" in done.err


@pytest.mark.parametrize("command", [["check", "nowhere"], ["check", "nowhere.yml"], ["--list"], ["check"]])
def test_what_is_not_there_is_one_message(project: Project, command: list[str]) -> None:
    done = project.longpole("scenario", *command)
    assert done.status == 2
    assert done.err.startswith("longpole: ") and done.err.count("\n") == 1


def test_a_folder_without_scenarios_selects_nothing(project: Project) -> None:
    (project.root / "scenarios").mkdir()
    for command in (["--list"], ["check"]):
        done = project.longpole("scenario", *command)
        assert (done.status, done.err) == (4, "longpole: there are no scenarios in scenarios\n")


@pytest.mark.parametrize(
    ("name", "path"), [("a", "a.yml"), ("g/a", "g/a.yml"), ("g:a", "g/a.yml"), ("a.b.yml", "a.b.yml")]
)
def test_new_writes_a_scenario_that_is_right(project: Project, name: str, path: str) -> None:
    done = project.longpole("scenario", "new", name)
    assert (done.status, done.out) == (0, f"written: scenarios/{path}\n")
    assert project.longpole("scenario", "check", "--strict").status == 0
    assert len(discover(str(project.root / "scenarios"))) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b/c", "/a", "a b", "-", ".a", "a\n", "g/"])
def test_new_refuses_what_is_no_name_and_leaves_nothing(project: Project, name: str) -> None:
    done = project.longpole("scenario", "new", "--", name)
    assert done.status == 2
    assert "cannot be the name of a scenario" in done.err
    assert not (project.root / "scenarios").exists()


def test_new_overwrites_nothing(project: Project) -> None:
    write(project, {"scenarios/a.yaml": "mine"})
    (project.root / "scenarios" / "b.yml").symlink_to("nowhere")
    for name in ("a", "b"):
        done = project.longpole("scenario", "new", name)
        assert done.status == 2
        assert "this file exists already" in done.err
    assert (project.root / "scenarios" / "a.yaml").read_text() == "mine"


def test_new_where_nothing_can_be_written(project: Project) -> None:
    write(project, {"scenarios": "a file"})
    done = project.longpole("scenario", "new", "a")
    assert done.status == 2
    assert "cannot be written" in done.err


def test_the_template_shows_every_key_of_the_format() -> None:
    scenario = parse(TEMPLATE.encode(), "new.yml", Fixtures("none"), strict=True)
    assert len(scenario.steps) == 2
    keys = {
        name for shape in (SCENARIO, STEP, EXPECT, REFERENCE) for name, key in shape.keys.items() if not key.extension
    }
    assert {key for key in keys if f"{key}:" not in TEMPLATE} == {"file_not_contains"}


def test_schema(project: Project) -> None:
    assert project.longpole("scenario", "schema").out == json_schema()


def test_no_selector_without_list(project: Project) -> None:
    done = project.longpole("scenario", "chekc")
    assert done.status == 2
    assert "No such command 'chekc'. Did you mean 'check'?" in done.err


def test_hostile_names_are_shown_harmlessly(project: Project, tmp_path: Path) -> None:
    write(project, {"scenarios/a.yml": 'name: "\\e[2Jred"\nsteps: [{name: a, run: r}]\n'})
    assert "\x1b" not in project.longpole("scenario", "--list").out
