"""Reads what a test binary of Go prints with `-test.v` or, since Go 1.20, `-test.v=test2json`.

A test begins with `=== RUN   TestX/sub` and ends with `--- PASS: TestX/sub (0.01s)`. With test2json these lines begin
with a control character, ^V, also where a test has left a line without its end; then no other line counts, so that
output that looks like them is output. Without it they are told apart by the names of tests under way.
Formats: src/testing/testing.go and src/cmd/internal/test2json of Go.
"""

import re
from dataclasses import dataclass

from longpole.rts_tests.contracts.cases import MAX_DETAILS, MAX_MESSAGE, MAX_NAME, MAX_SECONDS, Case, shortened
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.kept_text import KeptText
from longpole.rts_tests.results.text_lines import TextLines, text_of
from longpole.rts_tests.results.told import ENDED_BY_FORCE, MAX_CASES, End, Told

MARK = b"\x16"
MAX_KEPT = 64 * 1024 * 1024
"""Characters that are kept of what tests have written that did not pass."""

_STEP = re.compile(r"=== (RUN|PAUSE|CONT|NAME) +(\S*) *$")
_VERDICT = re.compile(r"--- (PASS|FAIL|SKIP): (\S+) \((\d{1,9}(?:\.\d{1,9})?)s\)$")
_END = re.compile(r"(?:PASS|FAIL)$")
_LOG = re.compile(r" {4}\s*(\S[^:]*\.go:\d+): ?(.*)$")
_FRAME = re.compile(r"\t(\S.*_test\.go:\d+)(?: \+0x[0-9a-f]+)?$")
_LATE = "panic: test timed out after "
_RUNNING = re.compile(r"\t\t(\S+) \([\d.hms]+\)$")
_STATUS = {"PASS": Status.PASSED, "FAIL": Status.FAILED, "SKIP": Status.SKIPPED}
_WORST = (Status.FAILED, Status.PASSED, Status.SKIPPED)


@dataclass(slots=True)
class _Test:
    parent: str
    """The name of the test around it; empty for none."""
    name: str
    """Below its parent."""
    status: Status | None = None
    """None while it is under way."""
    before: Status | None = None
    """The status of an earlier run, as of `-test.count=2`."""
    is_paused: bool = False
    seconds: float = 0.0
    output: KeptText | None = None


