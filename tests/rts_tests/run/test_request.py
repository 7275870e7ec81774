"""What is asked for is read whole, in one place, and every mistake in it is reported before anything is made."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.commit import Commit
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.filter import parse_filter
from longpole.rts_tests.forks.selection import parse_selection
from longpole.rts_tests.make import makeflags
from longpole.rts_tests.run.request import Request, parse_switch
from longpole.rts_tests.view.settings import Settings
from tests.project import REPOSITORY, REVISION, Project


def request(**environ: str) -> Request:
    return Request.from_environ(("test",), environ)


def test_nothing_said() -> None:
    made = request()
    assert made.selection is None
    assert (made.seeds, made.filter, made.shard, made.retries, made.slots, made.commit) == (None,) * 6
    assert (made.fail_fast, made.warm, made.prebuilt, made.only_shows, made.in_unit) == (
        False,
        True,
        False,
        False,
        False,
    )
    assert not made.no_skip
    assert (made.jobs, made.state, made.shown) == (1, Path(".longpole"), Settings())


def test_everything_said() -> None:
    made = request(
        SEED="5,7-8",
        FILTER="eop/gc*",
        SELECT="*Spec ~*Slow*",
        SHARD="2/3",
        FAIL_FAST="1",
        RETRIES="2",
        WARM="0",
        PREBUILT="yes",
        NO_SKIP="on",
        LONGPOLE_REV=f"{REVISION}+2026-01-31",
        LONGPOLE_SLOTS="auto",
        LONGPOLE_SLOTS_DIR="/slots",
        LONGPOLE_STATE="kept",
        LONGPOLE_VIEW="live",
        LONGPOLE_UNIT="v/m",
        MAKEFLAGS="kn -j4 --jobserver-auth=3,4",
    )
    assert (made.seeds, made.filter, made.shard, made.retries) == ((5, 7, 8), parse_filter("eop/gc*"), (2, 3), 2)
    assert made.selection == parse_selection("*Spec ~*Slow*")
    assert (made.fail_fast, made.warm, made.prebuilt, made.only_shows, made.in_unit) == (True, False, True, True, True)
    assert made.commit == Commit(f"{REVISION}+2026-01-31", "LONGPOLE_REV, on 2026-01-31")
    assert (made.slots, made.slots_dir, made.state) == ("auto", Path("/slots"), Path("kept"))
    assert made.no_skip
    assert (made.jobs, made.shown) == (4, Settings(live=True))


def test_all_mistakes_are_reported_at_once() -> None:
    wrong = {
        "SEED": "x",
        "SELECT": "~",
        "SHARD": "3/2",
        "FAIL_FAST": "maybe",
        "RETRIES": "-1",
        "WARM": "2",
        "PREBUILT": "y",
        "NO_SKIP": "-",
        "LONGPOLE_REV": "HEAD",
        "LONGPOLE_SLOTS": "0",
        "LONGPOLE_VIEW": "pretty",
        "LONGPOLE_ORDER": "random",
        "LONGPOLE_VERBOSE": "9",
    }
    with pytest.raises(UseError) as raised:
        request(**wrong)
    assert [problem.file for problem in raised.value.problems] == list(wrong)
    assert all(problem.remedy for problem in raised.value.problems)


def test_a_request_that_is_refused_leaves_nothing_behind(project: Project) -> None:
    project.write({"one": ""})
    before = sorted(str(path) for path in project.root.rglob("*"))
    done = project.make("test", RETRIES="x", SHARD="0/0", PREBUILT="perhaps")
    assert done.status == 2
    for name in ("SHARD", "RETRIES", "PREBUILT"):
        assert f"{name}: " in done.err
    assert sorted(str(path) for path in project.root.rglob("*")) == before


@pytest.mark.parametrize("text", ["1", "yes", "true", "on", "YES", "True"])
def test_on(text: str) -> None:
    assert parse_switch("X", text) is True


@pytest.mark.parametrize("text", ["", "0", "no", "false", "off", "OFF", "No"])
def test_off(text: str) -> None:
    assert parse_switch("X", text, default=True) is False


@pytest.mark.parametrize("text", ["2", "y", "n", " 1", "ja", "enabled"])
def test_neither(text: str) -> None:
    with pytest.raises(UseError, match="neither on nor off"):
        parse_switch("X", text)


def test_a_switch_that_is_off_builds(project: Project) -> None:
    project.write({"one": "test -e built"}, defaults={"build": ["touch", "built"]})
    assert project.make("test", "PREBUILT=0").status == 0
    (project.root / "built").unlink()
    assert project.make("test", "PREBUILT=1").status == 2


@pytest.mark.parametrize(
    ("flags", "letters", "jobs", "shows"),
    [
        ("", "", 1, False),
        ("k", "k", 1, False),
        ("kn", "kn", 1, True),
        ("--no-print-directory", "", 1, False),
        (" -j8", "", 8, False),
        ("k -j8 --jobserver-auth=3,4", "k", 8, False),
        ("-j", "", None, False),
        (" -j --jobserver-fds=3,4", "", None, False),
        ("FILTER=n", "", 1, False),
        ("rR --no-print-directory -- SEED=7", "rR", 1, False),
    ],
)
def test_what_makeflags_say(flags: str, letters: str, jobs: int | None, shows: bool) -> None:
    assert (makeflags.letters(flags), makeflags.jobs(flags), makeflags.is_dry_run(flags)) == (letters, jobs, shows)


def test_letters_are_taken_out_of_makeflags() -> None:
    assert makeflags.without_letters("krR -j2", "rR") == "k -j2"
    assert makeflags.without_letters("--no-print-directory", "n") == "--no-print-directory"
    assert makeflags.without_letters("FILTER=r", "r") == "FILTER=r"


VARIABLES = {"SEED", "FILTER", "SHARD", "FAIL_FAST", "RETRIES", "WARM", "PREBUILT", "NO_SKIP", "SELECT", "MAKEFLAGS"}
READERS: Mapping[str, set[str]] = {
    "rts_tests/run/request.py": {*VARIABLES, "LONGPOLE_REV", "LONGPOLE_SLOTS"},
    # which it calls, and which others may call who run nothing
    "rts_tests/run/variables.py": {"MAKEFLAGS"},  # which names were typed, not their values
    "rts_tests/state/run_folders.py": {"LONGPOLE_STATE"},
    "rts_tests/limits/slots.py": {"LONGPOLE_SLOTS_DIR"},
    # processes of their own, started by a recipe
    "rts_tests/make/build_lock.py": {"MAKEFLAGS", "LONGPOLE_STATE", "LONGPOLE_REQUEST", "LONGPOLE_BUILDS"},
    # the process of a unit
    "rts_tests/scenario/unit.py": {"LONGPOLE_PROTOCOL", "LONGPOLE_UNIT"},
    # `longpole run`, which passes its environment on to make
    "longpole": {"MAKEFLAGS", "LONGPOLE_GOALS", "LONGPOLE_JOBS"},
}
"""Who reads which of the variables that steer a run."""


def _reads(path: Path) -> set[str]:
    """The names that a file reads from an environment: `environ.get("X")` and `environ["X"]`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        key: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
            key = node.args[0] if node.args else None
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.add(key.value)
    return {name for name in found if name in VARIABLES or name.startswith("LONGPOLE_")}


def test_one_place_reads_what_is_asked_for() -> None:
    for folder in ("rts_tests", "gen", "longpole"):
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            name = str(path.relative_to(REPOSITORY))
            allowed = READERS.get(name, READERS["longpole"] if folder == "longpole" else set())
            assert _reads(path) <= allowed, name
