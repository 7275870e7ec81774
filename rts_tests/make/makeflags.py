"""MAKEFLAGS, in which make passes its own options to the programs that it starts. Pure functions.

The first word contains the one-letter options, without a dash. If there are none, the first word begins with a dash or
is a variable. Long options and `-jN` follow.
"""

import re

_DRY_RUN = frozenset("nqt")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)[:+?!]{0,2}=")
_SPACE = re.compile(r"(?<!\\) ")


def letters(makeflags: str) -> str:
    """Return the one-letter options, such as `kw`; empty if there are none."""
    first = makeflags.split(" ", 1)[0]
    return "" if first.startswith("-") or "=" in first else first


def is_dry_run(makeflags: str) -> bool:
    """Whether make executes no recipes, but prints them (`-n`), checks targets (`-q`) or touches them (`-t`)."""
    return not _DRY_RUN.isdisjoint(letters(makeflags))


def without_letters(makeflags: str, unwanted: str) -> str:
    """Return MAKEFLAGS without the one-letter options in `unwanted`."""
    own = letters(makeflags)
    return "".join(letter for letter in own if letter not in unwanted) + makeflags[len(own) :]


def shuffles(makeflags: str) -> bool:
    """Whether make starts prerequisites in another order than the listed one (`--shuffle`, from 4.4 on)."""
    return any(word == "--shuffle" or word.startswith("--shuffle=") for word in makeflags.split())


def sets_jobs(makeflags: str) -> bool:
    """Whether MAKEFLAGS set the number of jobs, or no limit."""
    return any(word.startswith(("-j", "--job")) for word in makeflags.split())


def jobs(makeflags: str) -> int | None:
    """Return the number of jobs in MAKEFLAGS; 1 without `-j`; None if `-j` has no number (no limit, or an old make)."""
    numbers = [word[2:] for word in makeflags.split() if word.startswith("-j") and word[2:].isdecimal()]
    if numbers:
        return int(numbers[-1])
    return None if sets_jobs(makeflags) else 1


def variables(makeflags: str) -> list[str]:
    """Return the names of the variables on the command line of make, and of the makes above it."""
    return [match[1] for word in _SPACE.split(makeflags) if (match := _VARIABLE.match(word))]
