"""Files from a queue: all are found when the session begins, and each is imported when this fork has claimed it.

They are found at once because pytest gives fixtures of conftest files to the folders that it finds in one collection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, Optional

import pytest

from longpole_pytest.claims import claim
from longpole_pytest.files import Files

if TYPE_CHECKING:
    from longpole_pytest.fork import Fork


class Between(pytest.Item):
    """What follows the last test of a claimed file: nothing yet, but what belongs to the session is to stay."""

    def runtest(self) -> None:
        """Never called."""


class FromQueue:
    """The plugin that claims files and runs them one by one."""

    def __init__(self, fork: Fork, files: Files, queue: str, number: str) -> None:
        """`number` is that of the fork."""
        self._fork = fork
        self._files = files
        self._queue = queue
        self._number = number
        self._found: Dict[str, List[pytest.Collector]] = {}
        self._items: Dict[pytest.Collector, List[pytest.Item]] = {}
        """The tests of a file, of which this fork may claim several parts."""
        self._claimed: Optional[str] = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Optional[pytest.CollectReport]:
        """Note a file that is found, and leave its tests for later."""
        is_file = isinstance(collector, pytest.File) and not isinstance(collector, pytest.Package)
        if self._claimed is not None or not is_file:
            return None
        for name in self._files.names_of(str(collector.path)):
            self._found.setdefault(name, []).append(collector)
        return pytest.CollectReport(collector.nodeid, "passed", None, [])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Optional[object]:
        """Collect the tests of the claimed file; find all files if none has been claimed."""
        if self._claimed is None:
            return None
        session.items = []
        for collector in self._found.get(self._claimed, ()):
            if collector not in self._items:
                self._items[collector] = list(session.genitems(collector))
            session.items += (item for item in self._items[collector] if self._fork.is_in(item, self._claimed))
        hook = session.config.hook
        hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
        hook.pytest_collection_finish(session=session)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Optional[object]:
        """Run the files that this fork can claim."""
        if session.config.option.collectonly:
            return None
        collected = 0
        for name in claim(self._queue, self._number):
            self._claimed = name
            session.config.hook.pytest_collection(session=session)
            items = list(session.items)
            collected += len(items)
            self._fork.plan([name], items)
            following = [*items[1:], Between.from_parent(session, name="between files")]
            for item, nextitem in zip(items, following):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
        session.testscollected = collected
        return True
