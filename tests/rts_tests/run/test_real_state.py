"""`guard:` of scenarios: changes in the user's own folders are named; they fail a run on CI."""

import json
import os
import pwd
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.real_state import RealState, as_fields, read_real_state, write_real_state
from longpole.rts_tests.report.formats.brief import brief_text
from longpole.rts_tests.report.formats.github import annotations, step_summary
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.formats.text import report_text, verdict_colour
from longpole.rts_tests.run.real_state import expanded
from tests.made_up import made_up, record
from tests.project import Project
from tests.rts_tests.report.made import HOSTILE
from tests.rts_tests.scenario.suites import with_scenarios

ENVIRON = {"HOME": "/home/u", "XDG_DATA_HOME": "/data", "EMPTY": "", "APP": "app"}


def writing(command: str) -> str:
    return f"name: Writes\nsteps:\n  - name: write\n    run: {json.dumps(command)}\n    expect: {{exit_code: 0}}\n"


def guarded(project: Project, command: str, *guard: str) -> Project:
    """A project with a scenario that runs `command`, and HOME beside it, with `.config/app/settings` in it."""
    home = project.root.parent / "home"
    (home / ".config" / "app").mkdir(parents=True)
    (home / ".config" / "app" / "settings").write_text("colour = blue\n")
    project.environ["HOME"] = str(home)
    return with_scenarios(project, {"write.yml": writing(command)}, guard=list(guard or ("~/.config/app",)))


# -- paths ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("~", "/home/u"),
        ("~/.config/app", "/home/u/.config/app"),
        ("$HOME/.app", "/home/u/.app"),
        ("${HOME}/.app", "/home/u/.app"),
        ("$XDG_DATA_HOME/app", "/data/app"),
        ("$XDG_CONFIG_HOME/$APP", "/home/u/.config/app"),
        ("$XDG_STATE_HOME", "/home/u/.local/state"),
        ("$XDG_CACHE_HOME", "/home/u/.cache"),
        ("/etc/app/", "/etc/app"),
        ("/a/~/b", "/a/~/b"),
        ("~other", f"{Path.cwd()}/~other"),
        ("relative", f"{Path.cwd()}/relative"),
    ],
)
def test_what_a_guarded_folder_stands_for(folder: str, path: str) -> None:
    assert expanded([folder], ENVIRON) == ((path,), [])


def test_a_variable_that_is_not_set_is_named_and_the_others_are_guarded() -> None:
    paths, problems = expanded(["$NONE/a", "~/a", "${EMPTY}/b", "~/a"], ENVIRON)
    assert paths == ("/home/u/a",)
    assert problems == [
        "$NONE/a: $NONE is not set, so this is not guarded",
        "${EMPTY}/b: $EMPTY is not set, so this is not guarded",
    ]


def test_without_home_the_home_directory_is_that_of_the_user() -> None:
    home = pwd.getpwuid(os.getuid()).pw_dir
    assert expanded(["~/a", "$HOME/a"], {})[0] == (f"{home}/a",)


@given(st.lists(st.text(), max_size=4), st.dictionaries(st.text(), st.text(), max_size=3))
def test_every_text_is_a_path_or_named(folders: list[str], environ: dict[str, str]) -> None:
    paths, problems = expanded(folders, {"HOME": "/h", **environ})
    assert all(os.path.isabs(path) for path in paths)
    assert len(paths) + len(problems) <= len(folders)


# -- runs -------------------------------------------------------------------------------------------------------------


def test_a_change_is_a_warning(project: Project) -> None:
    guarded(project, "echo red >$HOME/.config/app/settings; mkdir $HOME/.config/app/new")
    done = project.make("test")
    app = f"{project.environ['HOME']}/.config/app"
    assert done.status == 0, done.text
    assert (
        "\n2 guarded paths changed:\n"
        f"  {app}/new was made, a folder\n"
        f"  {app}/settings 14 bytes are now 4\n"
        "  by a scenario, or by another program meanwhile\n"
    ) in done.out
    assert done.out.endswith("1 unit: 1 passed; 1 case: 1 passed; 2 guarded paths changed\n")
    report = json.loads(project.longpole("report", "--format", "json").out)
    assert report["passed"] is True
    assert report["real_state"] == {
        "folders": ["~/.config/app"],
        "changes": [[f"{app}/new", "was made, a folder"], [f"{app}/settings", "14 bytes are now 4"]],
        "changed": 2,
        "problems": [],
        "fails": False,
    }
    assert f"<li>{app}/settings 14 bytes are now 4</li>" in (project.last / "report.html").read_text()


def test_on_ci_a_change_fails_the_run(project: Project) -> None:
    guarded(project, "touch $HOME/.config/app/new")
    done = project.longpole("run", CI="true")
    assert done.status == 1
    assert done.out.endswith("1 guarded path changed, which fails the run\n")
    assert project.longpole("report").status == 1
    assert "guarded paths changed</h1>" in (project.last / "report.html").read_text()


def test_longpole_scenario_guards_too(project: Project) -> None:
    guarded(project, "touch $HOME/.config/app/new")
    line = f"  {project.environ['HOME']}/.config/app/new was made, a file\n"
    warned = project.longpole("scenario")
    assert warned.status == 0, warned.text
    assert f"1 guarded path changed:\n{line}" in warned.out
    Path(project.environ["HOME"], ".config/app/new").unlink()
    failed = project.longpole("scenario", CI="true")
    assert failed.status == 1
    assert f"1 guarded path changed, which fails the run:\n{line}" in failed.out


