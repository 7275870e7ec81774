"""A session of pytest that collects tests for the sake of their imports."""

from __future__ import annotations

import select
import sys
from typing import Any, Generator, Iterator, List, Optional

import pytest

AT_LEAST = 3
"""So many files are imported in any case: what they import others import, too."""
SETTLED = 10
"""When so many files in a row have brought no module but themselves, no more are imported."""


class Preload:
    """The plugin of that session."""

    def __init__(self, descriptor: int) -> None:
        """Stop importing files of tests when forks wait, who are requested by `descriptor`."""
        self._requests = descriptor
        self._imported = 0
        self._settled = 0
        self.why_cold: Optional[str] = None
        """Why forks should make their imports themselves."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        """Stop if imports are to be measured."""
        options = early_config.known_args_namespace
        if getattr(options, "cov_source", None) and not getattr(options, "no_cov", False):
            self.why_cold = "pytest-cov measures what is executed by imports, too"
            raise pytest.UsageError(self.why_cold)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Collect only."""
        share_no_cache(config)
        config.option.collectonly = True
        config.option.continue_on_collection_errors = True

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, None]:
        """Import files until enough of them have brought no module but themselves, or forks wait."""
        if not isinstance(collector, pytest.File) or isinstance(collector, pytest.Package):
            yield
            return
        if self._settled >= SETTLED or (self._imported >= AT_LEAST and self._is_awaited()):
            self._settled = SETTLED
            collector.collect = _nothing  # type: ignore[method-assign]
        before = len(sys.modules)
        yield
        self._imported += 1
        self._settled = 0 if len(sys.modules) > before + 1 and self._settled < SETTLED else self._settled + 1

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Forget the ids that pytest keeps with a mark.

        Forks would take them for ids that the test gives, and escape them again. Those of a generator can be made only
        once, so they stay.
        """
        for mark in item.iter_markers("parametrize"):
            source: Any = getattr(mark, "_param_ids_from", None)
            if source is not None and not isinstance(source.kwargs.get("ids"), Iterator):
                object.__setattr__(source, "_param_ids_generated", None)

    def _is_awaited(self) -> bool:
        return bool(select.select([self._requests], [], [], 0)[0])


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
