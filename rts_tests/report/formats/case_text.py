"""Cases in reports for people: the failed ones of a unit, as lines or in a table, and the reasons of skipped ones.

In the text, a label or `| ` comes before all that tests say, so that no line of the report is a command to a CI system.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.excerpt import causes, excerpt
from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.cases import failed_cases
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_CASES, MAX_CASES_IN_ALL = 10, 50
"""Failed cases that are shown of a unit, and of all units."""
MAX_FAILED_CASES, MAX_FAILED_CASES_IN_ALL = 100, 1000
"""The same where only failures are shown."""
MAX_REASONS = 10
MAX_NAMED = 5
DETAIL_LINES = 6
MESSAGE_LINES = 3
MAX_WIDTH = 200
"""Characters of a line of a message or of details."""


class FailedCases:
    """Writes the failed cases of unit after unit, until there are too many of them."""

    def __init__(self, *, only_failed: bool) -> None:
        self._only_failed = only_failed
        self._each = MAX_FAILED_CASES if only_failed else MAX_CASES
        self._room = MAX_FAILED_CASES_IN_ALL if only_failed else MAX_CASES_IN_ALL

    def lines(self, outcome: Outcome) -> list[str]:
        """The lines below a unit that failed; none if it told of no failed case."""
        failed = failed_cases(outcome.record)
        ran = [case for case in failed if case.status != Status.NOT_RUN]
        shown = ran[: min(self._each, self._room)]
        self._room -= len(shown)
        lines = [line for case in shown for line in case_lines(case)]
        if len(ran) > len(shown):
            where = "report.html has all" if self._only_failed else "`longpole report --failed` lists more"
            lines.append(f"    and {count(len(ran) - len(shown), 'more failed case')}; {where}")
        not_run = failed[len(ran) :]
        if not_run:
            rest = f" and {len(not_run) - MAX_NAMED:,} more" if len(not_run) > MAX_NAMED else ""
            lines.append(f"    not run: {', '.join(harmless_note(case.id) for case in not_run[:MAX_NAMED])}{rest}")
        return lines


def case_lines(case: Case) -> list[str]:
    """A failed case: its name, where it is in the source, its message, and the part of its details that explains it."""
    label = "case: " if case.name else "class:"
    status = "" if case.status == Status.FAILED else f": {case.status}"
    where = f" ({harmless_note(case.location)})" if case.location else ""
    head = f"    {label} {harmless_note(case.id)}{status}{where}"
    return [head, *(f"      | {harmless_note(line)[:MAX_WIDTH]}" for line in _explanation(case))]


def headline(case: Case) -> str:
    """The first line of a failed case's message, else its status; harmless and not too long."""
    return harmless_note(next(iter(_lines_of(case.message)), case.status))[:MAX_WIDTH]


def outcome_of(case: Case) -> str:
    """`failed: expected 1`, or only the status."""
    text = headline(case)
    return str(case.status) if text == case.status else f"{case.status}: {text}"


def _explanation(case: Case) -> list[str]:
    """The lines of a case's message that its details do not repeat, then a part of the details."""
    details = _details(case)
    message = [line for line in _lines_of(case.message) if not any(line.strip() in other for other in details)]
    return [*message[:MESSAGE_LINES], *(["..."] if len(message) > MESSAGE_LINES else []), *details]


def _details(case: Case) -> list[str]:
    """The beginning of the details, else of the output; if a likely cause is further down, the part around it."""
    details = _lines_of(case.details) or _lines_of(case.output)
    if len(details) <= DETAIL_LINES:
        return details
    if any(index >= DETAIL_LINES for index in causes(details)[:1]):
        return excerpt(details, DETAIL_LINES)
    rest = len(details) - DETAIL_LINES
    return [*details[:DETAIL_LINES], f"[... {count(rest, 'line')} left out ...]"]


def _lines_of(text: str | None) -> list[str]:
    return [line for line in (text or "").splitlines() if line.strip()]


def skipped_lines(summary: Summary) -> list[str]:
    """The reasons for which cases were skipped, the most frequent first; none if none was."""
    reasons: Counter[str] = Counter()
    examples: dict[str, Case] = {}
    for outcome in summary.outcomes:
        for case in outcome.record.cases if outcome.record else ():
            if case.status == Status.SKIPPED:
                reason = " ".join(_lines_of(case.message))
                reasons[reason] += 1
                examples.setdefault(reason, case)
    if not reasons:
        return []
    ordered = sorted(reasons.items(), key=lambda row: (-row[1], not row[0], row[0]))
    lines = ["", "skipped cases:"]
    for reason, number in ordered[:MAX_REASONS]:
        lines.append(f"  {number:,}: {harmless_note(reason)[:MAX_WIDTH] or _unexplained(number, examples[reason])}")
    if len(ordered) > MAX_REASONS:
        lines.append(f"  and {count(len(ordered) - MAX_REASONS, 'other reason')}")
    return lines


def _unexplained(number: int, example: Case) -> str:
    return f"without a reason, {harmless_note(example.id)}{' and others' if number > 1 else ''}"


def case_table(failures: Sequence[Outcome], most: int, cells: Callable[[Outcome, Case], Sequence[str]]) -> list[str]:
    """A table in Markdown of at most `most` failed cases, and a blank line; nothing without any.

    `cells` returns the escaped texts of one: case, unit, outcome, and where it is.
    """
    failed = [(outcome, case) for outcome in failures for case in failed_cases(outcome.record)]
    if not failed:
        return []
    lines = ["| case | unit | outcome | where |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(cells(outcome, case))} |" for outcome, case in failed[:most]]
    if len(failed) > most:
        lines.append(f"| and {len(failed) - most:,} more | | | |")
    return [*lines, ""]


def counts_text(counts: Sequence[tuple[str, int]], noun: str) -> str:
    """`72 units: 70 passed, 2 failed`."""
    each = ", ".join(f"{number:,} {status}" for status, number in counts)
    return f"{count(sum(number for _, number in counts), noun)}: {each}"