@pytest.mark.slow
def test_longpole_stress_guards_too(project: Project) -> None:
    guarded(project, "touch $HOME/.config/app/new")
    made = f"{project.environ['HOME']}/.config/app/new was made, a file"
    failed = project.longpole("stress", "v/write", "--count", "2", CI="true")
    assert failed.status == 1, failed.text
    assert "none of 2 failed" in failed.out
    assert f"\n1 guarded path changed, which fails the run:\n  {made}\n" in failed.out
    assert project.longpole("report", project.last.name).out == failed.out


@pytest.mark.slow
def test_without_a_change_nothing_is_said_also_on_ci(project: Project) -> None:
    guarded(project, "cat $HOME/.config/app/settings; touch here")
    done = project.make("test", CI="true")
    assert done.status == 0, done.text
    assert "guard" not in done.out
    assert read_real_state(project.last) == RealState(("~/.config/app",), fails=True)


@pytest.mark.slow
def test_a_folder_that_did_not_exist_and_one_behind_a_link(project: Project) -> None:
    guarded(project, "mkdir -p $HOME/.app/deep; touch $HOME/real/new", "~/.app", "~/linked")
    home = Path(project.environ["HOME"])
    (home / "real").mkdir()
    (home / "linked").symlink_to("real")
    done = project.make("test")
    assert "\n3 guarded paths changed:\n" in done.out
    for line in (".app was made, a folder", ".app/deep was made, a folder", "real/new was made, a file"):
        assert f"\n  {home}/{line}\n" in done.out


@pytest.mark.slow
def test_longpoles_own_state_is_no_change(project: Project) -> None:
    guarded(project, "true", "~", ".")
    project.environ["LONGPOLE_SLOTS_DIR"] = f"{project.environ['HOME']}/slots"
    done = project.make("test")
    assert "changed" not in done.out, done.out


@pytest.mark.slow
def test_what_cannot_be_guarded_is_said(project: Project) -> None:
    guarded(project, "true", "$NO_SUCH_VARIABLE/x")
    done = project.make("test", CI="true")
    assert done.status == 0
    assert (
        "\nguarded paths:\n  not guarded: $NO_SUCH_VARIABLE/x: $NO_SUCH_VARIABLE is not set, so this is not guarded\n"
    ) in done.out


@pytest.mark.slow
def test_a_scenario_cannot_hide_a_change_by_rewriting_the_files_of_the_run(project: Project) -> None:
    hide = 'for run in "$WORKSPACE_ROOT"/.longpole/runs/*; do echo "{}" >$run/real-state.json; done'
    guarded(project, f"touch $HOME/.config/app/new; {hide}")
    assert project.longpole("run", CI="1").status == 1
    state = read_real_state(project.last)
    assert state is not None
    assert state.changed == 1


@pytest.mark.slow
def test_a_run_without_a_scenario_guards_nothing(project: Project) -> None:
    guarded(project, "true")
    suite = json.loads((project.root / "suite.yaml").read_text())
    suite["modules"] = {"m": {"run": ["sh", "-c", "touch $HOME/.config/app/new"]}}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    project.render()
    done = project.make("test-v-m", CI="1")
    assert done.status == 0, done.text
    assert not (project.last / "real-state.json").exists()


@pytest.mark.slow
def test_a_run_with_failures_says_what_changed_too(project: Project) -> None:
    guarded(project, "touch $HOME/.config/app/new; exit 1")
    done = project.make("test", CI="1")
    assert done.status == 2
    assert done.out.endswith("1 unit: 1 failed; 1 case: 1 failed; 1 guarded path changed, which fails the run\n")


# -- reports ----------------------------------------------------------------------------------------------------------

CHANGED = RealState(("~/x",), (("/home/u/x", "was made, a file"),), 12, (), fails=True)


def test_every_report_says_so() -> None:
    summary = replace(made_up([record("v/a")]), real_state=CHANGED)
    assert summary.failed
    assert not summary.failures
    assert "FAIL guard: /home/u/x was made, a file\n1 unit: 1 passed; 12 guarded paths changed" in brief_text(summary)
    section = "\n12 guarded paths changed, which fails the run:\n  /home/u/x was made, a file\n  and 11 more, in real"
    assert section in report_text(summary)
    (line,) = annotations(summary, Path())
    assert line.startswith("::error title=guard::12 guarded paths changed, which fails the run%0A/home/u/x was made")
    assert "12 guarded paths changed" in step_summary(summary)
    warned = replace(summary, real_state=replace(CHANGED, fails=False))
    assert not warned.failed
    assert annotations(warned, Path())[0].startswith("::warning title=guard::")
    assert [verdict_colour(each).name for each in (summary, warned)] == ["RED", "YELLOW"]
    assert "FAIL" not in brief_text(warned)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_stay_text(hostile: str) -> None:
    state = RealState((hostile,), ((f"/x/{hostile}", "was made, a file"),), 1, (hostile,), fails=True)
    summary = replace(made_up([record("v/a")]), real_state=state)
    for text in (report_text(summary), brief_text(summary), *annotations(summary, Path())):
        assert not {"\x1b", "\x00", "\u202e", "\u2028"} & set(text)
    assert "<script>alert" not in report_html(summary).decode()
    assert "<img src=x" not in report_html(summary).decode()


def test_the_file_is_read_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    assert read_real_state(tmp_path) is None
    write_real_state(tmp_path, CHANGED)
    assert read_real_state(tmp_path) == CHANGED
    good = {"version": 1, **as_fields(CHANGED)}
    for bad in ({"version": 2}, {"changed": "1"}, {"changes": [["a"]]}, {"folders": [1]}, {"fails": 1}, {"changes": 7}):
        (tmp_path / "real-state.json").write_text(json.dumps({**good, **bad}))
        assert read_real_state(tmp_path) is None
    shutil.rmtree(tmp_path)
    assert read_real_state(tmp_path) is None
