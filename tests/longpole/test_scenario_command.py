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


def test_where_there_are_no_scenarios_a_first_one_is_proposed(project: Project) -> None:
    (project.root / "suite.yaml").unlink(missing_ok=True)
    remedy = "`longpole scenario new NAME` writes one, and --folder names another folder"
    for words in ((), ("--list",), ("check",)):
        done = project.longpole("scenario", *words)
        assert (done.status, done.err) == (2, f"longpole: there is no folder `scenarios` here; {remedy}\n")


def test_a_folder_of_fixtures_that_is_named_must_be_there(corpus: Project) -> None:
    for words in ((), ("--list",), ("check",)):
        done = corpus.longpole("scenario", *words, "--fixtures", "nope")
        assert (done.status, done.out) == (2, "")
        assert done.err == "longpole: --fixtures: `nope` is not a folder; name the folder that holds `repos`\n"


def test_list_has_each_cell_of_a_matrix_and_the_tags(corpus: Project) -> None:
    text = GOOD.format(name="A clone") + "tags: [slow, net]\nmatrix: {A: [one, two/2]}\n"
    write(corpus, {"scenarios/clone/basic.yml": text})
    one = "clone:basic--one    2 steps: A clone [A=one]  tags: slow, net\n"
    two = "clone:basic--two-2  2 steps: A clone [A=two/2]  tags: slow, net\n"
    assert corpus.longpole("scenario", "--list", "clone").out == one + two
    assert corpus.longpole("scenario", "--list", "clone:basic--one").out == one.replace("one    ", "one  ")


def test_a_tag_that_no_scenario_has(corpus: Project) -> None:
    write(corpus, {"scenarios/clone/basic.yml": GOOD.format(name="A clone") + "tags: [slow]\n"})
    done = corpus.longpole("scenario", "--list", "--tag", "slwo", "--tag", "other")
    assert (done.status, done.out) == (4, "")
    assert done.err == "longpole: --tag slwo --tag other: selects no scenario; did you mean `--tag slow`?\n"
    done = corpus.longpole("scenario", "--list", "--tag", "other")
    assert done.err == "longpole: --tag other: selects no scenario; the tags are slow\n"
    done = corpus.longpole("scenario", "--list", "--tag", "slow", "--not-tag", "slow")
    assert done.err == "longpole: --tag slow --not-tag slow: selects no scenario; the tags are slow\n"
    write(corpus, {"scenarios/clone/basic.yml": GOOD.format(name="A clone")})
    done = corpus.longpole("scenario", "--list", "--tag", "slow")
    assert done.err == "longpole: --tag slow: selects no scenario; none of them has `tags`\n"


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
        message = "longpole: there are no scenarios in scenarios; `longpole scenario new NAME` writes one\n"
        assert (done.status, done.err) == (4, message)


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


def test_a_mistyped_command_gets_a_suggestion(corpus: Project) -> None:
    done = corpus.longpole("scenario", "chekc")
    assert (done.status, done.out) == (2, "")
    assert done.err == "longpole: `chekc` is no file, folder, group or scenario; did you mean `check`?\n"


def test_a_command_wins_over_a_scenario_of_its_name_which_has_other_selectors(corpus: Project) -> None:
    write(corpus, {"scenarios/g/check.yml": GOOD.format(name="Checks")})
    assert corpus.longpole("scenario", "check").out.endswith("no errors\n")
    for words in (["g:check"], ["scenarios/g/check.yml"], ["--", "check"], ["clone:basic", "check"]):
        assert "Checks" in corpus.longpole("scenario", "--list", *words).out


SUITE = "version: 1\nname: s\nvariants: {v: {}}\nscenarios: {path: e2e/all, fixtures: e2e/fix, strict: true}\n"


@pytest.fixture
def suite(corpus: Project) -> Project:
    """The same scenarios where a suite says that they are elsewhere."""
    write(corpus, {"suite.yaml": SUITE, "e2e/fix/repos/std.yml": "daft_yml: x\n"})
    (corpus.root / "scenarios").rename(corpus.root / "e2e" / "all")
    return corpus


def test_the_suite_says_where_scenarios_are(suite: Project) -> None:
    assert suite.longpole("scenario", "--list").out.splitlines()[1] == "clone:basic     2 steps: A clone"
    assert suite.longpole("scenario", "check").out == "3 scenarios, 6 steps: no errors\n"
    assert suite.longpole("scenario", "new", "g/a").out == "written: e2e/all/g/a.yml\n"


def test_a_strict_suite_is_checked_strictly(suite: Project) -> None:
    write(suite, {"e2e/all/x.yml": "timeout: 5\n" + GOOD.format(name="x")})
    assert "`timeout` is an extension" in suite.longpole("scenario", "check").err


def test_options_win_over_the_suite(suite: Project) -> None:
    write(suite, {"other/a.yml": GOOD.format(name="Another")})
    assert suite.longpole("scenario", "--list", "--folder", "other").out == "a  2 steps: Another\n"


def test_another_suite(suite: Project) -> None:
    (suite.root / "suite.yaml").rename(suite.root / "e2e.yaml")
    assert suite.longpole("scenario", "check").status == 2
    assert suite.longpole("scenario", "check", "--suite", "e2e.yaml").out == "3 scenarios, 6 steps: no errors\n"
    write(suite, {"plain.yaml": "version: 1\n"})
    done = suite.longpole("scenario", "check", "--suite", "plain.yaml")
    assert (done.status, done.err.count("plain.yaml: this suite has no scenarios")) == (2, 1)


