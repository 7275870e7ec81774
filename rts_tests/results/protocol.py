"""Reads what a fork tells on its standard output: docs/protocol.md says what a fork may tell, and what is made of it.

The stream comes from a program under test, which may end at any moment and print anything. So each class that the fork
was given has one result, whatever the stream; what contradicts itself is an error of the fork; and of two results for
one class the worse one counts, so that nothing that a test prints turns a failure into a success.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from longpole.rts_tests.contracts.cases import (
    MAX_DETAILS,
    MAX_MESSAGE,
    MAX_NAME,
    MAX_OUTPUT,
    Case,
    ClassResult,
    shortened,
)
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.blocks import Blocks, one_line, reason
from longpole.rts_tests.results.told import ENDED_BY_FORCE, MAX_CASES, End, Told
from longpole.rts_tests.results.wire import TOLD, VERSION, Lines, decode, is_seconds, valid

MAX_KEPT = 256 * 1024 * 1024
"""Characters that are kept of one fork; the rest of what it tells is not read."""
MAX_PROBLEMS = 20
"""Problems that are named; there may be one for each line."""

_TEXTS = ("message", "details", "location", "output")
_UNFINISHED = {
    Status.TIMEOUT: (Status.TIMEOUT, "the fork took too long, and was ended before this class was completed"),
    Status.CANCELLED: (Status.NOT_RUN, "the run was interrupted before this class was completed"),
}
_CRASHED = (Status.CRASHED, "the fork ended before this class was completed")
_NOT_RUN = "the fork ended before this class was started"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error of a fork, with a remedy for the author of its client; `line` counts the lines of the output from 1."""

    what: str
    remedy: str
    line: int | None

    def __str__(self) -> str:
        return self.what if self.line is None else f"line {self.line} of the output: {self.what}"


@dataclass(slots=True)
class _Open:
    """A class that was started: the end of its output, and whether a part of that is in the log."""

    tail: str = ""
    shown: bool = False


@dataclass(frozen=True, slots=True)
class _Result:
    """A class that was completed."""

    whole: ClassResult
    cases: tuple[Case, ...]


