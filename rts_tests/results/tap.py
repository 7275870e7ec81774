"""Reads TAP, the Test Anything Protocol, from the standard output of a unit: versions 12 to 14, with subtests.

A producer writes the tests of a subtest with four more spaces and, below them, the test that they amount to. So whose
tests they are is known at their end, and so is whether that test is one of its own: it is none if it only says what
its subtests say.

Whatever else the output contains belongs to the test whose line comes next. Nothing that a test prints turns a failure
into a success: a plan that does not agree with the tests, or a test that is told twice, is a problem of the unit.
"""

from collections import deque
from dataclasses import dataclass, field

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
from longpole.rts_tests.results.tap_lines import TestLine, diagnosis, plan_line, test_line
from longpole.rts_tests.results.text_lines import TextLines, text_of
from longpole.rts_tests.results.told import ENDED_BY_FORCE, MAX_CASES, End, Told

MAX_COMMENTS = 1000
"""Lines of comments that are kept below a failure."""
MAX_DEPTH = 64
"""Levels of subtests; deeper ones are output."""
MAX_YAML = 64 * 1024
"""Characters of a block of YAML that are looked at."""
MAX_KEPT = 256 * 1024 * 1024
"""Characters that are kept of one attempt."""
MAX_PROBLEMS = 5
_INDENTATION = 4


@dataclass(slots=True)
class _Test:
    """A test that is a case. `path` are the names of the tests around it, as far as they are known."""

    path: str
    name: str
    status: Status
    seconds: float
    message: str | None = None
    details: list[str] = field(default_factory=list)
    location: str | None = None
    output: str | None = None


@dataclass(slots=True)
class _Level:
    """The tests of one indentation, below one test."""

    name: str | None
    opened_by: TestLine | None = None
    """The test whose line stands above its subtests, which are in braces."""
    plan: int | None = None
    last: int = 0
    numbers: set[int] = field(default_factory=set)
    tests: list[_Test] = field(default_factory=list)


