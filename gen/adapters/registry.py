"""The adapters by name, in the order in which they are looked for. Each is imported when it is used."""

import importlib
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from longpole.adapter_names import NAMES
from longpole.gen.adapters.model import Adapter
from longpole.rts_tests.contracts.errors import Problem, UseError

MAX_FOLDERS = 100
MAX_SHOWN = 5
"""Folders below a project that are looked at where it has no tests itself, and those of them that are named."""


@dataclass(frozen=True, slots=True)
class Found:
    """An adapter that fits the project, and the file that shows it."""

    adapter: Adapter[Any]
    place: str


def adapter_named(name: str) -> Adapter[Any]:
    """The adapter of that name, one of `NAMES`."""
    adapter: Adapter[Any] = importlib.import_module(f"longpole.gen.adapters.{name}").ADAPTER
    return adapter


def found_in(root: Path) -> list[Found]:
    """All adapters that fit the project at `root`."""
    fitting = [(adapter, adapter.detect(root)) for adapter in map(adapter_named, NAMES)]
    return [Found(adapter, place) for adapter, place in fitting if place is not None]


def chosen(root: Path, name: str | None) -> Found:
    """The adapter that is asked for, or the only one that fits. Raises `UseError` if there is none or a choice."""
    if name is not None:
        adapter = adapter_named(name)
        place = adapter.detect(root)
        if place is None:
            raise UseError.at(
                "--from", f"no {adapter.title} project here", "work in the project's folder: longpole -C DIR"
            )
        return Found(adapter, place)
    found = found_in(root)
    if not found:
        raise _nothing(root)
    if len(found) > 1:
        names = ", ".join(f"{each.adapter.name} ({each.place})" for each in found)
        raise UseError.at("", f"several kinds of tests were found: {names}", "choose one with --from")
    return found[0]


def kept_together(run: Sequence[str], target_dir: Path) -> list[tuple[str, ...]] | None:
    """The tests that one unit of the command `run` has to run together; None if that cannot be known yet.

    An adapter whose tests depend on each other has a method `together` of this kind, which returns nothing for commands
    of others.
    """
    found: list[tuple[str, ...]] = []
    for adapter in map(adapter_named, NAMES):
        together = getattr(adapter, "together", None)
        bundles = [] if together is None else together(run, target_dir)
        if bundles is None:
            return None
        found += bundles
    return found


def _nothing(root: Path) -> UseError:
    """The error of a project without known tests: what was looked for, and which folders below it have some."""
    rows = [(adapter.title, adapter.looks_for) for adapter in map(adapter_named, NAMES)]
    width = max(len(title) for title, _ in rows)
    lines = [f"looked in {root.resolve()} for", *(f"  {title:{width}}  {what}" for title, what in rows)]
    below = list(_found_below(root))
    lines += [
        f"found {each.adapter.title} in {folder}: type `longpole -C {shlex.quote(folder)} init`"
        for folder, each in below
    ]
    remedy = "`longpole init --example` writes a suite to begin with"
    what = "no tests of a known kind were found here"
    return UseError(Problem("", None, None, what, remedy), output="\n".join(lines))


def _found_below(root: Path) -> Iterator[tuple[str, Found]]:
    """The first of the folders directly below that have tests, with each kind of them."""
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "target")))
    found = (
        (path.name, each) for path in folders[:MAX_FOLDERS] if path.name != "node_modules" for each in found_in(path)
    )
    return islice(found, MAX_SHOWN)
