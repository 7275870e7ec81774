"""The arguments of `longpole run`: its own and make's, and what make's mean. Pure functions."""

import re
from collections.abc import Sequence

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.make.makeflags import sets_jobs as makeflags_set_jobs

_OURS = re.compile(r"-j[0-9]*|--jobs(=.*)?|--order(=.*)?|--select(=.*)?|-q+|-v+|--quiet|--verbose|-h|--help", re.DOTALL)
_OURS_WITH_WORD = ("--jobs", "--order", "--select")
_TAKES_WORD = re.compile(
    r"-[a-zA-Z]*[CfIoWE]|"
    r"--(directory|file|makefile|include-dir|old-file|assume-old|what-if|new-file|assume-new|eval)"
)
"""Options of make that take the next word as their value."""

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
"""What make takes as the optional number of `-l` and similar options, so it is not a goal."""

_OTHER_MAKEFILE = re.compile(r"-[a-zA-Z]*[Cf].*|--(directory|file|makefile)(=.*)?", re.DOTALL)
_JOBS = re.compile(r"-[a-zA-Z]*j[0-9]*|--jobs.*", re.DOTALL)


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our options and make's arguments, unchanged: all other words, and all after `--`, are make's."""
    ours: list[str] = []
    makes: list[str] = []
    index = 0
    while index < len(words):
        word, following = words[index], words[index + 1 : index + 2]
        if word == "--":
            return ours, [*makes, *words[index:]]
        if word == "-j":  # with a number ours; else make's, for no limit
            mine, pair = (True, True) if following and following[0].isdecimal() else (False, False)
        else:
            mine = _OURS.fullmatch(word) is not None
            pair = word in _OURS_WITH_WORD if mine else _TAKES_WORD.fullmatch(word) is not None
        (ours if mine else makes).extend([word, *following] if pair else [word])
        index += 2 if pair else 1
    return ours, makes


def goals(makes: Sequence[str]) -> list[str]:
    """Return the goals among make's arguments: all words but options, their values, and variables."""
    names: list[str] = []
    words = iter(makes)
    for word in words:
        if word == "--":
            return names + [rest for rest in words if "=" not in rest]
        if _TAKES_WORD.fullmatch(word):
            next(words, None)
        elif not word.startswith("-") and "=" not in word and not _NUMBER.fullmatch(word):
            names.append(word)
    return names


def sets_variable(makes: Sequence[str], name: str) -> bool:
    """Whether make's arguments set the variable `name`."""
    return any(re.match(rf"{name}\s*[:+?!]*=", word) for word in makes)


def names_other_makefile(makes: Sequence[str]) -> bool:
    """Whether make's arguments name another folder or another makefile."""
    return any(_OTHER_MAKEFILE.fullmatch(word) for word in makes)


def sets_jobs(makes: Sequence[str], makeflags: str) -> bool:
    """Whether make's arguments or `MAKEFLAGS` set the number of jobs."""
    return any(map(_JOBS.fullmatch, makes)) or makeflags_set_jobs(makeflags)


_NEAR = 0.7
_LONG_OPTIONS = (
    *("--always-make", "--assume-new", "--assume-old", "--check-symlink-times", "--debug", "--directory", "--dry-run"),
    *("--environment-overrides", "--eval", "--file", "--help", "--ignore-errors", "--include-dir", "--jobs"),
    *("--just-print", "--keep-going", "--load-average", "--makefile", "--max-load", "--new-file"),
    *("--no-builtin-rules", "--no-builtin-variables", "--no-keep-going", "--no-print-directory", "--no-silent"),
    *("--old-file", "--order", "--output-sync", "--print-data-base", "--print-directory", "--question", "--quiet"),
    *("--recon", "--select", "--shuffle", "--silent", "--stop", "--touch", "--trace", "--verbose", "--version"),
    *("--warn-undefined-variables", "--what-if"),
)
"""Those of make (4.4) and of `longpole run`. make accepts an unambiguous beginning of each."""


def check_options(makes: Sequence[str]) -> None:
    """Raise `UseError` for a long option that is unknown to make and to `longpole run`, but similar to a known one.

    Any other option is left to make, which may be newer than this table.
    """
    words = iter(makes)
    for word in words:
        if word == "--":
            return
        if _TAKES_WORD.fullmatch(word):
            next(words, None)
        name = word.partition("=")[0]
        if not name.startswith("--") or any(known.startswith(name) for known in _LONG_OPTIONS):
            continue
        near = nearest(name, _LONG_OPTIONS, _NEAR)
        if near is not None:
            raise UseError.at("", f"there is no option {name}", f"did you mean {near}?")
