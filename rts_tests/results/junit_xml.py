"""The cases in a file of JUnit XML, in all dialects that test frameworks write.

There is no standard. What is common: `testcase` elements below `testsuite` elements, each with elements that say why
it did not pass. Known to be written so by Surefire and Gradle (`rerunFailure`, `flakyFailure`, durations such as
`1,234.5`), pytest, Jest, GoogleTest (several failures a case; `status="notrun"`), CTest (`status="disabled"`), nextest.

The file comes from a program under test. expat reads it as a stream, so memory does not grow with a long text; document
types, and with them entities, are refused.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from longpole.rts_tests.contracts.cases import (
    MAX_DETAILS,
    MAX_MESSAGE,
    MAX_NAME,
    MAX_OUTPUT,
    MAX_SECONDS,
    Case,
    shortened,
)
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.kept_text import KeptText
from longpole.rts_tests.results.told import MAX_CASES

MAX_DEPTH = 100
_READ = 1024 * 1024
_ROOTS = ("testsuites", "testsuite")
_RED = {
    "failure": Status.FAILED,
    "error": Status.ERROR,
    "rerunFailure": Status.FAILED,
    "rerunError": Status.ERROR,
}
_FLAKY = frozenset({"flakyFailure", "flakyError"})
_REASONS = frozenset({*_RED, *_FLAKY, "skipped"})
_OUTPUTS = frozenset({"system-out", "system-err"})
_TEXTS = _REASONS | _OUTPUTS
_NOT_RUN = frozenset({"notrun", "disabled", "skipped", "suppressed", "ignored"})
_FAILED = frozenset({"fail", "failed", "failure"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """The cases in a file; `problem` says why there may be more, None if the file was read to its end."""

    cases: list[Case]
    problem: str | None


class _Refused(Exception):
    """What is not read, although it is XML."""


@dataclass(slots=True)
class _Reason:
    """An element that says why a case did not pass."""

    tag: str
    message: str
    text: KeptText


@dataclass(slots=True)
class _Suite:
    """A `testsuite` under way."""

    name: str
    file: str | None
    claims_red: bool
    """Whether its attributes count failures or errors."""
    first: int
    """The index of its first case."""
    output: KeptText
    reasons: list[_Reason] = field(default_factory=list)


class _Open:
    """A `testcase` under way."""

    __slots__ = ("attributes", "output", "reasons")

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self.attributes = attributes
        self.reasons: list[_Reason] = []
        self.output: KeptText | None = None


def parse_junit(read: Callable[[int], bytes], before: int = 0) -> Parsed:
    """Return the cases in a file, which `read` returns in pieces. Raises `OSError` if `read` does.

    `before` is the number of cases in the files before.
    """
    document = _Document(MAX_CASES - before)
    try:
        while data := read(_READ):
            document.parser.Parse(data, False)
        document.parser.Parse(b"", True)
    except _Refused as refused:
        return Parsed(document.cases, str(refused))
    except expat.ExpatError as error:
        return Parsed(document.cases, f"line {error.lineno}: {expat.ErrorString(error.code)}")
    except (LookupError, ValueError):
        return Parsed(document.cases, "its encoding is not known")
    return Parsed(document.cases, document.contradiction)


class _Document:
    """The handlers of expat's events."""

    def __init__(self, most: int) -> None:
        self.cases: list[Case] = []
        self._most = most
        self.contradiction: str | None = None
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._depth = 0
        self._suites: list[_Suite] = []
        self._case: _Open | None = None
        self._text_depth = 0
        """The depth of the element whose text is read; 0 if none is."""

    def _refuse_doctype(self, *_: object) -> None:
        raise _Refused(f"line {self.parser.CurrentLineNumber}: it has a document type, which is not read")

    # -- elements -----------------------------------------------------------------------------------------------------

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "testcase" and self._depth > 1 and self._case is None and not self._text_depth:
            self._case = _Open(attributes)
            return
        if self._depth > MAX_DEPTH:
            raise _Refused(f"line {self.parser.CurrentLineNumber}: its elements are nested too deeply")
        if self._depth == 1 and tag not in _ROOTS:
            raise _Refused(f"it is not JUnit XML: its root element is <{tag[:100]}>")
        if self._text_depth:
            return
        if self._case is not None:
            if tag in _TEXTS:
                self._start_text(tag, attributes)
        elif tag == "testsuite":
            self._suites.append(_suite(attributes, len(self.cases)))
        elif tag in _TEXTS and self._suites:
            self._start_text(tag, attributes)

    def _start_text(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._text_depth = self._depth
        owner = self._case or self._suites[-1]
        if tag in _OUTPUTS:
            if owner.output is None:
                owner.output = KeptText(MAX_OUTPUT)
            self.parser.CharacterDataHandler = owner.output.add
        else:
            message = attributes.get("message") or attributes.get("type") or ""
            owner.reasons.append(_Reason(tag, message, KeptText(MAX_DETAILS)))
            self.parser.CharacterDataHandler = owner.reasons[-1].text.add

    def _end(self, tag: str) -> None:
        case = self._case
        if case is not None and not self._text_depth and (tag == "testcase" or tag.endswith(":testcase")):
            self.cases.append(self._made(case))
            self._case = None
            if len(self.cases) >= self._most:
                raise _Refused(f"it tells of {MAX_CASES:,} tests or more; the others were not read")
        elif self._text_depth == self._depth:
            self._text_depth = 0
            self.parser.CharacterDataHandler = None
        elif not self._text_depth and case is None and tag.rpartition(":")[2] == "testsuite":
            self._end_suite(self._suites.pop())
        self._depth -= 1

    # -- cases --------------------------------------------------------------------------------------------------------

    def _made(self, case: _Open) -> Case:
        attributes = case.attributes
        suite = self._suites[-1] if self._suites else None
        class_name = attributes.get("classname") or (suite.name if suite else "")
        name = attributes.get("name") or f"test {len(self.cases) + 1}"
        seconds = seconds_in(attributes.get("time"))
        if not case.reasons and "status" not in attributes and "result" not in attributes:
            return Case(class_name[:MAX_NAME], name[:MAX_NAME], Status.PASSED, seconds)
        if class_name == name and "status" in attributes:  # CTest has no classes
            class_name = ""
        status = _status(case)
        message, details = _texts(case.reasons)
        if status in GREEN:
            if any(reason.tag in _FLAKY for reason in case.reasons):
                message = shortened(f"flaky: {message}" if message else "flaky", MAX_MESSAGE)
            return Case(class_name[:MAX_NAME], name[:MAX_NAME], status, seconds, message)
        file, line = attributes.get("file") or (suite.file if suite else None), attributes.get("line")
        location = f"{file}:{line}" if file and line and line.isdigit() else file
        output = case.output.text() if case.output is not None and case.output.size else None
        location = location[:MAX_NAME] if location else None
        return Case(class_name[:MAX_NAME], name[:MAX_NAME], status, seconds, message, details, location, output)

    def _end_suite(self, suite: _Suite) -> None:
        red = [index for index in range(suite.first, len(self.cases)) if self.cases[index].status not in GREEN]
        if suite.output.size and red and self.cases[red[0]].output is None:
            first = self.cases[red[0]]
            self.cases[red[0]] = Case(
                *(first.class_name, first.name, first.status, first.seconds, first.message, first.details),
                *(first.location, suite.output.text()),
            )
        status = next((_RED[reason.tag] for reason in suite.reasons if reason.tag in _RED), None)
        if status is not None:
            message, details = _texts(suite.reasons)
            self.cases.append(Case(suite.name[:MAX_NAME], "", status, 0.0, message, details, suite.file))
        elif suite.claims_red and not red:
            self.contradiction = f"suite {suite.name[:100]} counts failures, and none of its cases has one"


def _suite(attributes: Mapping[str, str], first: int) -> _Suite:
    claims = any(attributes.get(key, "0").strip() not in ("", "0") for key in ("failures", "errors"))
    name = attributes.get("name") or attributes.get("package") or ""
    return _Suite(name, attributes.get("file"), claims, first, KeptText(MAX_OUTPUT))


def _status(case: _Open) -> Status:
    tags = [reason.tag for reason in case.reasons]
    red = [_RED[tag] for tag in tags if tag in _RED]
    if red:
        return Status.FAILED if Status.FAILED in red else Status.ERROR
    said = {case.attributes.get(key, "").lower() for key in ("status", "result")}
    if said & _FAILED:
        return Status.FAILED
    if "error" in said:
        return Status.ERROR
    return Status.SKIPPED if "skipped" in tags or said & _NOT_RUN else Status.PASSED


def _texts(reasons: list[_Reason]) -> tuple[str | None, str | None]:
    """The message and the details of a case that did not pass."""
    details = "\n\n".join(filter(None, (reason.text.text().strip("\n") for reason in reasons)))
    message = next((reason.message for reason in reasons if reason.message), None)
    if message is None:
        message = next((line.strip() for line in details.splitlines() if line.strip()), None)
    if message is not None and len(reasons) > 1:
        message = f"{shortened(message, MAX_MESSAGE // 2)} (and {len(reasons) - 1} more)"
    return message and shortened(message, MAX_MESSAGE), shortened(details, MAX_DETAILS) if details else None


_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")


def seconds_in(text: str | None) -> float:
    """A duration such as `0.25`, `1,234.5` (a separator of thousands) or `0,25`; 0 if it is none."""
    if not text:
        return 0.0
    if "," in text:
        grouped = "." in text or _GROUPED.fullmatch(text.strip())
        text = text.replace(",", "" if grouped else ".")
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and 0 <= seconds < MAX_SECONDS else 0.0
