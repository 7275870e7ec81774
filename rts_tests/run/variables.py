"""The variables that users give to make, and those that look as if one of them was meant.

Only variables on make's own command line are judged. A variable of the environment, or of a make above the one that the
user typed, may well be meant for somebody else.
"""

from collections.abc import Mapping

from longpole.rts_tests.contracts.errors import Problem
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.make.makeflags import variables

TYPED = ("SEED", "FILTER", "SHARD", "FAIL_FAST", "RETRIES", "WARM", "PREBUILT", "NO_SKIP", "SELECT")
OURS = (
    "LONGPOLE_DAY",
    "LONGPOLE_ORDER",
    "LONGPOLE_PYTHON",
    "LONGPOLE_PREFIX",
    "LONGPOLE_REV",
    "LONGPOLE_SLOTS",
    "LONGPOLE_SLOTS_DIR",
    "LONGPOLE_STATE",
    "LONGPOLE_VERBOSE",
    "LONGPOLE_VIEW",
)
LEVEL = "LONGPOLE_LEVEL"
"""MAKELEVEL of the makefile that includes ours; unset if ours was called itself."""

_NEAR = 0.81
"""The ratio from which on two names are similar: SEEDS and SEED have 0.89, FILE and FILTER 0.8."""


def misspelled(environ: Mapping[str, str]) -> list[Problem]:
    """A problem for each variable on make's command line that nobody knows, but that is near one of ours."""
    unknown = [name for name in variables(environ.get("MAKEFLAGS", "")) if name not in TYPED and name not in OURS]
    if not unknown or not _was_typed(environ):
        return []
    problems = []
    for name in unknown:
        near = _nearest(name)
        if near is not None:
            build = "" if near in OURS else f" If it is meant for a build, set it in the environment: {name}=... make"
            problems.append(Problem(name, None, None, "unknown variable", f"did you mean {near}?{build}"))
        elif name.startswith("LONGPOLE_"):
            remedy = f"Longpole reads {', '.join(OURS)}"
            problems.append(Problem(name, None, None, "unknown variable", remedy))
    return problems


def _was_typed(environ: Mapping[str, str]) -> bool:
    """Whether the make with these variables is the one that the user called."""
    level = environ.get(LEVEL) or str(int(environ.get("MAKELEVEL") or 1) - 1)
    return level == "0"


def _nearest(name: str) -> str | None:
    upper = name.upper()
    for known in (*TYPED, *OURS):
        if sorted(upper) == sorted(known):
            return known
    return nearest(name, (*TYPED, *OURS), _NEAR)
