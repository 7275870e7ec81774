"""`longpole run` takes make's arguments beside its own: telling the two apart, and what make's say. Pure functions."""

import re
from collections.abc import Sequence

from longpole.rts_tests.make.makeflags import tells_jobs as makeflags_tell_jobs

_OURS = re.compile(r"-j[0-9]*|--jobs(=.*)?|--order(=.*)?|-q+|-v+|--quiet|--verbose|-h|--help", re.DOTALL)
_OURS_WITH_WORD = ("--jobs", "--order")
_TAKES_WORD = re.compile(
    r"-[a-zA-Z]*[CfIoWE]|"
    r"--(directory|file|makefile|include-dir|old-file|assume-old|what-if|new-file|assume-new|eval)"
)
"""Options of make after which a word is no goal."""

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
"""What make takes for the number that `-l` and the like may have, and so no goal."""

_ELSEWHERE = re.compile(r"-[a-zA-Z]*[Cf].*|--(directory|file|makefile)(=.*)?", re.DOTALL)
_JOBS = re.compile(r"-[a-zA-Z]*j[0-9]*|--jobs.*", re.DOTALL)


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our options, and everything else, which is make's, each as it was written; after `--` all is make's."""
    ours: list[str] = []
    makes: list[str] = []
    index = 0
    while index < len(words):
        word, following = words[index], words[index + 1 : index + 2]
        if word == "--":
            return ours, [*makes, *words[index:]]
        if word == "-j":  # with a number ours, else make's: as many as there are
            mine, pair = (True, True) if following and following[0].isdecimal() else (False, False)
        else:
            mine = _OURS.fullmatch(word) is not None
            pair = word in _OURS_WITH_WORD if mine else _TAKES_WORD.fullmatch(word) is not None
        (ours if mine else makes).extend([word, *following] if pair else [word])
        index += 2 if pair else 1
    return ours, makes


def goals(makes: Sequence[str]) -> list[str]:
    """The goals among make's arguments: neither options, nor what belongs to one, nor variables."""
    found: list[str] = []
    words = iter(makes)
    for word in words:
        if word == "--":
            return found + [each for each in words if "=" not in each]
        if _TAKES_WORD.fullmatch(word):
            next(words, None)
        elif not word.startswith("-") and "=" not in word and not _NUMBER.fullmatch(word):
            found.append(word)
    return found


def leads_elsewhere(makes: Sequence[str]) -> bool:
    """Whether make is sent to another folder or to another file."""
    return any(_ELSEWHERE.fullmatch(word) for word in makes)


def tells_jobs(makes: Sequence[str], makeflags: str) -> bool:
    """Whether make is told how many jobs there are, in its arguments or, by `MAKEFLAGS`, from above."""
    return any(map(_JOBS.fullmatch, makes)) or makeflags_tell_jobs(makeflags)
