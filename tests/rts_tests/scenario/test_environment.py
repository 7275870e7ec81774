"""What texts and commands of a scenario see: which value wins, and where things are."""

from dataclasses import replace
from typing import Any

import pytest

from longpole.rts_tests.scenario.environment import Names, environment, text_variables
from longpole.rts_tests.scenario.model import Repository, Scenario, Settings

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