@pytest.mark.parametrize("text", ["{", "[]", "scenarios: 5", "scenarios: {path: [x]}"])
def test_a_broken_suite_is_a_message_or_left_out(corpus: Project, text: str) -> None:
    write(corpus, {"suite.yaml": text})
    done = corpus.longpole("scenario", "--list")
    assert "Traceback" not in done.err
    assert done.status in (0, 2)


def test_show(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--show", "top", "clone:basic")
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "At the top  scenarios/top.yml\n\n1. a  (line 3)\n   $ r\n\n2. b  (line 4)\n   $ r\n\n"
        "A clone  scenarios/clone/basic.yml\n\n1. a  (line 3)\n   $ r\n\n2. b  (line 4)\n   $ r\n"
    )


def test_show_of_errors_is_the_errors(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--show", "scenarios/clone/deep", "top")
    assert (done.status, done.out) == (2, "")
    assert "scenarios/clone/deep/bad.yml:1:1" in done.err


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        (["--list", "--show"], ["--list and --show contradict each other"]),
        (["-i", "--setup-only"], ["--setup-only and -i contradict each other"]),
        (["--checks"], ["--checks belongs to --show"]),
        (["-q", "-v"], ["-q and -v contradict each other"]),
        (["--step", "2"], ["--step belongs to -i or --setup-only"]),
        (["-i", "--loop-count", "2"], ["--loop-count belongs to -i with --step"]),
        (["--setup-only", "--step", "2", "--loop-count", "2"], ["--loop-count belongs to -i with --step"]),
        (["-i", "-j2"], ["-j2 asks for 2 jobs, and -i runs one scenario at a time; leave it out, or use -j1"]),
        (["--setup-only", "-j3"], ["-j3 asks for 3 jobs, and --setup-only runs one scenario at a time"]),
        (["-i", "-q", "-x", "--order", "input"], ["--order means nothing", "-q means nothing", "-x means nothing"]),
        (["--show", "--keep", "-vv"], ["--keep means nothing with --show", "-v means nothing with --show"]),
        (["--step", "0"], ["0 is not in the range"]),
        (["-j0"], ["0 is not in the range"]),
        (["--order", "name"], ["'name' is not one of"]),
        (["--list", "--frobnicate"], ["No such option"]),
    ],
)
def test_options_that_contradict_each_other_are_refused_before_anything_starts(
    corpus: Project, words: list[str], messages: list[str]
) -> None:
    before = sorted(map(str, corpus.root.rglob("*")))
    done = corpus.longpole("scenario", *words)
    assert (done.status, done.out) == (2, "")
    for message in messages:
        assert message in done.err
    assert sorted(map(str, corpus.root.rglob("*"))) == before


@pytest.mark.parametrize("value", ["", " 2", "-1", "x"])
def test_a_wrong_variable_is_an_error_whatever_is_asked_for(corpus: Project, value: str) -> None:
    for words in (["--list"], ["-j2"], []):
        done = corpus.longpole("scenario", *words, LONGPOLE_JOBS=value)
        assert (done.status, done.out) == (2, "")
        assert "LONGPOLE_JOBS: " in done.err


@pytest.mark.parametrize("environ", [{"LONGPOLE_JOBS": "2"}])
def test_jobs_of_the_variable_count_as_asked_for(corpus: Project, environ: dict[str, str]) -> None:
    assert "LONGPOLE_JOBS=2 asks for 2 jobs, and -i" in corpus.longpole("scenario", "-i", "top", **environ).err


def test_help_has_the_options_and_the_commands(project: Project) -> None:
    done = project.longpole("scenario", "--help")
    assert done.status == 0
    assert "Usage: longpole scenario [OPTIONS] [SELECTOR]... | COMMAND [ARGS]..." in done.out
    for word in ("--setup-only", "--loop-count N", "check", "new", "schema", "./check.yml or\n  group:check"):
        assert word in done.out
    assert project.longpole("help", "scenario").out == done.out
    assert "Usage: longpole scenario [OPTIONS] [SELECTOR]...\n" in project.longpole("scenario", "x", "--help").out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("longpole scenario che", ["check", "che"]),
        ("longpole scenario clo", ["clone", "clo"]),
        ("longpole scenario --setup", ["--setup-only"]),
        ("longpole scenario clone to", ["top", "to"]),
        ("longpole scenario clone --int", ["--interactive"]),
        ("longpole scenario check --str", ["--strict"]),
        ("longpole scenario -- check to", ["top", "to"]),
    ],
)
def test_completion(corpus: Project, typed: str, offered: list[str]) -> None:
    environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": typed, "COMP_CWORD": typed.rsplit(maxsplit=1)[-1]}
    done = corpus.run("longpole", **environ)
    assert [line.partition(",")[2].partition("\t")[0] for line in done.out.splitlines()] == offered


def test_hostile_names_are_shown_harmlessly(project: Project, tmp_path: Path) -> None:
    write(project, {"scenarios/a.yml": 'name: "\\e[2Jred"\nsteps: [{name: a, run: r}]\n'})
    assert "\x1b" not in project.longpole("scenario", "--list").out
