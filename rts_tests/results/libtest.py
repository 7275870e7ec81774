"""Reads what a test binary of Rust prints: libtest's text, also that of doctests.

A test has a line, `test a::b ... ok`. What a test writes past libtest's capture, as C code and child processes do, may
stand between the two ends of that line, and may look like libtest's own. So the lines are not trusted alone: the
summary counts the tests and names those that failed, and where no summary agrees with the lines, the unit has a
problem.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.cases import MAX_DETAILS, MAX_MESSAGE, MAX_NAME, Case, shortened
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.text_lines import TextLines, text_of
from longpole.rts_tests.results.told import ENDED_BY_FORCE, MAX_CASES, End, Told

MAX_KEPT = 64 * 1024 * 1024
"""Characters that are kept of what failed tests have written."""
MAX_SECTION = 4 * MAX_DETAILS
"""Characters that are kept of one failed test, before they are shortened."""
MAX_PROBLEMS = 5

_RUNNING = re.compile(r"running (\d{1,9}) tests?$")
_TEST = re.compile(r"test (.+?) \.\.\. (.*)$")
_VERDICT = re.compile(r"(ok|FAILED|ignored(?:, .*)?|bench: .*)(?: <\d+\.\d+s>)?$")
_LAST_WORD = re.compile(r"(ok|FAILED|ignored)(?: <\d+\.\d+s>)?$")
_SECTION = re.compile(r"---- (.+) (?:stdout|stderr) ----$")
_RESULT = re.compile(
    r"test result: (?:ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored; (\d{1,9}) measured; "
    r"\d+ filtered out"
)
_KIND = re.compile(r" - (?:should panic|compile fail|compile)$")
_DOCTEST = re.compile(r"(.+\.\w+) - (.*\(line \d+\))$")
_PANIC = re.compile(r"thread .* panicked at (?:'(?P<old>.*)', )?(?P<place>[^\s':][^':]*:\d+:\d+):?$")
_STATUS = {"ok": Status.PASSED, "bench": Status.PASSED, "FAILED": Status.FAILED, "ignored": Status.SKIPPED}


def split_name(name: str) -> tuple[str, str]:
    """The class and the name of a test: `a::b` and `c` of `a::b::c`; a doctest belongs to its file."""
    name = _KIND.sub("", name)[:MAX_NAME]
    doctest = _DOCTEST.match(name)
    if doctest is not None:
        return doctest[1], doctest[2]
    above, _, last = name.rpartition("::")
    return above, last


def joined_name(case: Case) -> str:
    """The name that libtest has for a case; the inverse of `split_name`."""
    between = " - " if re.search(r"\(line \d+\)$", case.name) and "." in case.class_name else "::"
    return f"{case.class_name}{between}{case.name}" if case.class_name else case.name


@dataclass(slots=True)
class _Test:
    name: str
    status: Status | None = None
    seconds: float = 0.0
    message: str | None = None


@dataclass(slots=True)
class _Block:
    """What stands between `running N tests` and the summary."""

    planned: int
    tests: list[_Test] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    is_over: bool = False
    """Whether the lines of tests have ended, because the failures are listed."""
    disagreement: str | None = None
    """What a summary says that does not agree with the lines; a test may have printed it."""


class LibtestReader:
    """The results of one attempt; see `told.Reader`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._lines = TextLines(self._line)
        self._block: _Block | None = None
        self._done: list[_Test] = []
        self._sections: dict[str, list[str]] = {}
        self._section: list[str] | None = None
        self._section_size = 0
        self._kept = 0
        self._blocks = 0
        self._problems: list[str] = []

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the standard output; return it, as the log shows it as it is."""
        self._lines.feed(data)
        return data

    def finish(self, end: End) -> Told:
        """Return what was told, after all output has been fed."""
        self._lines.finish()
        forced = end.status in ENDED_BY_FORCE
        if self._block is not None:
            self._cut_short(self._block, end.status if forced else Status.FAILED)
            if end.status is Status.PASSED:
                self._problem(self._block.disagreement or "its output ends before `test result:`")
        elif not self._blocks and end.status is not Status.SKIPPED:
            self._problem("it printed no `running N tests`, as a test binary of Rust does")
        elif not self._done and end.status is Status.PASSED:
            self._problem("it ran no test; are the names still those of tests?")
        names = [test.name for test in self._done]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1) if len(names) < 1000 else "a test"
            self._problem(f"{twice} is told twice")
        problem = "; ".join(self._problems) or None
        return Told(tuple(map(self._case, self._done)), (), None if forced else problem)

    # -- lines --------------------------------------------------------------------------------------------------------

    def _line(self, data: bytes) -> None:
        text = text_of(data)
        block = self._block
        if block is None:
            running = _RUNNING.match(text)
            if running is not None:
                self._block, self._since = _Block(int(running[1])), self._clock()
                self._blocks += 1
            return
        result = _RESULT.match(text)
        if result is not None and self._is_end(block, *map(int, result.groups())):
            self._done += block.tests
            self._block = self._section = None
        elif text in ("failures:", "successes:"):
            block.is_over, self._section = True, None
        elif block.is_over:
            self._in_failures(block, text)
        else:
            self._among_tests(block, text)

    def _among_tests(self, block: _Block, text: str) -> None:
        test = _TEST.match(text)
        if test is not None and len(block.tests) + len(self._done) < MAX_CASES:
            block.tests.append(_Test(_KIND.sub("", test[1])[:MAX_NAME]))
            self._verdict(block.tests[-1], _VERDICT.match(test[2]))
        elif block.tests and block.tests[-1].status is None:
            self._verdict(block.tests[-1], _LAST_WORD.search(text))

    def _verdict(self, test: _Test, verdict: re.Match[str] | None) -> None:
        if verdict is None:
            return
        word, _, reason = verdict[1].partition(", ")
        test.status = _STATUS[word.partition(":")[0]]
        test.message = reason or None
        now = self._clock()
        test.seconds, self._since = max(now - self._since, 0.0), now

    def _in_failures(self, block: _Block, text: str) -> None:
        section = _SECTION.match(text)
        if section is not None:
            name = _KIND.sub("", section[1])[:MAX_NAME]
            self._section, self._section_size = self._sections.setdefault(name, []), 0
        elif self._section is not None:
            self._section_size += len(text) + 1
            if self._section_size <= MAX_SECTION and self._kept < MAX_KEPT:
                self._kept += len(text) + 1
                self._section.append(text)
        elif text.startswith("    "):
            block.failed.add(_KIND.sub("", text[4:])[:MAX_NAME])

    def _is_end(self, block: _Block, passed: int, failed: int, ignored: int, measured: int) -> bool:
        """Whether a summary agrees with the lines. What is not known of a test follows from it."""
        known = [_by_summary(test, block.failed) for test in block.tests]
        found = [known.count(status) for status in (Status.PASSED, Status.FAILED, Status.SKIPPED)]
        if found != [passed + measured, failed, ignored] or sum(found) != block.planned:
            block.disagreement = (
                f"its lines say {found[0]} passed, {found[1]} failed, {found[2]} ignored of {block.planned}; "
                f"its summary {passed + measured} passed, {failed} failed, {ignored} ignored"
            )
            return False
        for test, status in zip(block.tests, known, strict=True):
            test.status = status
        return True

    def _cut_short(self, block: _Block, status: Status) -> None:
        """The output ends in the middle: so did the test whose line is open."""
        for test in block.tests:
            if test.status is None:
                test.status = status
                test.message = "the process ended during this test"
        self._done += block.tests
        left = block.planned - len(block.tests)
        if left > 0 and status not in [test.status for test in block.tests]:
            self._problem(f"it ended before it had run {left} of {block.planned} tests")

    def _problem(self, text: str) -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(text)

    def _case(self, test: _Test) -> Case:
        class_name, name = split_name(test.name)
        status = test.status or Status.NOT_RUN
        if status is Status.PASSED:
            return Case(class_name, name, status, test.seconds)
        lines = self._sections.get(test.name, [])
        message, location = _panic(lines)
        details = shortened("\n".join(lines).strip(), MAX_DETAILS) or None
        message = message or test.message
        return Case(
            class_name, name, status, test.seconds, message and shortened(message, MAX_MESSAGE), details, location
        )


def _by_summary(test: _Test, failed: set[str]) -> Status:
    """The status of a test when its block is over: those that failed are named once more."""
    if test.status in (None, Status.PASSED):
        return Status.FAILED if test.name in failed else Status.PASSED
    return test.status


def _panic(lines: list[str]) -> tuple[str | None, str | None]:
    """The message and the place of the first panic in what a test has written."""
    for number, line in enumerate(lines):
        panic = _PANIC.match(line)
        if panic is not None:
            message = panic["old"] if panic["old"] is not None else "\n".join(_until_note(lines[number + 1 :]))
            return message or None, panic["place"]
    return None, None


def _until_note(lines: list[str]) -> list[str]:
    end = next(
        (at for at, line in enumerate(lines) if line.startswith(("note: ", "stack backtrace:")) or not line), None
    )
    return lines[:end]
