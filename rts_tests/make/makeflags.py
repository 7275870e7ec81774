"""MAKEFLAGS, in which make passes its own options to the programs that it starts. Pure functions.

The first word contains the one-letter options, without a dash. If there are none, the first word begins with a dash or
is a variable. Long options and `-jN` follow.
"""

_DRY_RUN = frozenset("nqt")


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


def sets_jobs(makeflags: str) -> bool:
    """Whether MAKEFLAGS set the number of jobs, or no limit."""
    return any(word.startswith(("-j", "--job")) for word in makeflags.split())


def jobs(makeflags: str) -> int | None:
    """Return the number of jobs in MAKEFLAGS; 1 without `-j`; None if `-j` has no number (no limit, or an old make)."""
    numbers = [word[2:] for word in makeflags.split() if word.startswith("-j") and word[2:].isdecimal()]
    if numbers:
        return int(numbers[-1])
    return None if sets_jobs(makeflags) else 1
