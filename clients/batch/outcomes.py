"""What a test amounts to: by its exit status, or by what it tells of its own tests.

What is told is read by the readers of Longpole's results; they are imported for tests that need them only.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from processes import Ended

    from longpole.rts_tests.contracts.cases import Case
    from longpole.rts_tests.results.told import Reader

SKIPPED = 77
ERROR = 99
"""Exit statuses of the GNU standards for test programs."""


class Outcome:
    """The outcome of a test, in the protocol's words."""

    __slots__ = ("cases", "message", "status")

    def __init__(self, status: str, message: str = "", cases: Sequence[Mapping[str, Any]] = ()) -> None:
        self.status, self.message, self.cases = status, message, list(cases)


class Judge:
    """Judges a test by its exit status."""

    feed: Callable[[bytes], None] | None = None
    """Takes standard output, if that is looked at."""

    def __init__(self, test: Mapping[str, Any], arguments: Sequence[str] = ()) -> None:
        self.arguments = arguments
        """Words after those of the command."""
        self._should_fail = bool(test.get("fails"))
        self._expected = test.get("exit_code") or 0
        self._timeout = test["timeout"]

    def outcome(self, ended: Ended) -> Outcome:
        """The outcome; a test that should fail and does has passed."""
        if ended.status is None:
            return Outcome("error", ended.problem)
        if ended.timed_out:
            return Outcome("timeout", f"took longer than its timeout, and was ended after {ended.seconds:.1f} s")
        found = self._judged(ended.status)
        if not self._should_fail or found.status not in ("passed", "failed"):
            return found
        if found.status == "passed":
            return Outcome("failed", "should fail, and passed", found.cases)
        return Outcome("passed")

    def _judged(self, status: int) -> Outcome:
        if status == self._expected:
            return Outcome("passed")
        if status == SKIPPED:
            return Outcome("skipped", f"exit status {status}")
        return Outcome("error" if status == ERROR else "failed", _ending(status))


class _Told(Judge):
    """Judges a test by what a reader reads in its standard output."""

    def __init__(self, test: Mapping[str, Any], reader: Reader, *, may_be_empty: bool = False) -> None:
        """`may_be_empty`: that there is no test is no problem, whatever the reader says."""
        super().__init__(test)
        self._reader = reader
        self._may_be_empty = may_be_empty
        self.feed = self._take

    def _take(self, data: bytes) -> None:
        self._reader.feed(data)

    def _judged(self, status: int) -> Outcome:
        from longpole.rts_tests.contracts.status import Status
        from longpole.rts_tests.results.told import End

        own = Status.PASSED if status == 0 else Status.FAILED
        told = self._reader.finish(End(own, status, ""))
        cases = rows(told.cases)
        statuses = {case["status"] for case in cases}
        if not cases and status == 0 and (self._may_be_empty or told.problem is None):
            return Outcome("skipped", "it told of no test")
        if told.problem is not None:
            return Outcome("error", told.problem, cases)
        if statuses & {"failed", "error", "timeout"}:
            return Outcome("failed", _ending(status) if status else "", cases)
        if status != 0:
            return Outcome("error", f"{_ending(status)}, though none of its tests failed", cases)
        is_skipped = all(
            case["status"] == "skipped" and not case.get("message", "").startswith("todo") for case in cases
        )
        return Outcome("skipped" if is_skipped else "passed", "", cases)


class _GTest(Judge):
    """Judges a program of GoogleTest by its exit status; the cases are in the XML file that it writes."""

    def __init__(self, test: Mapping[str, Any], folder: str) -> None:
        self._path = os.path.join(folder, "longpole-gtest.xml")
        if os.path.lexists(self._path):
            os.unlink(self._path)
        super().__init__(test, [f"--gtest_output=xml:{self._path}"])

    def _judged(self, status: int) -> Outcome:
        from longpole.rts_tests.results.junit_xml import parse_junit

        found = super()._judged(status)
        try:
            with open(self._path, "rb") as file:
                parsed = parse_junit(file.read)
        except OSError:  # it ended too early, or is another program
            return found
        cases = rows(parsed.cases)
        if found.status == "passed" and parsed.problem is not None:
            return Outcome("error", f"its XML: {parsed.problem}", cases)
        if found.status == "passed" and cases and all(case["status"] == "skipped" for case in cases):
            return Outcome("skipped", "", cases)
        return Outcome(found.status, found.message, cases)


def find_longpole() -> None:
    """Let Longpole be imported: without `site`, which is slow, Python does not find what is installed."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for above in (os.path.dirname(folder), os.path.dirname(os.path.dirname(folder))):
        if os.path.isfile(os.path.join(above, "longpole", "__init__.py")) and above not in sys.path:
            sys.path.append(above)
            return


def outcome_of(test: Mapping[str, Any], folder: str) -> Judge:
    """The judge for a test; `folder` takes files that it writes."""
    protocol = test["protocol"]
    if protocol != "exitcode":
        find_longpole()
    if protocol == "tap":
        from longpole.rts_tests.results.tap import TapReader

        return _Told(test, TapReader(by_meson=True))
    if protocol == "rust":
        from longpole.rts_tests.results.libtest import LibtestReader

        return _Told(test, LibtestReader(), may_be_empty=True)
    return _GTest(test, folder) if protocol == "gtest" else Judge(test)


_WORDS = {"crashed": "failed", "not run": "skipped"}
"""Statuses that the protocol does not have."""


def rows(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Cases as the protocol has them; two of one name are told apart by numbers."""
    found: list[dict[str, Any]] = []
    names: set[str] = set()
    for case in cases:
        plain = " > ".join(part for part in (case.class_name, case.name) if part) or "test"
        name, number = plain, 2
        while name in names:
            name, number = f"{plain} ({number})", number + 1
        names.add(name)
        status = _WORDS.get(str(case.status), str(case.status))
        texts = {key: getattr(case, key) for key in ("message", "details", "location", "output")}
        found.append({"name": name, "status": status, "seconds": case.seconds, **{k: v for k, v in texts.items() if v}})
    return found


def _ending(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    known = {int(each): each.name for each in signal.Signals}
    return f"ended by {known.get(-status, f'signal {-status}')}"
