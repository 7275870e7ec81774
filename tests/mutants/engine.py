"""Tests run against one mutant: in a process of its own, forked from one that has imported what they need.

The mutant is never written to a file: the process loads it in the place of the module. Tests that start runs are left
out, since what they start would load the module as it is; those that are left take a fraction of a second.
"""

import importlib
import importlib.abc
import importlib.util
import os
import resource
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

OURS = "longpole"
STARTS_RUNS = {"project", "nix", "chromium", "small_disk"}
"""Fixtures of tests that start runs, or take long."""

_MEMORY = 4 << 30
_ARGUMENTS = (
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins that were imported ahead of it
)


def warm_up(modules: Sequence[str]) -> None:
    """Import what the tests and the product import, and forget the product, so that each mutant's process is quick."""
    for name in ("hypothesis.strategies", "xml.etree.ElementTree", "_pytest.tmpdir", *modules):
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.split(".")[0] == OURS]:
        del sys.modules[name]


def start(module: str, text: str | None, tests: Sequence[Path], cpu_s: int) -> int:
    """Start a process that runs the tests with `text` in the place of a module's source, None for as it is; its pid.

    It exits with 0 when no test noticed the mutant. A mutant that never ends is ended after `cpu_s` seconds of CPU.
    """
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _be_quiet()
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        if text is not None:
            sys.meta_path.insert(0, _Instead(module, text))
        status = pytest.main([*_ARGUMENTS, *map(str, tests)], plugins=[_NoRuns()])
    finally:
        os._exit(int(status))


def own_cpu_s(module: str, tests: Sequence[Path]) -> float:
    """What the tests need with the module as it is, in seconds of CPU; raises `RuntimeError` where they fail."""
    before = time.monotonic()
    pid = start(module, None, tests, 300)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{module}: its own tests do not pass: {' '.join(map(str, tests))}")
    return min(usage.ru_utime + usage.ru_stime, time.monotonic() - before + 1)


def _be_quiet() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


class _NoRuns:
    """A plugin of pytest that leaves out what starts runs."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of pure functions."""
        items[:] = [item for item in items if not STARTS_RUNS.intersection(getattr(item, "fixturenames", ()))]


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, and loads a text in its place."""

    def __init__(self, module: str, text: str) -> None:
        self._module = module
        self._text = text

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where the module comes from: here."""
        return importlib.util.spec_from_loader(name, self) if name == self._module else None

    def exec_module(self, module: ModuleType) -> None:
        """Execute the text as the module."""
        exec(compile(self._text, f"<mutant of {self._module}>", "exec"), module.__dict__)
