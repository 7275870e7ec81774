"""One fork: runs the given files, or those that it claims, and tells of each when its last test has ended.

Plugins may put the tests of several files into any order. So a file is told as started before its first test, and as
completed after its last; in between, others may be open, too.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Generator, List, Optional, Sequence, Union

import pytest

from longpole_pytest import capture
from longpole_pytest.cases import CaseOfReports, clean, details_of, message_of, shortened, skip_reason
from longpole_pytest.files import Files
from longpole_pytest.folders import collect_once
from longpole_pytest.genuine import Genuine
from longpole_pytest.selection import Selection
from longpole_pytest.suite import Suite
from longpole_pytest.wire import CLIENT, FLUSH_BYTES, FLUSH_S, Wire

if TYPE_CHECKING:
    from typing import TypeGuard

_Wrapper = Generator[None, Any, None]
"""A hook that is called around the others."""

_CURRENT: List[Wire] = []
"""The wire that the watcher shares with us; empty if there is no watcher."""


def use(wire: Wire) -> None:
    """Tell everything by this wire, which the watcher knows."""
    _CURRENT[:] = [wire]


class Fork:
    """The plugin of a process that Longpole has started."""

    def __init__(self, config: pytest.Config, files: Files) -> None:
        self._config = config
        self._files = files
        self._wire = _CURRENT[0] if _CURRENT else Wire(os.dup(1))
        self._pid = Genuine.getpid()
        self._selection = Selection(os.environ.get("LONGPOLE_SELECT", ""))
        self._suites: Dict[str, Suite] = {}
        self._suite_of: Dict[object, Suite] = {}
        self._collecting: Optional[Suite] = None
        self._cases: Dict[str, CaseOfReports] = {}
        self._terminal = capture.Terminal()
        self._flushed = Genuine.monotonic()
        self._counts = {"passed": 0, "failed": 0, "skipped": 0, "error": 0}

    def _elsewhere(self) -> bool:
        """Whether this is a process that a test has forked, and that has come back to pytest by an exception."""
        return Genuine.getpid() != self._pid

    # -- begin and end of the session ---------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Begin the protocol."""
        self._wire.tell("fork_started", version=1, client=CLIENT)
        self._terminal = capture.thin_out(self._config)
        capture.connect(self._config, self._wire, self._on_output)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> _Wrapper:
        """Tell of files that were begun and cannot be completed; the session is over for other reasons than they."""
        yield
        if self._elsewhere():
            return
        stopped = bool(session.shouldfail or session.shouldstop)
        if self._collecting is not None:
            self._collecting.fail("ended the session while it was imported")
            self._begin(self._collecting)
            self._complete(self._collecting)
        for suite in self._suites.values():
            if suite.started and not suite.completed:
                done = suite.planned - suite.left
                if stopped:
                    suite.message = "stopped after %d of %d tests: %s" % (done, suite.planned, _why(session))
                else:
                    suite.fail("the session ended in test %d of %d" % (done + 1, suite.planned))
                self._complete(suite)
        told = [suite for suite in self._suites.values() if suite.completed]
        all_told = self._files.queue is not None or len(told) == len(self._suites)
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and all_told:
            session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_unconfigure(self) -> _Wrapper:
        """Say that this was all."""
        yield
        if self._elsewhere():
            return
        self._flush()
        self._wire.suite = ""
        suites = sum(suite.completed for suite in self._suites.values())
        self._wire.tell("fork_completed", suites=suites, cases=self._counts)

    # -- collection ---------------------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> _Wrapper:
        """Note of each file what it prints when it is imported, how long that takes, and why it fails."""
        collect_once(collector)
        part = self._suite_for(collector)
        suites = [part] if part is not None else self._suites_for(collector) if _is_file(collector) else []
        suite = suites[0] if suites else None
        outer, self._collecting = self._collecting, suite or self._collecting
        begun = Genuine.perf_counter()
        outcome = yield
        if outcome.excinfo is not None:  # SystemExit and the like: the session ends, and this file is the reason
            return
        if suite is not None and outer is None:
            suite.seconds += Genuine.perf_counter() - begun
        self._collecting = outer
        report = outcome.get_result()
        if report.passed:
            return
        if suite is None and report.failed:
            self._wire.add("%s: %s\n" % (collector.nodeid or "collection", details_of(report)))
        for each in suites:
            if report.failed:
                each.fail(message_of(report), details_of(report))
            elif each.status is None:
                each.status, each.message = "skipped", skip_reason(report.longrepr)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collect_file(self, file_path: Path) -> _Wrapper:
        """Take a file for what it is when pytest finds it in a folder.

        pytest takes each Python file that it is given by name for a file of tests. So a file that was found only for
        its doctests would be run as both.
        """
        outcome = yield
        collectors = outcome.get_result()
        others = [each for each in collectors if not _is_module(each)]
        if others and len(others) < len(collectors) and not self._is_python_file(file_path):
            outcome.force_result(others)

    def _is_python_file(self, path: Path) -> bool:
        patterns = self._config.getini("python_files")
        return any(
            fnmatch(str(path) if "/" in each else path.name, f"*/{each}" if "/" in each else each) for each in patterns
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: List[pytest.Item]) -> None:
        """Leave out what is in parts of files that were not given, and what is not selected."""
        items[:] = [item for item in items if self._suite_for(item) or not self._suites_for(item)]
        if not self._selection:
            return
        kept: List[pytest.Item] = []
        left_out: List[pytest.Item] = []
        for item in items:
            suite = self._suite_for(item)
            selected = suite is None or self._selection.selects(suite.name, _name_of(item))
            (kept if selected else left_out).append(item)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = kept

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note what was left out, to say so of a file of which nothing is left."""
        for item in items:
            suite = self._suite_for(item)
            if suite is not None:
                suite.deselected = True

    # -- running ------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Prepare for pytest's loop over the tests; `FromQueue` has one of its own."""
        if self._files.queue is None and not session.config.option.collectonly:
            self.plan(self._files.names, session.items)

    def plan(self, names: List[str], items: Sequence[pytest.Item]) -> None:
        """Count the tests of each file; tell at once of those that have none."""
        previous = None
        for item in items:
            suite = self._suite_for(item) or previous or self._named(names[0])
            suite.planned += 1
            suite.left += 1
            self._suite_of[item] = previous = suite
        for suite in [self._named(name) for name in names]:
            if suite.planned:
                continue
            if not self._files.exists(suite.name):
                suite.fail("there is no such file")
            elif suite.status is None:
                why = "no test of this file is selected" if suite.deselected else "it has no tests"
                suite.status, suite.message = "skipped", why
            self._begin(suite)
            self._complete(suite)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> _Wrapper:
        """Run one test: its output and its cases belong to its file."""
        suite = self._suite_of.get(item)
        if suite is None or self._elsewhere():
            yield
            return
        if not suite.started:
            self._begin(suite)
        self._switch(suite)
        self._cases = {}
        begun = Genuine.perf_counter()
        outcome = yield
        if self._elsewhere():
            return
        suite.seconds += Genuine.perf_counter() - begun
        cut = outcome.excinfo is not None
        for case in self._cases.values():
            suite.cases.append(case.told(cut=cut))
        if cut:
            return
        suite.left -= 1
        if not suite.left:
            self._complete(suite)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> _Wrapper:
        """Note the result of a phase."""
        if not self._elsewhere():
            case = self._cases.get(report.nodeid)
            if case is None:
                case = self._cases[report.nodeid] = CaseOfReports(_below_file(report.nodeid), self._files.root)
            case.add(report)
        with self._mute():
            yield

    # -- what the terminal reporter prints at these moments is told by the protocol -------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> _Wrapper:
        """Mute the name of the file."""
        with self._mute():
            yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> _Wrapper:
        """Mute the progress; tell output that is old or much."""
        with self._mute():
            yield
        now = Genuine.monotonic()
        if not self._elsewhere() and (now - self._flushed >= FLUSH_S or self._wire.pending() >= FLUSH_BYTES):
            self._flush()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection(self) -> _Wrapper:
        """Mute the count of collected tests."""
        with self._mute():
            yield

    @contextmanager
    def _mute(self) -> Generator[None, None, None]:
        before, self._terminal.muted = self._terminal.muted, True
        try:
            yield
        finally:
            self._terminal.muted = before

    # -- files --------------------------------------------------------------------------------------------------

    def _suite_for(self, node: Union[pytest.Item, pytest.Collector]) -> Optional[Suite]:
        """The file, or part of one, that a node of the collection is in; None if that was not given."""
        chain = node.listchain()
        for each, below in zip(chain, [*chain[1:], None]):
            if _is_file(each):
                name = self._files.name_of(str(each.path), below.name.partition("[")[0] if below else None)
                return None if name is None else self._named(name)
        return None

    def _suites_for(self, node: Union[pytest.Item, pytest.Collector]) -> List[Suite]:
        """All that was given of the file that a node is in."""
        for each in node.listchain():
            if _is_file(each):
                return [self._named(name) for name in self._files.names_of(str(each.path))]
        return []

    def is_in(self, item: pytest.Item, name: str) -> bool:
        """Whether a test is in this file, or part of one, or in none."""
        suite = self._suite_for(item)
        return suite.name == name if suite is not None else not self._suites_for(item)

    def _named(self, name: str) -> Suite:
        suite = self._suites.get(name)
        if suite is None:
            suite = self._suites[name] = Suite(name)
        return suite

    def _switch(self, suite: Optional[Suite]) -> None:
        """From now on output belongs to this file; what waits belongs to the one before."""
        name = suite.name if suite is not None else ""
        if self._wire.suite != name:
            self._flush()
            self._wire.suite = name

    def _flush(self) -> None:
        self._flushed = Genuine.monotonic()
        self._wire.flush(whole=True)

    def _on_output(self, text: str) -> None:
        if self._collecting is not None:
            self._collecting.output += text
        else:
            self._wire.add(text)

    def _begin(self, suite: Suite) -> None:
        suite.started = True
        self._flush()
        self._wire.tell("suite_started", suite=suite.name)
        self._wire.suite = suite.name
        self._wire.add(suite.output)
        suite.output = ""

    def _complete(self, suite: Suite) -> None:
        suite.completed = True
        for case in suite.cases:
            self._counts[str(case["status"])] += 1
        with self._wire.locked():
            self._switch(suite)
            if self._wire.pending() > FLUSH_BYTES:
                self._flush()
            fields: Dict[str, object] = {
                "suite": suite.name,
                "status": suite.outcome(),
                "seconds": round(suite.seconds, 6),
                "output": "".join(self._wire.take(stream) for stream in range(len(self._wire.streams))),
                "cases": suite.cases,
            }
            if suite.message:
                fields["message"] = clean(suite.message)
            if suite.details:
                fields["details"] = shortened(suite.details)
            self._wire.suite = ""
            self._wire.tell("suite_completed", **fields)
        suite.cases = []


def _is_file(node: object) -> TypeGuard[pytest.File]:
    return isinstance(node, pytest.File) and not isinstance(node, pytest.Package)


def _is_module(collector: pytest.Collector) -> bool:
    is_module = isinstance(collector, pytest.Module) and not isinstance(collector, pytest.Package)
    return is_module and type(collector).__name__ != "DoctestModule"


def _name_of(item: pytest.Item) -> str:
    return _below_file(item.nodeid)


def _below_file(nodeid: str) -> str:
    """The name of a test below its file: `TestX::test_y[1]`."""
    _file, colons, name = nodeid.partition("::")
    return name if colons and name else nodeid


def _why(session: pytest.Session) -> str:
    return str(session.shouldfail or session.shouldstop)
