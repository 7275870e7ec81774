"""Regular expressions and modes in expectations: Python's `re`, MULTILINE, found anywhere. Pure functions."""

import re
import warnings

from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Node
from longpole.rts_tests.scenario.reading import Record

ON_TEXTS = ("output_matches", "output_not_matches")
_VARIABLE = re.compile(r"\$[A-Z0-9_]+")
_MODE = re.compile(r"[0-7]{3,4}")


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression `pattern`, in which variables are replaced. Raises `ValueError`, which says why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what later versions of Python may read otherwise
            return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        place = "" if error.pos is None else f" at character {error.pos + 1}"
        raise ValueError(f"{error.msg}{place}") from None
    except (OverflowError, RecursionError):
        raise ValueError("it is too large") from None


def check_patterns(expect: Record, problems: Problems) -> None:
    """Report patterns and modes of expectations that are not valid, whatever their variables hold."""
    for key in ON_TEXTS:
        for item in expect.lists.get(key, ()):
            check_pattern(item.text, item, problems)
    for match in expect.records.get("files_match", ()):
        if "pattern" in match.texts:
            check_pattern(match.texts["pattern"], match.places["pattern"], problems)
    for permissions in expect.records.get("mode", ()):
        mode = permissions.texts.get("mode")
        if mode is not None and not _MODE.fullmatch(mode):
            remedy = "write three or four digits from 0 to 7, as in `0755`"
            problems.add(permissions.places["mode"], f"{shown(mode)} is not the mode of a file", remedy)


def check_pattern(pattern: str, place: Node, problems: Problems) -> None:
    """Report a regular expression that is not valid, whatever its variables hold."""
    try:
        compiled(_VARIABLE.sub("x", pattern))
    except ValueError as error:
        remedy = "see Python's `re`; a backslash before a special character makes it ordinary"
        problems.add(place, f"{shown(pattern)} is not a regular expression: {error}", remedy)
