"""The variables of a scenario's texts, and the environment of its commands. Pure functions.

Of the caller's environment commands see what `INHERITED` and the suite name, so that a scenario does the same for
everybody; no variable of git or of Longpole is among them unless the suite names it.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from longpole.rts_tests.scenario.model import Scenario, Settings
from longpole.rts_tests.scenario.names import variable
from longpole.rts_tests.scenario.variables import Variables

INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "LANG", "LANGUAGE", "LC_*", "TZ", "TZDIR"),
    *("LOCALE_ARCHIVE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE"),
)
"""The names of the variables that commands inherit, besides those that the suite names; `*` stands for anything."""
_PLACES = ("WORK_DIR", "BASE_DIR", "BINARY_DIR", "WORKSPACE_ROOT")
_NEVER = ("GIT_*", "LONGPOLE_*")
"""Names that `*` in `inherit` does not stand for."""
_MARKS = ("LONGPOLE_RUN", "LONGPOLE_UNIT")
"""By these a run that was killed, and the supervisor, find what commands have left."""


@dataclass(frozen=True, slots=True)
class Names:
    """The folders and files of a sandbox, absolute."""

    base: str
    work: str
    remotes: str
    tmp: str
    home: str
    gitconfig: str
    short: Mapping[str, str]
    """The short folders, by their names."""


def text_variables(scenario: Scenario, settings: Settings, names: Names) -> dict[str, str]:
    """The variables of a scenario's texts, by name; the later of two of one name wins."""
    values = {"WORK_DIR": names.work, "BASE_DIR": names.base, **scenario.env}
    if settings.bin is not None:
        values["BINARY_DIR"] = settings.bin
    values["WORKSPACE_ROOT"] = settings.root
    places = Variables({**values, "WORK_DIR": names.work, "BASE_DIR": names.base})
    values.update((name, places.expand(value)) for name, value in settings.names.items())
    values.update((name, os.path.join(names.base, path)) for name, path in settings.folders.items())
    values.update(names.short)
    values.update(
        (variable(repository.name), f"{names.remotes}/{repository.name}") for repository in scenario.repositories
    )
    return values


def places_in(values: Mapping[str, str], scenario: Scenario, settings: Settings) -> tuple[str, ...]:
    """The names of variables that hold paths which differ from run to run, or from machine to machine."""
    remotes = (variable(repository.name) for repository in scenario.repositories)
    names = (*_PLACES, *remotes, *settings.folders, *settings.short_folders)
    return tuple(name for name in names if name in values)


def environment(
    scenario: Scenario, settings: Settings, names: Names, values: Mapping[str, str], caller: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a scenario's commands; `values` are the variables of its texts."""
    places = Variables(values)
    author, email = settings.identity
    environ = inherited(caller, settings.inherited)
    environ.update((name, caller[name]) for name in _MARKS if name in caller)
    environ["TMPDIR"] = names.tmp
    if settings.home == "sandbox":
        environ["HOME"] = names.home
    environ.update((name, places.expand(value)) for name, value in settings.env.items())
    found = {name: value for name, value in environ.items() if name == "PATH"}
    environ.update({**values, **found})  # a scenario does not replace PATH; a step may
    environ.update((name, places.expand(value)) for name, value in settings.safety_env.items())
    environ.update(
        GIT_AUTHOR_NAME=author,
        GIT_AUTHOR_EMAIL=email,
        GIT_COMMITTER_NAME=author,
        GIT_COMMITTER_EMAIL=email,
        GIT_CONFIG_GLOBAL=names.gitconfig,
        GIT_DEFAULT_HASH=settings.object_format,
    )
    environ.update((name, values[name]) for name in (*settings.folders, *names.short))
    if settings.bin is not None:
        path = environ.get("PATH", "")
        environ["PATH"] = f"{settings.bin}:{path}" if path else settings.bin
    return environ


def inherited(caller: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The variables of the caller that commands see: those of `INHERITED`, and those in `names`, which may be globs.

    A glob of the suite stands for no variable of git or of Longpole.
    """
    seen = _pattern(tuple(names))
    return {name: value for name, value in caller.items() if seen.fullmatch(name)}


@lru_cache
def _pattern(named: tuple[str, ...]) -> re.Pattern[str]:
    """What the names of inherited variables match. It is compiled once for all scenarios of a process."""
    exact = [name for name in (*INHERITED, *named) if "*" not in name]
    always = _any(*exact, *(name for name in INHERITED if "*" in name))
    globs = [name for name in named if "*" in name]
    return re.compile(f"{always}|(?!{_any(*_NEVER)}){_any(*globs)}" if globs else always, re.DOTALL)


def _any(*globs: str) -> str:
    return f"(?:{'|'.join(map(translate, globs))})"
