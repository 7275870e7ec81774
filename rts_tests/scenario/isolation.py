"""What a scenario has for itself: a private /tmp, no network, another time of day.

A unit is a process with one thread, and enters namespaces itself before the first step (machine/namespaces.py), so all
that the steps start is in them. The time of day is libfaketime's: a library that programs load before all others, by
the environment. It is told the distance between the two clocks, so that time goes on from step to step.
"""

import importlib.util
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from glob import glob
from shutil import which

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.machine import namespaces
from longpole.rts_tests.machine.namespaces import Unavailable
from longpole.rts_tests.scenario.model import Isolation
from longpole.rts_tests.scenario.steps import run_step

_TMP = ("/tmp", "/var/tmp")  # noqa: S108  they are hidden, not used
_SHARED_MEMORY = ("/dev/shm",)  # noqa: S108
"""libfaketime makes files here for each process; those of a process that is killed would stay."""
_LIBRARY = "libfaketime.so.1"
_FOLDERS = (
    *("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/lib64/faketime"),
    *("/usr/local/lib/*/faketime", "/usr/local/lib/faketime", "/usr/local/lib64/faketime"),
)
"""Where systems keep the library; these are globs."""
_TRY_S = 10.0
_TOLERANCE_S = 60


@dataclass(slots=True)
class Apart:
    """How this process is set apart; `variables` are for the environment of commands."""

    variables: Mapping[str, str] = field(default_factory=dict)
    _entered: bool = False
    _hidden: list[str] = field(default_factory=list)

    def begin(self, isolation: Isolation, folder: str, visible: Iterable[str], environ: Mapping[str, str]) -> None:
        """Set this process apart; what is mounted in the place of folders is made in `folder`.

        `visible` are the paths that stay where they are, also below a hidden folder; so do the folders of programs and
        the home that the environment of commands, `environ`, names. Raises `Unavailable` if this machine cannot do it;
        then the process may be in a namespace, and should end. Raises `OSError`, and `UseError` if a visible path is
        itself to be hidden.
        """
        folders: tuple[str, ...] = _TMP if isolation.tmp else ()
        if isolation.clock_s is not None:
            self.variables = _clock(isolation.clock_s, environ)
            folders += _SHARED_MEMORY
        if isolation.tmp or isolation.network:
            self._enter(network=isolation.network)
        elif not folders or not (self._entered or namespaces.why_not() is None):
            return  # a clock does without namespaces
        else:
            self._enter(network=False)
        hidden = [os.path.realpath(path) for path in folders if os.path.isdir(path)]
        visible = [*visible, *(path for path in _named(environ) if os.path.realpath(path) not in hidden)]
        for number, path in enumerate(dict.fromkeys(hidden)):
            _hide(path, f"{folder}/{number}", visible)
            self._hidden.append(path)

    def _enter(self, *, network: bool) -> None:
        if not self._entered:
            namespaces.enter(network=network)
            self._entered = True

    def end(self) -> None:
        """Show the hidden folders again, so that what hides them can be removed. The network stays as it is."""
        while self._hidden:
            namespaces.show(self._hidden.pop())


def _named(environ: Mapping[str, str]) -> Iterator[str]:
    """The folders that stay visible because commands look there: those of PATH, and HOME."""
    paths = (*environ.get("PATH", "").split(":"), environ.get("HOME", ""), sys.prefix, sys.base_prefix)
    yield from (path for path in paths if os.path.isabs(path))


def _hide(path: str, by: str, visible: Iterable[str]) -> None:
    os.makedirs(by)
    os.chmod(by, 0o1777)  # noqa: S103  as that of /tmp
    try:
        namespaces.hide(path, by, visible)
    except NotADirectoryError as error:
        if error.filename != os.path.realpath(path):
            raise
        what = f"a scenario cannot have a private {path}: the suite or its sandboxes are in that folder itself"
        raise UseError.at("isolate", what, f"put them into a folder of {path}") from None


# -- the clock --------------------------------------------------------------------------------------------------------


def _clock(begin_s: int, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables by which the clock of commands begins at `begin_s` now. Raises `Unavailable`."""
    library = find_library(environ.get("PATH", os.defpath))
    if library is None:
        raise Unavailable("a clock of its own needs libfaketime, and there is none here")
    if any(character in " :" for character in library):
        raise Unavailable(f"{library} cannot be preloaded: its path holds a space or a colon")
    distance = math.ceil(begin_s - time.time())
    preload = environ.get("LD_PRELOAD", "")
    variables = {
        "LD_PRELOAD": f"{library}:{preload}" if preload else library,
        "FAKETIME": f"{distance:+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # or some programs wait too long, or for ever
        "DONT_FAKE_MONOTONIC": "1",  # its name in older versions
    }
    told = run_step("date +%s", cwd="/", environ={**environ, **variables}, timeout_s=_TRY_S)
    if not told.stdout.strip().isdigit() or abs(int(told.stdout) - begin_s) > _TOLERANCE_S:
        raise Unavailable(f"{library} does not change what `date` says")
    return variables


def find_library(path: str) -> str | None:
    """libfaketime of the Python package beside Longpole, of the `faketime` on `path`, or of the system."""
    if sys.platform != "linux":
        return None
    spec = importlib.util.find_spec("libfaketime")
    packages = [] if spec is None else list(spec.submodule_search_locations or ())
    folders = [f"{package}/vendor/libfaketime/src" for package in packages]
    program = which("faketime", path=path)
    if program is not None:
        prefix = os.path.dirname(os.path.dirname(os.path.realpath(program)))
        folders += [f"{prefix}/lib", f"{prefix}/lib/faketime"]
    for folder in (*folders, *_FOLDERS):
        for found in sorted(glob(f"{folder}/{_LIBRARY}")):
            return found
    return None
