"""A session of pytest that collects tests for the sake of their imports."""

from __future__ import annotations

import os
import sys
from typing import Any, Generator, List, Optional

import pytest

from longpole_pytest.files import Files
from longpole_pytest.folders import collect_once


class Preload:
    """The plugin of that session."""

    def __init__(self, classes: str, settled: int) -> None:
        """Collect the files that are named in the file `classes`, until `settled` in a row have brought nothing new."""
        self._files = Files.read(classes, os.getcwd(), None)
        self._left = self._settled = settled
        self.why_cold: Optional[str] = None
        """Why forks should make their imports themselves."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        """Load conftest files as the forks will."""
        if getattr(early_config.known_args_namespace, "cov_source", None):
            self.why_cold = "pytest-cov measures what is executed by imports, too"
            raise pytest.UsageError(self.why_cold)
        self._files.announce(early_config)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Collect only."""
        share_no_cache(config)
        config.args[:] = self._files.existing()
        config.option.collectonly = True
        config.option.continue_on_collection_errors = True

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, None]:
        """Count the files that bring no module but themselves; when there are enough of them, import no more."""
        collect_once(collector)
        if not isinstance(collector, pytest.File) or isinstance(collector, pytest.Package):
            yield
            return
        if not self._left:
            collector.collect = _nothing  # type: ignore[method-assign]
        before = len(sys.modules)
        yield
        self._left = self._settled if len(sys.modules) > before + 1 else max(0, self._left - 1)


def _nothing() -> List[pytest.Item]:
    return []


def share_no_cache(config: pytest.Config) -> None:
    """Keep processes from overwriting each other's lists of failures, unless the user asks for such a list."""
    options = config.option
    if any(getattr(options, name, False) for name in ("lf", "failedfirst", "newfirst", "stepwise", "cacheclear")):
        return
    for name in ("lfplugin", "nfplugin", "stepwiseplugin"):
        plugin = config.pluginmanager.getplugin(name)
        if plugin is not None:
            config.pluginmanager.unregister(plugin)
