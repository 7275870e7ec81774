"""Which command lines need no shell: those of which `bash -c` would make the same program, words and environment.

The rule is conservative: a text is split here only if nothing in it or in the environment could make bash do
more than find one program and execute it. Everything else is for bash. What bash changes in the environment of a
program is in `environment_of`.
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_UNQUOTED = r"[^\s'\"$~{}#\\*?\[\]<>|&;()!`\x00-\x1f\x7f]++"
_SINGLE = r"'[^'\x00-\x08\x0b-\x1f\x7f]*+'"
_DOUBLE = r'"[^"$`\\\x00-\x08\x0b-\x1f\x7f]*+"'
_WORD = re.compile(rf"(?:{_UNQUOTED}|{_SINGLE}|{_DOUBLE})++")
_PIECE = re.compile(rf"({_UNQUOTED})|{_SINGLE}|{_DOUBLE}")
_LINE = re.compile(rf"[ \t]*+({_WORD.pattern}(?:[ \t]++(?!2>&1){_WORD.pattern})*+)([ \t]++2>&1)?+[ \t]*+\n?")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NO_PROGRAMS = _set(
    """
    . : [ alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare dirs
    disown do done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help
    history if in jobs kill let local logout mapfile newgrp popd printf pushd pwd read readarray readonly return
    select set shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset
    until wait while
    """
)
"""Words that are builtins or keywords of bash where a command is expected: `compgen -bk` of 5.2, and of others."""

_OF_BASH = _set(
    """
    COMP_CWORD COMP_KEY COMP_LINE COMP_POINT COMP_TYPE COMP_WORDBREAKS COMP_WORDS COMPREPLY COPROC DIRSTACK
    EPOCHREALTIME EPOCHSECONDS EUID EXECIGNORE FUNCNAME FUNCNEST GLOBIGNORE GLOBSORT GROUPS HISTCMD HISTCONTROL
    HISTFILE HISTFILESIZE HISTIGNORE HISTSIZE HISTTIMEFORMAT HOSTTYPE IFS IGNOREEOF LINENO MACHTYPE MAPFILE OLDPWD
    OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS POSIXLY_CORRECT POSIX_PEDANTIC PPID PS4 PWD RANDOM
    READLINE_ARGUMENT READLINE_LINE READLINE_MARK READLINE_POINT REPLY SECONDS SHELLOPTS SHLVL SRANDOM TMOUT UID _
    histchars
    """
)
"""Variables that mean something to bash, beside those that begin with `BASH`: bash alone assigns them."""

_HANDLED = {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}
"""Those that may be in the environment, as what becomes of them is known."""
_FOREIGN = frozenset(_OF_BASH - _HANDLED)
_LEVEL = re.compile(r"0|[1-9][0-9]{0,2}")
_ALL_CATEGORIES = 0x1FBF
"""LC_ALL_MASK of glibc, and of musl."""
_LATE_LEVEL = 900
"""From 1000 on bash resets SHLVL, with a warning."""


@dataclass(frozen=True, slots=True)
class Words:
    """A command line without shell syntax: `env` for `argv`, and whether standard error is `joined` to the output."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    joined: bool = False


def split(text: str) -> Words | None:
    """Return the words of `text`, in which variables are expanded already; None if it needs a shell."""
    line = _LINE.fullmatch(text)
    if line is None:
        return None
    raw, joined = _WORD.findall(line[1]), line[2] is not None
    env: list[tuple[str, str]] = []
    while raw and (assignment := _ASSIGNMENT.match(raw[0])):
        name = assignment[1]
        if name in _OF_BASH or name.startswith("BASH"):
            return None
        env.append((name, _unquoted(raw.pop(0)[assignment.end() :])))
    if not raw:
        return None
    argv = tuple(map(_unquoted, raw))
    if not _is_program(argv[0]) or (joined and "\n" in text[:-1]):  # bash would say in which line a signal ended it
        return None
    return Words(argv, tuple(env), joined)


def raw_words(text: str) -> str:
    """The words of a text whose streams are `joined`, as bash prints them: quoted as they were, with single spaces."""
    line = _LINE.fullmatch(text)
    assert line is not None
    return " ".join((*_WORD.findall(line[1]), "2>&1"))


def _unquoted(word: str) -> str:
    if "'" not in word and '"' not in word:
        return word
    return "".join(match[1] or match[0][1:-1] for match in _PIECE.finditer(word))


def _is_program(word: str) -> bool:
    """Whether bash takes `word` for the name of a program: no builtin, keyword, job, option, assignment."""
    return bool(word) and word not in _NO_PROGRAMS and word[0] not in "-+%" and "=" not in word and "\n" not in word


def is_plain(environ: Mapping[str, str], text: str) -> bool:
    """Whether bash reads `text` as `split` does, and gets no functions, options or values from this environment."""
    if not _FOREIGN.isdisjoint(environ) or not environ.get("PATH"):
        return False
    if any(name.startswith("BASH") for name in environ) or not _is_locale(environ.get("LC_ALL") or "C"):
        return False
    return text.isascii() or _is_utf8_or_c(environ)


@cache
def _is_locale(name: str) -> bool:
    """Whether LC_ALL may have this value: bash warns about a locale that the system does not have."""
    if name in ("C", "POSIX"):
        return True
    if sys.platform != "linux":
        return False
    import ctypes  # not needed where LC_ALL is not set

    library = ctypes.CDLL(None)
    library.newlocale.restype, library.freelocale.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    found = library.newlocale(_ALL_CATEGORIES, os.fsencode(name), None)
    if found:
        library.freelocale(found)
    return bool(found)


def _is_utf8_or_c(environ: Mapping[str, str]) -> bool:
    """Whether the locale is one in which no byte of UTF-8 can be mistaken for another character."""
    name = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    return name in ("C", "POSIX") or name.lower().replace("-", "").partition("@")[0].endswith(".utf8")


def program(word: str, environ: Mapping[str, str]) -> str | None:
    """Return what bash would execute for `word`; None if it would not find it, or only by a relative PATH."""
    if "/" in word:
        return word
    for folder in environ["PATH"].split(":"):
        if not folder.startswith("/"):
            return None
        path = f"{folder}/{word}" if folder[-1] != "/" else folder + word
        if os.access(path, os.X_OK, effective_ids=_EFFECTIVE) and os.path.isfile(path):
            return path
    return None


_EFFECTIVE = os.access in os.supports_effective_ids


def environment_of(words: Words, path: str, environ: Mapping[str, str]) -> dict[str, str] | None:
    """Return the environment in which `bash -c` executes `path` in the current directory; None if only bash knows it.

    bash sets PWD, SHLVL and `_`, and drops PS1, PS2 and an OLDPWD that is no folder. SHLVL counts it only if it waits
    for the program, as it does for the sake of `2>&1`.
    """
    env = {**environ, "_": path}
    for name in ("PS1", "PS2"):
        env.pop(name, None)
    level = env.get("SHLVL", "0")
    if not _LEVEL.fullmatch(level) or int(level) >= _LATE_LEVEL:
        return None
    env["SHLVL"] = str(int(level) + words.joined)
    folder = _pwd(env.get("PWD"))
    if folder is None:
        return None
    env["PWD"] = folder
    if "OLDPWD" in env and not os.path.isdir(env["OLDPWD"]):
        del env["OLDPWD"]
    env.update(words.env)
    return env


def _pwd(inherited: str | None) -> str | None:
    """PWD: the inherited one if it is the current directory, also through links, else its physical path."""
    try:
        if inherited is not None and inherited.startswith("/") and os.path.samestat(os.stat(inherited), os.stat(".")):
            return inherited if os.path.normpath(inherited) == inherited else None
    except (OSError, ValueError):
        pass
    try:
        return os.getcwd()
    except OSError:
        return None
