"""`longpole init --example`: a suite to begin with, where no runner is known."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from longpole.gen.adapters.model import Draft, Entry
from longpole.gen.adapters.suite import name_for
from longpole.gen.render.ours import made_here

MAX_SCRIPTS = 50
_FOLDERS = ("tests", "test", "t")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_TARGET = re.compile(r"^(?:[\w.-]+ +)*?(check|test)(?: +[\w.-]+)* *::?(?!=)", re.MULTILINE)
"""One of the targets of a rule, which may have several."""
_SAFE = re.compile(r"[A-Za-z0-9_./+@,-]+")
_COMMENT = """A suite to begin with: put your own tests in the place of these.
A module is a group of tests; `run` is the command that runs them, a list of words, and exit status 0 is passed.
What is to be built first is the `build` of a variant. An editor that knows the schema above completes all keys;
docs/suite.md describes them."""


def example(root: Path) -> Draft:
    """The suite of a project: what its makefile checks, else its test scripts, else three small modules."""
    modules: list[Entry] = []
    for entry in list(_checks(root)) or list(_scripts(root)) or _SHOWN:
        name = name_for(entry.name, [each.name for each in modules])
        modules.append(Entry(name, entry.keys, entry.comment))
    return Draft(
        name_for(root.resolve().name),
        (Entry("default", {}, 'One way of building what is tested, such as `build: ["{make}", all]`.'),),
        tuple(modules),
        comment=_COMMENT,
    )


_TAP = 'echo "1..2"; echo "ok 1 - adds"; echo "ok 2 - subtracts"'
_SHOWN = (
    Entry("status", {"weight": 0.1, "run": ["test", "-d", "."]}, "Its exit status is its result."),
    Entry("shell", {"weight": 0.1, "run": {"shell": "echo hello | grep -q ell"}}, "A text for the shell."),
    Entry(
        "cases",
        {"weight": 0.1, "run": {"shell": _TAP}, "results": {"tap": "stdout"}},
        "Tests that tell of their cases, here as TAP; JUnit XML is another way.",
    ),
)


def _checks(root: Path) -> Iterator[Entry]:
    """The target `check` of the project's makefile, else `test`: one often is the other."""
    name = next((name for name in _MAKEFILES if (root / name).is_file()), None)
    if name is None:
        return
    from longpole.gen.render.outputs import MAKEFILE_MARK

    try:
        text = (root / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    if made_here(root / name, MAKEFILE_MARK) is False:
        for target in sorted(set(_TARGET.findall(text)))[:1]:
            comment = f"`make {target}` as one unit; with a module for each of its tests, make runs several at once."
            yield Entry(target, {"weight": 1, "run": ["{make}", "-f", name, target]}, comment)


def _scripts(root: Path) -> Iterator[Entry]:
    """The executable files of the folders of tests; `.t` is the usual ending of those that print TAP."""
    found = [path for folder in _FOLDERS if (root / folder).is_dir() for path in sorted((root / folder).iterdir())]
    scripts = [path for path in found if path.is_file() and os.access(path, os.X_OK)]
    for path in scripts[:MAX_SCRIPTS]:
        place = str(path.relative_to(root))
        if _SAFE.fullmatch(place):
            keys = {"weight": 1, "run": [f"./{place}"]}
            yield Entry(path.stem, keys | ({"results": {"tap": "stdout"}} if path.suffix == ".t" else {}))
