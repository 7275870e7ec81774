"""What texts and commands of a scenario see: which value wins, and where things are."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.scenario.environment import Names, environment, text_variables
from longpole.rts_tests.scenario.model import Repository, Scenario, Settings
from tests.project import Project
from tests.rts_tests.scenario.suites import with_scenarios

NAMES = Names("/s", "/s/work", "/s/remotes", "/s/tmp", "/s/home", "/s/gitconfig", {"SHORT": "/tmp/lp-1"})
SETTINGS = Settings(root="/suite", fixtures="/suite/fixtures")
CALLER = {"PATH": "/usr/bin", "HOME": "/home/me", "LC_ALL": "C", "SECRET": "x", "GIT_DIR": "/x", "LONGPOLE_X": "r"}


def scenario(env: dict[str, str] | None = None) -> Scenario:
    return Scenario("a.yml", "a", repositories=(Repository("my-repo"),), env=env or {})


def texts(env: dict[str, str] | None = None, **settings: Any) -> dict[str, str]:
    return text_variables(scenario(env), replace(SETTINGS, **settings), NAMES)


def seen(own: dict[str, str] | None = None, caller: dict[str, str] | None = None, **settings: Any) -> dict[str, str]:
    made = replace(SETTINGS, **settings)
    values = text_variables(scenario(own), made, NAMES)
    return environment(scenario(own), made, NAMES, values, CALLER if caller is None else caller)


# -- variables of texts -----------------------------------------------------------------------------------------------


def test_the_variables_of_texts() -> None:
    assert texts() == {
        "WORK_DIR": "/s/work",
        "BASE_DIR": "/s",
        "WORKSPACE_ROOT": "/suite",
        "REMOTE_MY_REPO": "/s/remotes/my-repo",
        "SHORT": "/tmp/lp-1",
    }
    assert texts(bin="/suite/bin")["BINARY_DIR"] == "/suite/bin"


@pytest.mark.parametrize(
    ("name", "settings", "value"),
    [
        ("A", {}, "scenario"),
        ("WORK_DIR", {}, "scenario"),
        ("BASE_DIR", {}, "scenario"),
        ("BINARY_DIR", {"bin": "/b"}, "/b"),
        ("WORKSPACE_ROOT", {}, "/suite"),
        ("A", {"names": {"A": "suite"}}, "suite"),
        ("A", {"folders": {"A": "f"}}, "/s/f"),
        ("SHORT", {}, "/tmp/lp-1"),
        ("REMOTE_MY_REPO", {"names": {"REMOTE_MY_REPO": "suite"}}, "/s/remotes/my-repo"),
    ],
)
def test_which_variable_wins_over_that_of_the_scenario(name: str, settings: dict[str, Any], value: str) -> None:
    assert texts({name: "scenario"}, **settings)[name] == value


def test_names_of_the_suite_may_use_places() -> None:
    assert texts(names={"A": "$BASE_DIR/a:$WORK_DIR:$WORKSPACE_ROOT:$NONE"})["A"] == "/s/a:/s/work:/suite:$NONE"
    assert texts({"A": "$BASE_DIR"})["A"] == "$BASE_DIR", "those of scenarios may not"


# -- the environment of commands --------------------------------------------------------------------------------------


def test_only_named_variables_are_inherited() -> None:
    found = seen()
    assert {name: found.get(name) for name in CALLER} == {
        **CALLER,
        "SECRET": None,
        "GIT_DIR": None,
        "LONGPOLE_X": None,
    }
    assert seen(inherited=("SECRET",))["SECRET"] == "x"
    assert seen(inherited=("SE*",))["SECRET"] == "x"
    everything = seen(inherited=("*",))
    assert everything["SECRET"] == "x"
    assert "GIT_DIR" not in everything
    assert "LONGPOLE_X" not in everything
    assert seen(inherited=("GIT_DIR",))["GIT_DIR"] == "/x", "somebody asks for it by its name"


@pytest.mark.parametrize(
    ("scenario_env", "settings", "value"),
    [
        ({}, {}, "/home/me"),
        ({}, {"home": "sandbox"}, "/s/home"),
        ({}, {"home": "sandbox", "env": {"HOME": "suite"}}, "suite"),
        ({}, {"env": {"HOME": "$BASE_DIR/h"}}, "/s/h"),
        ({"HOME": "scenario"}, {"env": {"HOME": "suite"}}, "scenario"),
        ({"HOME": "scenario"}, {"safety_env": {"HOME": "$WORK_DIR/safe"}}, "/s/work/safe"),
        ({"HOME": "scenario"}, {"names": {"HOME": "name"}}, "name"),
        ({"HOME": "scenario"}, {"folders": {"HOME": "h"}, "safety_env": {"HOME": "safe"}}, "/s/h"),
    ],
)
def test_which_home_wins(scenario_env: dict[str, str], settings: dict[str, Any], value: str) -> None:
    assert seen(scenario_env, **settings)["HOME"] == value


def test_the_run_and_the_unit_find_what_commands_leave() -> None:
    marks = {"LONGPOLE_RUN": "r", "LONGPOLE_UNIT": "v/a"}
    assert seen(caller=marks).items() >= marks.items()


def test_all_variables_of_texts_are_exported() -> None:
    found = seen({"MINE": "1"}, names={"N": "2"}, folders={"F": "f"})
    assert found.items() >= texts({"MINE": "1"}, names={"N": "2"}, folders={"F": "f"}).items()


def test_git_commits_as_the_identity_and_reads_the_configuration_of_the_suite() -> None:
    found = seen(
        {"GIT_CONFIG_GLOBAL": "x", "GIT_AUTHOR_NAME": "x"}, identity=("Me", "me@example.com"), object_format="sha256"
    )
    for who in ("AUTHOR", "COMMITTER"):
        assert (found[f"GIT_{who}_NAME"], found[f"GIT_{who}_EMAIL"]) == ("Me", "me@example.com")
    assert found["GIT_CONFIG_GLOBAL"] == "/s/gitconfig"
    assert found["GIT_DEFAULT_HASH"] == "sha256"
    assert found["TMPDIR"] == "/s/tmp"


def test_the_programs_under_test_are_first_on_path() -> None:
    assert seen(bin="/suite/bin")["PATH"] == "/suite/bin:/usr/bin"
    assert seen({"PATH": "/mine"}, bin="/suite/bin")["PATH"] == "/suite/bin:/usr/bin", "a scenario does not replace it"
    assert seen(env={"PATH": "/mine"}, bin="/suite/bin")["PATH"] == "/suite/bin:/mine", "the suite does"
    assert seen(caller={}, bin="/suite/bin")["PATH"] == "/suite/bin"


# -- in a run ---------------------------------------------------------------------------------------------------------

LOOK = """
name: Look
repos: [{name: r}]
env: {FROM: scenario}
steps:
  - {name: program, run: tested, expect: {exit_code: 0, output_contains: [tested program]}}
  - name: places
    run: |
      test "$PWD" = $WORK_DIR && test -d $CONFIG -a -d "$TMPDIR" && test -z "$(ls $SHORT)" && test ${#SHORT} -le 40
      test $WORKSPACE_ROOT = "$ROOT" && test $BINARY_DIR = "$ROOT/bin" && echo $SHORT >$OUT
    expect: {exit_code: 0}
  - name: a socket fits
    run: python3 -c 'import socket; socket.socket(1).bind("$SHORT/a-socket")'
    expect: {exit_code: 0}
  - name: git
    run: git config --global alias.x; git var GIT_COMMITTER_IDENT
    expect: {output_contains: [status, Me <me@x>]}
  - {name: home, run: "test $HOME = $BASE_DIR/home", expect: {exit_code: 0}}
  - name: nothing else
    run: env | grep -v -e ^LONGPOLE_RUN= -e ^LONGPOLE_UNIT= | grep -c ^LONGPOLE_
    expect: {exit_code: 1}
"""


def test_a_run_sets_all_of_it(project: Project, tmp_path: Path) -> None:
    (project.root / "bin").mkdir()
    program = project.root / "bin" / "tested"
    program.write_text("#!/bin/sh\necho the tested program\n")
    program.chmod(0o755)
    out = tmp_path / "out"
    with_scenarios(
        project,
        {"look.yml": LOOK},
        variants={"v": {"bin": "bin", "gitconfig": "[alias]\n\tx = status\n"}},
        names={"ROOT": "$WORKSPACE_ROOT", "OUT": str(out)},
        folders={"CONFIG": "a/b/config"},
        short_folders=["SHORT"],
        identity={"name": "Me", "email": "me@x"},
        home="sandbox",
    )
    done = project.make("test")
    assert done.status == 0, done.text
    short = out.read_text().strip()
    assert short.startswith("/tmp/lp-")
    assert not os.path.lexists(short), "it is removed with the sandbox"