class TapReader:
    """The results of one attempt; see `told.Reader`."""

    def __init__(self, *, by_meson: bool = False) -> None:
        """`by_meson` judges as Meson does: no plan and no test are needed, and a test to be done may not pass."""
        self._by_meson = by_meson
        self._lines = TextLines(self._line)
        self._levels = [_Level(None)]
        self._tests = 0
        self._kept = 0
        self._is_full = False
        """Whether so much was told that nothing more is read."""
        self._subtest: str | None = None
        """The name in the latest comment `# Subtest: NAME`."""
        self._last: tuple[int, _Test] | None = None
        """The depth of the latest test line, and its test, while diagnostics may follow."""
        self._yaml: list[str] | None = None
        self._had_yaml = False
        """Whether the latest test has said in YAML why it failed; then comments are output of what follows."""
        self._yaml_margin = 0
        self._yaml_size = 0
        self._output: deque[str] = deque()
        self._output_size = 0
        self._skipped: str | None = None
        self._problems: list[str] = []

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the standard output; return it, as the log shows it as it is."""
        self._lines.feed(data)
        return data

    def finish(self, end: End) -> Told:
        """Return what was told, after all output has been fed."""
        self._lines.finish()
        self._end_yaml()
        self._close_to(0)
        (top,) = self._levels
        if not top.tests and self._skipped is not None:
            top.tests.append(_Test("", "all tests", Status.SKIPPED, 0.0, self._skipped))
        forced = end.status in ENDED_BY_FORCE
        if self._is_full:
            self._problem(f"it told too much: what follows its test {self._tests:,} was not read")
        elif not forced and (top.tests or end.status is not Status.SKIPPED):
            self._check(top, whole=True)
        problem = "; ".join(self._problems) or None
        return Told(tuple(map(_case, top.tests)), (), None if forced else problem)

    # -- lines --------------------------------------------------------------------------------------------------------

    def _line(self, data: bytes) -> None:
        if self._is_full:
            return
        text = text_of(data)
        body = text.lstrip(" ")
        indentation = len(text) - len(body)
        if self._yaml is not None:
            if indentation >= self._yaml_margin or not body:
                if body == "..." and indentation == self._yaml_margin:
                    self._end_yaml()
                elif self._yaml_size < MAX_YAML:
                    self._yaml_size += len(text)
                    self._yaml.append(text[self._yaml_margin :])
                return
            self._end_yaml()
        depth, beyond = divmod(indentation, _INDENTATION)
        if self._last is not None and body == "---" and indentation > _INDENTATION * self._last[0]:
            self._yaml, self._yaml_margin, self._yaml_size = [], indentation, 0
        elif beyond or depth > min(len(self._levels), MAX_DEPTH) or not self._told(depth, body):
            self._other(text)

    def _told(self, depth: int, body: str) -> bool:
        """Handle a line of TAP at this depth; return whether it is one."""
        if body[:2] == "ok" or body[:6] == "not ok":
            test = test_line(body)
            if test is None:
                return False
            self._test(depth, test)
        elif body[:3] == "1..":
            plan = plan_line(body)
            if plan is None:
                return False
            level = self._level(depth)
            if level.plan is not None:
                self._problem(f"{_of(level)}there are two plans")
            level.plan = plan.count
            if plan.reason is not None and depth == 0:
                self._skipped = plan.reason
            self._last = None
        elif body[:1] == "#":
            self._comment(depth, body)
        elif body[:9].lower() == "bail out!":
            self._problem(f"it bailed out: {body[9:].strip() or 'no reason given'}")
        elif body == "}" and len(self._levels) == depth + 2 and self._levels[-1].opened_by is not None:
            self._close_to(depth)
        else:
            return body.startswith(("TAP version ", "pragma +", "pragma -"))
        return True

    def _comment(self, depth: int, body: str) -> None:
        text = body[1:].strip()
        if text.startswith("Subtest:"):
            self._subtest = text.removeprefix("Subtest:").strip()
        elif self._last is None or self._last[0] != depth or self._last[1].status in GREEN or self._had_yaml:
            self._other(text)
        elif len(self._last[1].details) < MAX_COMMENTS:
            self._last[1].details.append(text)

    def _other(self, text: str) -> None:
        self._output.append(text)
        self._output_size += len(text) + 1
        while self._output_size > 2 * MAX_OUTPUT and len(self._output) > 1:
            self._output_size -= len(self._output.popleft()) + 1

    def _end_yaml(self) -> None:
        if self._yaml is None or self._last is None:
            return
        lines, self._yaml, self._had_yaml = self._yaml, None, True
        test = self._last[1]
        found = diagnosis(lines)
        if found.seconds is not None:
            test.seconds = found.seconds
        if test.status not in GREEN:
            test.message = found.message or test.message
            test.location = found.location
            test.details += found.details
            self._kept += self._yaml_size

    # -- tests --------------------------------------------------------------------------------------------------------

    def _level(self, depth: int) -> _Level:
        """The level at this depth, a new one if there is none; deeper ones are closed without a test of their own."""
        if depth == len(self._levels):
            self._levels.append(_Level(self._subtest))
            self._subtest = None
        self._close_to(depth)
        return self._levels[depth]

    def _close_to(self, depth: int) -> None:
        """Close the levels below this depth, for whose tests no test line came, or came above them."""
        while len(self._levels) > depth + 1:
            level = self._levels.pop()
            above = self._levels[-1]
            self._check(level, whole=False)
            line = level.opened_by or TestLine(True, None, level.name or "subtest", None, None, 0.0, False)
            above.tests += _with_subtests(line, level.tests)

    def _test(self, depth: int, line: TestLine) -> None:
        self._tests += 1
        self._kept += len(line.name)
        self._is_full = self._tests >= MAX_CASES or self._kept > MAX_KEPT
        self._had_yaml = False
        self._close_to(depth + 1)
        below: list[_Test] = []
        if len(self._levels) == depth + 2 and self._levels[-1].opened_by is None:
            level = self._levels.pop()
            level.name = line.name or level.name
            self._check(level, whole=False)
            below = level.tests
        level = self._level(depth)
        level.last = line.number if line.number is not None else level.last + 1
        if level.last in level.numbers:
            self._problem(f"{_of(level)}test {level.last} was told twice")
        level.numbers.add(level.last)
        name = line.name or self._subtest or f"test {level.last}"
        self._subtest = None
        if line.opens:
            self._levels.append(_Level(name, opened_by=line))
            self._last = None
        elif below:
            told = _with_subtests(line, below)
            level.tests += told
            self._last = (depth, told[-1]) if not told[-1].name else None
        else:
            test = _leaf(name, line)
            if self._by_meson and line.directive == "todo" and line.ok:
                test.status, test.message = Status.FAILED, "passes, and is marked as yet to be done"
            if test.status not in GREEN and self._output:
                test.output = "\n".join(self._output)
                self._kept += len(test.output)
            level.tests.append(test)
            self._last = (depth, test)
        self._output.clear()
        self._output_size = 0

    # -- plans --------------------------------------------------------------------------------------------------------

    def _problem(self, what: str) -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(what)

    def _check(self, level: _Level, *, whole: bool) -> None:
        """Compare the tests of a level with its plan, which only the output as a whole must have."""
        told = len(level.numbers)
        if level.plan is None:
            if whole and not self._by_meson:
                self._problem("its TAP has no plan" if told else "there is no TAP in its output")
        elif whole and not told and self._skipped is None and not self._by_meson:
            self._problem("it told of no test")
        elif told < level.plan:
            missing = next(number for number in range(1, level.plan + 1) if number not in level.numbers)
            self._problem(f"{_of(level)}only {told:,} of {level.plan:,} planned tests were told; {missing} is missing")
        elif max(level.numbers, default=0) > level.plan:
            self._problem(f"{_of(level)}test {max(level.numbers)} is beyond the plan, {level.plan:,} tests")


def _of(level: _Level) -> str:
    return f"{level.name[:100]}: " if level.name else ""


def _status(line: TestLine) -> Status:
    if line.directive == "skip" and line.ok:
        return Status.SKIPPED
    if line.ok:
        return Status.PASSED
    return Status.SKIPPED if line.directive == "todo" else Status.FAILED


def _leaf(name: str, line: TestLine) -> _Test:
    todo = "todo: " if line.directive == "todo" else ""
    message = f"{todo}{line.reason or ''}".removesuffix(": ") or None
    return _Test("", name, _status(line), line.seconds, message)


def _with_subtests(line: TestLine, tests: list[_Test]) -> list[_Test]:
    """The tests below the test of `line`; at their end the test itself, without a name, if it failed and none of them.

    If that is yet to be done, so is what fails in it.
    """
    name = line.name or "subtest"
    todo = line.directive == "todo" and not line.ok
    paths: dict[str, str] = {}  # tests of one class share its name in memory
    for test in tests:
        path = paths.get(test.path)
        if path is None:
            path = paths[test.path] = shortened(f"{name} > {test.path}" if test.path else name, MAX_NAME)
        test.path = path
        if todo and test.status not in GREEN:
            test.status = Status.SKIPPED
            test.message = f"todo: {line.reason}" if line.reason else "todo"
    if _status(line) is Status.FAILED and all(test.status in GREEN for test in tests):
        whole = _leaf("", line)
        whole.path = name
        return [*tests, whole]
    return tests


def _case(test: _Test) -> Case:
    path, name = test.path, shortened(test.name, MAX_NAME)
    seconds = test.seconds if test.seconds < MAX_SECONDS else 0.0
    message = shortened(test.message, MAX_MESSAGE) if test.message else None
    if test.status in GREEN:
        return Case(path, name, test.status, seconds, message)
    details = "\n".join(test.details)
    return Case(
        path,
        name,
        test.status,
        seconds,
        message or (test.details[0] if test.details else None),
        shortened(details, MAX_DETAILS) if details else None,
        test.location,
        shortened(test.output, MAX_OUTPUT) if test.output else None,
    )
