"""The adapters by name, in the order in which they are looked for. Each is imported when it is used."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters.model import Adapter
from longpole.rts_tests.contracts.errors import UseError

NAMES = ("cargo", "ctest", "go", "maven", "meson", "node", "pytest")
"""Each is a module of this package, whose `ADAPTER` is the adapter."""


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
        what = "no tests of a kind that is known were found here"
        raise UseError.at("", what, "write suite.yaml by hand: docs/suite.md begins with an example")
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