class ProtocolReader:
    """The results of one fork; see `told.Reader`."""

    def __init__(self, given: Sequence[str] | None, tag: str | None) -> None:
        """`given` are the classes of the fork, None if it may run any; `tag` begins each line of its log."""
        self._given = None if given is None else dict.fromkeys(given)
        self._lines = Lines()
        self._log = Blocks(tag)
        self._line = 1
        self._open: dict[str, _Open] = {}
        self._results: dict[str, _Result] = {}
        self._other = b""
        """The end of the output that belongs to no class, since one was started alone."""
        self._is_silent = True
        """Whether there was no envelope yet."""
        self._told = 0
        self._kept = 0
        """Classes and cases, and their characters, that are in memory."""
        self._suites = 0
        self._cases: Counter[str] = Counter()
        """Classes that were completed, and statuses of cases, as often as they were told."""
        self._totals: Mapping[str, Any] | None = None
        self.problems: list[Problem] = []
        """What is wrong with the stream so far, in its order; no more than `MAX_PROBLEMS`."""

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the standard output; return what goes to the log for it."""
        for is_envelope, piece in self._lines.split(data):
            if is_envelope:
                self._envelope(piece)
                self._line += 1
            else:
                self._unattributed(piece)
                self._line += piece.count(b"\n")
        return self._log.take()

    def finish(self, end: End) -> Told:
        """Return what was told, after all output has been fed."""
        self._unattributed(self._lines.rest())
        given = self._given if end.claimed is None else dict.fromkeys((*end.claimed, *end.unclaimed))
        self._check_end(end)
        self._settle(end, given)
        names = self._results if given is None else given
        classes = tuple(self._results[name].whole for name in names)
        cases = tuple(case for name in names for case in self._results[name].cases)
        self._log.line(_summary(classes, cases))
        for problem in self.problems:
            self._log.line(f"[longpole: {problem}]")
        return Told(cases, classes, _one_of(self.problems), self._log.take())

    # -- the stream ---------------------------------------------------------------------------------------------------

    def _problem(self, what: str, remedy: str, *, here: bool = True) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(what, remedy, self._line if here else None))

    def _unattributed(self, data: bytes) -> None:
        self._log.other(data)
        self._other = (self._other + data[-MAX_OUTPUT:])[-MAX_OUTPUT:]

    def _envelope(self, line: bytes) -> None:
        told = decode(line)
        if told is None:
            self._unattributed(line)
            return
        event = told.get("event")
        if not isinstance(event, str) or event not in _EVENTS or self._is_full():
            return
        self._is_silent = False
        if self._totals is not None:
            self._problem(f"{event} after fork_completed", "send fork_completed last")
        if event in _OF_A_CLASS and not isinstance(told.get("suite"), str):
            self._problem(f"{event} names no suite", "name the class in `suite`")
        else:
            _EVENTS[event](self, told)

    def _is_full(self) -> bool:
        """Whether so much was told that nothing more is read; then this is a problem."""
        if self._told < MAX_CASES and self._kept < MAX_KEPT:
            return False
        what = "more is told than Longpole keeps, and the rest was not read"
        if not self.problems or self.problems[-1].what != what:
            self._problem(what, f"tell no more than {MAX_CASES:,} classes and cases, and less text")
        return True

    def _fork_started(self, told: Mapping[str, Any]) -> None:
        if told.get("version") != VERSION:
            self._problem("the client speaks another version of the protocol, not 1", "update Longpole, or the client")

    def _suite_started(self, told: Mapping[str, Any]) -> None:
        name = told["suite"]
        if name in self._open or name in self._results:
            self._problem(f"class {_named(name)} is started twice", "start each class once")
            return
        if self._given is not None and name not in self._given:
            self._problem(f"class {_named(name)} was not given to this fork", "use the names in LONGPOLE_CLASSES")
        if not self._open:
            self._other = b""
        self._open[name] = _Open()
        self._told += 1
        self._kept += len(name)

    def _suite_output(self, told: Mapping[str, Any]) -> None:
        text = self._text(told, "text") or ""
        opened = self._open.get(told["suite"])
        if opened is None:
            self._unattributed(text.encode())
            return
        self._log.block(told["suite"], text, note="continued" if opened.shown else "so far")
        opened.shown = True
        self._kept -= len(opened.tail)
        opened.tail = (opened.tail + text)[-MAX_OUTPUT:]
        self._kept += len(opened.tail)

    def _suite_completed(self, told: Mapping[str, Any]) -> None:
        name = told["suite"]
        opened = self._open.pop(name, None)
        self._kept -= len(opened.tail) if opened is not None else 0
        if name in self._results:
            self._problem(f"class {_named(name)} is completed twice", "complete each class once")
        elif opened is None:
            self._problem(f"class {_named(name)} is completed, but was not started", "send suite_started first")
        result, reasons = self._result(name, told)
        shown = opened is not None and opened.shown
        self._log.block(name, self._text(told, "output") or "", reasons, "continued" if shown else "")
        self._suites += 1
        earlier = self._results.get(name)
        if earlier is None or earlier.whole.status in GREEN:
            self._results[name] = result

    def _unattributed_output(self, told: Mapping[str, Any]) -> None:
        self._unattributed((self._text(told, "text") or "").encode())

    def _fork_completed(self, told: Mapping[str, Any]) -> None:
        self._totals = told
        if problem := self._text(told, "problem"):
            self._problem(problem, "mend what it says", here=False)

    # -- the parts of an envelope -------------------------------------------------------------------------------------

    def _result(self, name: str, told: Mapping[str, Any]) -> tuple[_Result, list[str]]:
        """The result of a class that is completed, and why it did not pass, for its log."""
        name = shortened(valid(name), MAX_NAME)
        status, took = self._status(told), self._seconds(told)
        rows = told.get("cases", ())
        if not isinstance(rows, list | tuple) or not all(isinstance(row, dict) for row in rows):
            self._problem("the cases are not a list of objects", "send a list, which may be empty")
            rows, status = (), Status.ERROR
        reasons: list[str] = []
        if self._told + len(rows) > MAX_CASES:
            rows = rows[: MAX_CASES - self._told]  # the next envelope is not read, and reports it
        self._told += max(1, len(rows))
        cases = [self._told_case(name, row, reasons) for row in rows]
        red = {case.status for case in cases} - GREEN
        if status in GREEN and red:
            status = next(each for each in (Status.FAILED, Status.TIMEOUT, Status.ERROR) if each in red)
        if not cases or (status not in GREEN and (not red or told.get("message") or told.get("details"))):
            own = {key: told[key] for key in ("message", "details") if key in told}
            cases.append(self._case(Case(name, "", status, took), own, reasons))
        return _Result(ClassResult(name, status, took), tuple(cases)), reasons

    def _told_case(self, class_name: str, row: Mapping[str, Any], reasons: list[str]) -> Case:
        name = row.get("name")
        if not isinstance(name, str) or not name:
            self._problem("a case has no name", "send a text in `name` that is not empty")
            name = "?"
        status = self._status(row)
        self._cases[status] += 1
        case = Case(class_name, shortened(valid(name), MAX_NAME), status, self._seconds(row))
        self._kept += len(case.name)
        return case if status is Status.PASSED and not row.get("details") else self._case(case, row, reasons)

    def _case(self, case: Case, row: Mapping[str, Any], reasons: list[str]) -> Case:
        """A case with the texts that it keeps; if it is red, add its reason, for the log."""
        if case.status is Status.PASSED:
            row = {"details": row["details"]} if "details" in row else {}
        texts = {key: self._text(row, key) for key in _TEXTS}
        self._kept += sum(min(len(text or ""), MAX_DETAILS) for text in texts.values())
        message = _short(texts["message"], MAX_MESSAGE)
        if case.status is Status.SKIPPED:
            return replace(case, message=message)
        if case.status is Status.PASSED:
            return replace(case, details=_short(texts["details"], MAX_DETAILS))
        reasons.append(reason(case.status, {**texts, "name": case.name}))
        return replace(
            case,
            message=message,
            details=_short(texts["details"], MAX_DETAILS),
            location=_short(texts["location"], MAX_NAME),
            output=_short(texts["output"], MAX_OUTPUT),
        )

    def _status(self, told: Mapping[str, Any]) -> Status:
        status = told.get("status")
        if isinstance(status, str) and status in TOLD:
            return TOLD[status]
        self._problem("a status is missing or unknown", f"send one of {', '.join(TOLD)}")
        return Status.ERROR

    def _seconds(self, told: Mapping[str, Any]) -> float:
        value = told.get("seconds")
        if is_seconds(value):
            return float(value)  # type: ignore[arg-type]
        self._problem("`seconds` is not a duration", "send a finite number, 0 or more")
        return 0.0

    def _text(self, told: Mapping[str, Any], key: str) -> str | None:
        text = told.get(key)
        if text is None or isinstance(text, str):
            return text and valid(text)
        self._problem(f"`{key}` is not a text", "send a text, or leave it out")
        return None

    # -- the end ------------------------------------------------------------------------------------------------------

    def _check_end(self, end: End) -> None:
        """Report what the whole stream contradicts."""
        if end.claimed is not None:
            claimed = frozenset(end.claimed)
            for name in [*self._results, *self._open]:
                if name not in claimed:
                    what = f"class {_named(name)} was not taken from the queue by this fork"
                    self._problem(what, "run only classes whose files you have renamed", here=False)
        if self._totals is None:
            if end.status not in ENDED_BY_FORCE:
                self._check_unended(end)
            return
        cases = self._totals.get("cases")
        counted = {status: cases.get(status, 0) if isinstance(cases, dict) else 0 for status in TOLD}
        suites, told = self._totals.get("suites"), {status: self._cases[status] for status in TOLD}
        if suites != self._suites:
            what = f"fork_completed counts {_number(suites)} classes, {self._suites} were completed"
            self._problem(what, "count each suite_completed", here=False)
        if counted != told:
            what = f"fork_completed counts these cases: {_counts(counted)}; these were told: {_counts(told)}"
            self._problem(what, "count each case in suite_completed", here=False)

    def _check_unended(self, end: End) -> None:
        """Report that a process, which ended by itself, did not come to the end of what it had to tell."""
        why = f"it exited with status {end.exit_code} and"
        if self._is_silent:
            hint = "call a client in `run`, or say by `results` what it tells"
            remedy = "print envelopes on standard output, if LONGPOLE_PROTOCOL is set"
            self._problem(f"{why} told nothing in Longpole's protocol; {hint}", remedy, here=False)
        else:
            remedy = "send fork_completed at the end, whatever failed"
            self._problem(f"{why} did not send fork_completed; did a test end the process?", remedy, here=False)

    def _settle(self, end: End, given: Mapping[str, None] | None) -> None:
        """Give a result to each class that has none: those that were started, then those that were not."""
        status, why = _UNFINISHED.get(end.status, _CRASHED)
        for name, opened in self._open.items():
            tail = opened.tail
            if len(self._open) == 1:
                tail += valid(self._other.decode(errors="replace"))
            self._unfinished(name, status, why, tail[-MAX_OUTPUT:], "continued" if opened.shown else "")
        claimed = frozenset() if end.claimed is None or self._totals is not None else frozenset(end.claimed)
        for name in given or ():
            if name not in self._results:
                if name in claimed:
                    self._unfinished(name, status, why)
                else:
                    self._unfinished(name, Status.NOT_RUN, _NOT_RUN)

    def _unfinished(self, name: str, status: Status, why: str, tail: str = "", note: str = "") -> None:
        self._log.block(name, "", [reason(status, {"message": why})], note)
        stored = shortened(valid(name), MAX_NAME)
        case = Case(stored, "", status, 0.0, why, _short(tail, MAX_DETAILS) or None)
        self._results[name] = _Result(ClassResult(stored, status), (case,))


_OF_A_CLASS = {
    "suite_started": ProtocolReader._suite_started,
    "suite_output": ProtocolReader._suite_output,
    "suite_completed": ProtocolReader._suite_completed,
}
_EVENTS = {
    **_OF_A_CLASS,
    "fork_started": ProtocolReader._fork_started,
    "unattributed_output": ProtocolReader._unattributed_output,
    "fork_completed": ProtocolReader._fork_completed,
}


def _short(text: str | None, most: int) -> str | None:
    return text and shortened(text, most)


def _one_of(problems: Sequence[Problem]) -> str | None:
    """The first problem, and how many there are besides: all of them are in the log."""
    others = len(problems) - 1
    return f"{problems[0]}{f' (and {others} more)' if others > 0 else ''}" if problems else None


def _named(name: str) -> str:
    return f"`{one_line(shortened(valid(name), 200))}`"


def _number(value: object) -> str:
    return str(value) if type(value) is int and abs(value) < 10**12 else "an unknown number of"


def _counts(counts: Mapping[str, object]) -> str:
    named = [f"{_number(number)} {status}" for status, number in counts.items() if number]
    return ", ".join(named) or "none"


def _summary(classes: Iterable[ClassResult], cases: Sequence[Case]) -> str:
    """`12 passed, 1 failed in 1.25 s`; the duration is that of the classes together."""
    counts = Counter(case.status for case in cases)
    named = ", ".join(f"{counts[status]:,} {status}" for status in Status if counts[status])
    return f"{named or count(0, 'case')} in {seconds(sum(each.seconds for each in classes))}"
