"""What commands see of the caller's environment."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.environment import _NEVER, INHERITED, inherited

NAMES = (
    "PATH",
    "HOME",
    "LC_ALL",
    "LC_",
    "LC",
    "GIT_DIR",
    "LONGPOLE_RUN",
    "CARGO_HOME",
    "NIX_X",
    "NIXY",
    "a",
    "X\nPATH",
)


@pytest.mark.parametrize(
    ("named", "seen"),
    [
        ((), {"PATH", "HOME", "LC_ALL", "LC_"}),
        (("CARGO_HOME",), {"PATH", "HOME", "LC_ALL", "LC_", "CARGO_HOME"}),
        (("NIX_*",), {"PATH", "HOME", "LC_ALL", "LC_", "NIX_X"}),
        (("*",), set(NAMES) - {"GIT_DIR", "LONGPOLE_RUN"}),
        (("GIT_*",), {"PATH", "HOME", "LC_ALL", "LC_"}),
        (("GIT_DIR",), {"PATH", "HOME", "LC_ALL", "LC_", "GIT_DIR"}),
    ],
)
def test_a_caller_s_variable_is_seen_if_it_is_named(named: tuple[str, ...], seen: set[str]) -> None:
    assert set(inherited(dict.fromkeys(NAMES, "x"), named)) == seen


@given(st.lists(st.from_regex(r"[A-Z_]{0,6}\*?", fullmatch=True), max_size=3), st.from_regex(r"[A-Z_]{1,8}"))
def test_one_pattern_says_what_the_rules_say(named: list[str], name: str) -> None:
    def matches(globs: tuple[str, ...] | list[str]) -> bool:
        return any(fnmatchcase(name, glob) for glob in globs)

    exact = [glob for glob in named if "*" not in glob]
    globs = [glob for glob in named if "*" in glob]
    expected = matches([*INHERITED, *exact]) or (matches(globs) and not matches(_NEVER))
    assert (name in inherited({name: "x"}, named)) == expected
