"""The stamp of the last render: what `longpole render` wrote in this checkout, and from what.

Its time is what make compares with the suite and the templates; its content tells whether anything has changed.
"""

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.files import read_json, write_atomic

STAMP = "rendered"
MAKEFILE = Path("Makefile")
_FOUND_BY_MAKE = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which make looks for them."""


def file_words(makefile: str | os.PathLike[str]) -> tuple[str, ...]:
    """The words with which make reads this makefile; none if make finds it by itself."""
    name = os.path.relpath(makefile)
    found = next((each for each in _FOUND_BY_MAKE if each == name or _is_another(each, name)), None)
    return () if found == name else ("-f", name)


def _is_another(other: str, name: str) -> bool:
    """Whether a file called `other` exists and is not the file `name`, as where case makes no difference."""
    return os.path.isfile(other) and not (os.path.exists(name) and os.path.samefile(other, name))


def file_option(makefile: str) -> str:
    """`file_words` as text for a shell, with a space before it; empty if make finds the makefile by itself."""
    return "".join(f" {shlex.quote(word)}" for word in file_words(makefile))


@dataclass(frozen=True, slots=True)
class LastRender:
    """The fingerprint of inputs and outputs, the paths of all rendered files, and which of them are makefiles.

    Without a render, the fingerprint is None and there are no files.
    """

    fingerprint: str | None = None
    outputs: tuple[Path, ...] = ()
    makefiles: tuple[Path, ...] = ()
    scenarios: tuple[str, ...] = ()
    """The folders and files of scenarios, which are inputs."""


def read_last_render(state: Path) -> LastRender:
    """The stamp in the state directory; an empty one if it is missing or damaged."""
    try:
        stamp = read_json(state / STAMP)
        return LastRender(
            fingerprint=str(stamp["fingerprint"]),
            outputs=tuple(Path(name) for name in stamp["outputs"]),
            makefiles=tuple(Path(name) for name in stamp.get("makefiles", [MAKEFILE])),
            scenarios=tuple(map(str, stamp.get("scenarios", ()))),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return LastRender()


def write_last_render(state: Path, last: LastRender) -> None:
    """Write the stamp. Raises `OSError`."""
    stamp = {
        "version": 1,
        "fingerprint": last.fingerprint,
        "outputs": [str(path) for path in last.outputs],
        "makefiles": [str(path) for path in last.makefiles],
        "scenarios": list(last.scenarios),
    }
    write_atomic(state / STAMP, (json.dumps(stamp) + "\n").encode())


def makefile_in_force(state: Path, folder: Path = Path()) -> Path | None:
    """The makefile with which Longpole calls make: the first one of the last render that exists, else `Makefile`.

    Its path is relative to the project's folder, by default the current one; None if there is neither.
    """
    return next((path for path in (*read_last_render(state).makefiles, MAKEFILE) if (folder / path).is_file()), None)
