"""The results of an attempt: the reader of what it tells, and what the note says of that."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from longpole.rts_tests.contracts.cases import MAX_MESSAGE, Case, ClassResult, shortened
from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.told import End, Reader, Told, final_status
from longpole.rts_tests.unit.error_lines import ErrorLines

MAX_NAMED = 3
"""Cases that a note names."""
MAX_NAME_SHOWN = 100
"""Characters of the name of a case in a note."""
MAX_PROBLEM_SHOWN = 1000
"""Characters of a problem in a note."""

_NO_FAILURE = GREEN | {Status.NOT_RUN}


@dataclass(slots=True)
class AttemptResults:
    """The results of an attempt under way."""

    reader: Reader
    apart: bool = False
    """Whether `reader` reads standard output, which then has a pipe of its own."""
    error_lines: ErrorLines = field(default_factory=lambda: ErrorLines(None))
    claims: Callable[[], tuple[tuple[str, ...], tuple[str, ...]]] | None = None
    """Returns the classes that the fork took from the queue, and those of others that count as its own because nobody
    took them; None if there is no queue. Called after its end."""
    told: Told | None = None
    """What it told; None until it has ended."""

    def finish(self, own: Status, exit_code: int | None, tmpdir: str) -> tuple[Status, bytes]:
        """Read the results of an attempt that has ended with the status `own`; return its status, and the log's end.

        `exit_code` is None if a signal ended the attempt, or if it did not start. `tmpdir` still exists.
        """
        claimed, unclaimed = self.claims() if self.claims is not None else (None, ())
        self.told = self.reader.finish(End(own, exit_code, tmpdir, claimed, unclaimed))
        return final_status(own, self.told), self.error_lines.rest() + self.told.output


def note_of_cases(cases: Sequence[Case]) -> str | None:
    """Return a note such as `2 of 117 cases failed: Class#name, ...`, harmless; None if all cases are green."""
    red: dict[Status, list[Case]] = {}
    for case in cases:
        if case.status not in GREEN:
            red.setdefault(case.status, []).append(case)
    parts = []
    total = f" of {len(cases):,} {'case' if len(cases) == 1 else 'cases'}"
    for status in (status for status in Status if status in red):
        names = f": {named(case.id for case in red[status])}" if status is not Status.NOT_RUN else ""
        parts.append(f"{len(red[status]):,}{total} {_VERBS.get(status, status)}{names}")
        total = ""
    return "; ".join(parts) or None


_VERBS = {Status.TIMEOUT: "took too long", Status.ERROR: "had errors", Status.NOT_RUN: "did not run"}


def shortened_note(note: str) -> str:
    """Return a problem of the results, harmless, in one line and not too long."""
    text = harmless_note(" ".join(note[: 4 * MAX_PROBLEM_SHOWN].split()))
    return text if len(text) <= MAX_PROBLEM_SHOWN else f"{text[: MAX_PROBLEM_SHOWN - 1]}…"


def named(ids: Iterable[str]) -> str:
    """Return the first of the ids, harmless and in one line, and how many more there are."""
    every = list(ids)
    shown = ", ".join(map(_shown, every[:MAX_NAMED]))
    return shown if len(every) <= MAX_NAMED else f"{shown} and {len(every) - MAX_NAMED:,} more"


def _shown(name: str) -> str:
    text = harmless_note(name[: 4 * MAX_NAME_SHOWN])
    return text if len(text) <= MAX_NAME_SHOWN else f"{text[: MAX_NAME_SHOWN - 1]}…"


def last_cases(before: Sequence[Case], now: Sequence[Case]) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """Return the last result of each case of two attempts, and the ids of those that failed before and pass now.

    A class that told of no case before, because it crashed or did not run, is no case of its own any more if it tells
    of its cases now. Cases of one attempt may have the same id; they stay together.
    """
    told, classes = {case.id for case in now}, {case.class_name for case in now if case.name}
    failed = {case.id: case for case in before if case.status not in _NO_FAILURE}
    kept = [case for case in before if case.id not in told and (case.name or case.class_name not in classes)]
    red = Counter(case.id for case in now if case.status not in GREEN)
    mended = tuple(dict.fromkeys(case.id for case in now if case.id in failed and not red[case.id]))
    mended += tuple(_classes_mended(before, now, classes))
    marked = set(mended)
    last = [_mended(case, failed[case.id]) if case.id in marked and not case.message else case for case in now]
    return (*kept, *last), mended


def _classes_mended(before: Sequence[Case], now: Sequence[Case], told: Set[str]) -> Iterator[str]:
    """The classes that failed as a whole before, and of which every case that they tell now is green."""
    red = {case.class_name for case in now if case.status not in GREEN}
    for case in before:
        if not case.name and case.status not in _NO_FAILURE and case.class_name in told - red:
            yield case.id


def _mended(case: Case, failure: Case) -> Case:
    said = f": {failure.message}" if failure.message else ""
    return replace(case, message=shortened(f"{failure.status} when it was run first{said}", MAX_MESSAGE))


def last_classes(before: Sequence[ClassResult], now: Sequence[ClassResult]) -> tuple[ClassResult, ...]:
    """Return the last result of each class of two attempts."""
    return tuple({each.name: each for each in (*before, *now)}.values())
