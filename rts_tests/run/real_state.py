"""The guard of the user's real state: folders that the suite names, looked at before and after a run with scenarios.

A scenario runs a program under test, with the user's rights and often with the user's HOME. If the program, or the
scenario, writes to the user's own configuration, data or state instead of the sandbox, this is where it is noticed.
"""

import os
import pwd
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.real_state import RealState, write_real_state
from longpole.rts_tests.machine.fingerprint import Fingerprint, changes, fingerprint
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.view.settings import is_ci

MAX_CHANGES = 1000
"""Changes that are kept; further ones are counted."""

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)
_XDG = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}
"""The folders below HOME that these variables stand for where they are not set (XDG Base Directory Specification)."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the guarded folders contained before the run."""

    folders: tuple[str, ...]
    paths: tuple[str, ...]
    excluded: frozenset[str]
    before: Fingerprint
    problems: tuple[str, ...]
    fails: bool

    def finish(self, run: Path) -> RealState:
        """Look again, keep the result in the folder of the run, and return it."""
        after = fingerprint(self.paths, self.excluded)
        found = changes(self.before, after)
        problems = tuple(dict.fromkeys((*self.problems, *self.before.problems, *after.problems)))
        state = RealState(
            folders=self.folders,
            changes=tuple((change.path, change.what) for change in found[:MAX_CHANGES]),
            changed=len(found),
            problems=problems[:MAX_CHANGES],
            fails=self.fails,
        )
        try:
            write_real_state(run, state)
        except OSError as error:
            print(f"longpole: {error.filename or run}: {error.strerror}", file=sys.stderr)
        return state


def watch(plan: Plan, units: Iterable[Unit], request: Request) -> Watched | None:
    """Look at what the suite guards; None if that is nothing, or if no unit is a scenario.

    The folders in which Longpole keeps its own state are left out.
    """
    if not plan.guard or all(plan.modules[unit.module].scenario is None for unit in units):
        return None
    paths, problems = expanded(plan.guard, request.environ)
    own = frozenset(os.path.realpath(folder) for folder in (request.state, request.slots_dir))
    before = fingerprint(paths, own)
    return Watched(plan.guard, paths, own, before, tuple(problems), is_ci(request.environ))


def expanded(folders: Sequence[str], environ: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    """The absolute paths of guarded folders, and a message for each that has none.

    `~` at the beginning is the home directory; `$NAME` and `${NAME}` are variables, of which those of the XDG Base
    Directory Specification have their defaults. A relative path begins at the folder of the suite, the current one.
    """
    home = environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    values = {name: f"{home}/{folder}" for name, folder in _XDG.items()}
    values |= {name: value for name, value in environ.items() if value} | {"HOME": home}
    paths, problems = [], []
    for folder in folders:
        unset = [name for match in _VARIABLE.finditer(folder) if (name := match[1] or match[2]) not in values]
        if unset:
            problems.append(f"{folder}: ${unset[0]} is not set, so this is not guarded")
            continue
        text = _VARIABLE.sub(lambda match: values[match[1] or match[2]], folder)
        if text == "~" or text.startswith("~/"):
            text = home + text[1:]
        paths.append(os.path.abspath(text))
    return tuple(dict.fromkeys(paths)), problems
