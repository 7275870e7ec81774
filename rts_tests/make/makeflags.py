"""MAKEFLAGS: what make says of its own options to the programs that it starts. Pure functions.

Its first word holds the options of one letter, without a dash; where there are none it is something else, which begins
with a dash or is a variable. Long options and `-jN` follow.
"""

_ONLY_SHOWS = frozenset("nqt")


def letters(makeflags: str) -> str:
    """The options of one letter, such as `kw`; empty where there are none."""
    first = makeflags.split(" ", 1)[0]
    return "" if first.startswith("-") or "=" in first else first


def only_shows(makeflags: str) -> bool:
    """Whether make only shows or asks what it would do: `-n`, `-q`, `-t`."""
    return not _ONLY_SHOWS.isdisjoint(letters(makeflags))


def without_letters(makeflags: str, unwanted: str) -> str:
    """MAKEFLAGS without some options of one letter."""
    own = letters(makeflags)
    return "".join(letter for letter in own if letter not in unwanted) + makeflags[len(own) :]


def tells_jobs(makeflags: str) -> bool:
    """Whether make was told how many jobs there are, or that there is no limit."""
    return any(word.startswith(("-j", "--job")) for word in makeflags.split())


def jobs(makeflags: str) -> int | None:
    """What `-j` said; 1 without it, None where it is unknown (no limit, or a make that does not tell)."""
    numbers = [word[2:] for word in makeflags.split() if word.startswith("-j") and word[2:].isdecimal()]
    if numbers:
        return int(numbers[-1])
    return None if tells_jobs(makeflags) else 1
