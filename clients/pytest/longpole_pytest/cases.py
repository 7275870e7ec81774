"""From pytest's reports of a test's phases to one case of the protocol, whose status is that of pytest's junit.xml."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional

_Report = Any
"""A report of a test's phase, of a part of a test, or of a collection: plugins have kinds of their own."""

MAX_TEXT = 64 * 1024
MAX_MESSAGE = 4096


class CaseOfReports:
    """One test, while its reports arrive."""

    def __init__(self, name: str, root: str) -> None:
        """`root` is the folder to which the places in files are relative."""
        self.name = name
        self._root = root
        self._forget()

    def _forget(self) -> None:
        self.seconds = 0.0
        self._failed: List[_Report] = []
        self._errors: List[_Report] = []
        self._skipped: Optional[_Report] = None

    def add(self, report: _Report) -> None:
        """Take the report of set-up, call, tear-down, or of a part of the call (a subtest)."""
        if report.outcome == "rerun":  # by pytest-rerunfailures: what was so far does not count
            self._forget()
            return
        self.seconds += getattr(report, "duration", 0.0)
        if report.outcome == "failed":
            (self._failed if report.when == "call" else self._errors).append(report)
        elif report.outcome == "skipped" and not _is_part(report):
            self._skipped = report

    @property
    def status(self) -> str:
        """One of failed, error, skipped, passed."""
        if self._failed:
            return "failed"
        if self._errors:
            return "error"
        return "skipped" if self._skipped is not None else "passed"

    def told(self, cut: bool) -> Dict[str, object]:
        """The case as the protocol tells it; keys without a value are left out. `cut`: the session ended in it."""
        case: Dict[str, object] = {"name": clean(self.name), "status": self.status, "seconds": round(self.seconds, 6)}
        reports = self._failed + self._errors
        if cut and not reports:
            case.update(status="error", message="the session ended in this test")
        elif reports:
            case.update(
                message=message_of(reports[0]),
                details=shortened("\n\n".join(map(details_of, reports))),
                location=_location(reports[0], self._root),
                output=_sections(reports[-1]),
            )
        elif self._skipped is not None:
            case.update(message=_reason(self._skipped), location=_skipped_at(self._skipped, self._root))
        return {key: value for key, value in case.items() if value not in (None, "")}


def _is_part(report: _Report) -> bool:
    return type(report).__name__.lower() == "subtestreport"


def clean(text: str) -> str:
    """The text as valid Unicode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def shortened(text: str, most: int = MAX_TEXT) -> str:
    """The text; of a long one head and tail."""
    text = clean(text)
    if len(text) <= most:
        return text
    half = most // 2
    return "%s\n[%d characters omitted here]\n%s" % (text[:half], len(text) - 2 * half, text[-half:])


def message_of(report: _Report) -> str:
    """The exception of a failed report in one line or a few."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = getattr(crash, "message", None) or details_of(report).strip()
    lines = text.strip().splitlines()
    if crash is None and lines:
        text = lines[-1][1:].strip() if lines[-1].startswith("E ") else lines[-1]
    if getattr(report, "when", None) in ("setup", "teardown"):
        text = "%s: %s" % ({"setup": "set-up", "teardown": "tear-down"}[report.when], text)
    return shortened(text, MAX_MESSAGE)


def details_of(report: _Report) -> str:
    """The traceback, with introspected assertions, as pytest prints it."""
    if report.longrepr is None:
        return ""
    try:
        return str(report.longreprtext)
    except Exception:  # a representation that a plugin has made
        return str(report.longrepr)


def _location(report: _Report, root: str) -> Optional[str]:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return _place(crash.path, crash.lineno, root)
    file, line, _ = report.location
    return clean(file) if line is None else "%s:%d" % (clean(file), line + 1)


def _place(path: object, line: int, root: str) -> str:
    name, here = str(path), os.path.join(root, "")
    return "%s:%d" % (clean(name[len(here) :] if name.startswith(here) else name), line)


def _reason(report: _Report) -> str:
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        expected = expected[len("reason: ") :] if expected.startswith("reason: ") else expected
        return shortened("expected to fail: %s" % expected if expected else "expected to fail", MAX_MESSAGE)
    return skip_reason(report.longrepr)


def skip_reason(longrepr: object) -> str:
    """Why something was skipped, in the test's own words."""
    text = str(longrepr[2]) if isinstance(longrepr, tuple) and len(longrepr) == 3 else str(longrepr)
    text = text[len("Skipped: ") :] if text.startswith("Skipped: ") else text
    return shortened("skipped" if text == "Skipped" else text, MAX_MESSAGE)


def _skipped_at(report: _Report, root: str) -> Optional[str]:
    if isinstance(report.longrepr, tuple) and len(report.longrepr) == 3:
        return _place(report.longrepr[0], report.longrepr[1], root)
    return None


def _sections(report: _Report) -> str:
    """Captured output and log of the test, each part under its headline."""
    return shortened("".join("[%s]\n%s\n" % (title, text.rstrip("\n")) for title, text in report.sections))