class GoReader:
    """The results of one attempt; see `told.Reader`."""

    def __init__(self) -> None:
        self._lines = TextLines(self._line)
        self._marked = False
        self._tests: dict[str, _Test] = {}
        self._current: _Test | None = None
        self._is_over = False
        """Whether the binary has said `PASS` or `FAIL` since the last test began."""
        self._has_none = False
        self._is_late = False
        self._late: set[str] = set()
        self._kept = 0

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the standard output; return it without the marks."""
        marked = MARK in data
        self._lines.feed(data.replace(MARK, b"\n" + MARK) if marked else data)
        return data.replace(MARK, b"") if marked else data

    def finish(self, end: End) -> Told:
        """Return what was told, after all output has been fed."""
        self._lines.finish()
        forced = end.status in ENDED_BY_FORCE
        opened = [test for test in self._tests.values() if test.status is None]
        problem = None if forced else self._problem(end.status, len(opened))
        for test in opened:
            full = f"{test.parent}/{test.name}" if test.parent else test.name
            late = self._is_late and not forced and (full in self._late or not self._late)
            test.status = Status.TIMEOUT if late else end.status if forced else Status.FAILED
            if test.is_paused:
                test.status = Status.NOT_RUN
        failed: dict[str, int] = {}
        for test in self._tests.values():
            if test.status is Status.FAILED:
                failed[test.parent] = failed.get(test.parent, 0) + 1
        ended_in = {id(test) for test in opened}
        cases = (_case(test, failed.get(full, 0), id(test) in ended_in) for full, test in self._tests.items())
        return Told(tuple(cases), (), problem)

    def _problem(self, status: Status, opened: int) -> str | None:
        """Why the results cannot be trusted, if the process ended by itself."""
        if not self._tests:
            if self._has_none:
                return "it ran no test; are the names still those of tests?"
            if status is Status.PASSED:
                return "it printed no `=== RUN`, as a test binary of Go does with -test.v"
        elif status is Status.PASSED and opened:
            return f"{count(opened, 'test')} began and did not end"
        elif status is Status.PASSED and not self._is_over:
            return "its output ends before `PASS`"
        return None

    # -- lines --------------------------------------------------------------------------------------------------------

    def _line(self, data: bytes) -> None:
        has_mark = data[:1] == MARK
        text = text_of(data[has_mark:])
        if (has_mark or not self._marked) and self._is_framing(text, has_mark=has_mark):
            return
        if text.startswith("testing: warning: no tests to run"):
            self._has_none = True
        elif text.startswith(_LATE):
            self._is_late = True
        elif self._is_late and (running := _RUNNING.match(text)) is not None:
            self._late.add(running[1])
        test = self._current
        if test is not None and (text or test.output is not None):
            if test.output is None:
                test.output = KeptText(MAX_DETAILS)
            if self._kept < MAX_KEPT:
                self._kept += min(len(text) + 1, MAX_DETAILS)
                test.output.add(f"{text}\n")

    def _is_framing(self, text: str, *, has_mark: bool) -> bool:
        """Take the line if it tells of a test. Without marks, output may stand before it in its line."""
        look = re.Pattern.match if has_mark else re.Pattern.search
        step = look(_STEP, text)
        if step is not None:
            self._step(step[1], step[2][:MAX_NAME], has_mark=has_mark)
            return True
        verdict = look(_VERDICT, text)
        if verdict is not None:
            test = self._tests.get(verdict[2][:MAX_NAME])
            if test is not None and not test.is_paused:
                self._verdict(verdict[2], test, _STATUS[verdict[1]], min(float(verdict[3]), MAX_SECONDS))
            return test is not None
        if look(_END, text):
            self._is_over, self._current = True, None
            return has_mark or text in ("PASS", "FAIL")
        return False

    def _step(self, step: str, name: str, *, has_mark: bool) -> None:
        if has_mark and not self._marked and step == "RUN":
            # what looked like tests before the first mark was output of the process
            self._marked = True
            self._tests.clear()
        test = self._tests.get(name)
        if step == "RUN" and name:
            self._is_over = False
            if test is None and len(self._tests) < MAX_CASES:
                test = self._tests[name] = _Test(*self._divided(name))
            elif test is not None and test.status is not None:
                test.before, test.status = test.status, None
        if test is not None:
            test.is_paused = step == "PAUSE"
        self._current = test

    def _divided(self, name: str) -> tuple[str, str]:
        """The longest name of a test around it, and the rest; names of subtests may contain slashes."""
        end = name.rfind("/")
        while end > 0:
            if name[:end] in self._tests:
                return name[:end], name[end + 1 :]
            end = name.rfind("/", 0, end)
        return "", name

    def _verdict(self, name: str, test: _Test, status: Status, seconds: float) -> None:
        if test.before is not None:
            status = next(each for each in _WORST if each in (status, test.before))
            test.before = None
            seconds += test.seconds
        test.status, test.seconds, test.is_paused = status, seconds, False
        if status is Status.PASSED:
            if test.output is not None:
                self._kept -= min(test.output.size, self._kept)
            test.output = self._current = None
        elif self._current is None or not self._fails_in(name):
            self._current = test  # what follows, such as `got:` of an example or a panic, belongs to it

    def _fails_in(self, name: str) -> bool:
        """Whether a test within that test has just failed: a panic is told when all around it have ended."""
        current = self._current
        return current is not None and current.status is Status.FAILED and f"{current.parent}/".startswith(f"{name}/")


def name_in_go(case: Case) -> str:
    """The name that Go has for a case."""
    return f"{case.class_name}/{case.name}" if case.class_name else case.name


def _case(test: _Test, failed: int, ended_in: bool) -> Case:
    status = test.status or Status.NOT_RUN
    if status is Status.PASSED:
        return Case(test.parent, test.name, status, test.seconds)
    text = test.output.text().strip("\n") if test.output is not None else ""
    message, location = _reason(text.split("\n"))
    if message is None and status is Status.FAILED and failed:
        message = f"{count(failed, 'subtest')} failed"
    elif message is None and ended_in and status is not Status.NOT_RUN:
        message = "the process ended during this test"
    details = shortened(text, MAX_DETAILS) or None
    message = message and shortened(message, MAX_MESSAGE)
    return Case(test.parent, test.name, status, test.seconds, message, details, location and location[:MAX_NAME])


def _reason(lines: list[str]) -> tuple[str | None, str | None]:
    """The message and the place of a panic, else of what was logged last: `t.Fatal` logs, and ends the test."""
    for number, line in enumerate(lines):
        if line.startswith(("panic: ", "fatal error: ")):
            places = (frame[1] for each in lines[number:] if (frame := _FRAME.match(each)) is not None)
            return line, next(places, None)
    last = next((number for number in reversed(range(len(lines))) if _LOG.match(lines[number])), None)
    if last is None:
        return next((line.strip() for line in lines if line.strip()), None), None
    log = _LOG.match(lines[last])
    assert log is not None
    rest = []
    for line in lines[last + 1 :]:
        if not line.startswith("        ") and line.strip():
            break
        rest.append(line.strip())
    return "\n".join([log[2], *rest]).strip() or None, log[1]
