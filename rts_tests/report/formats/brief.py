"""A run's failures in few lines, for programs that show only the end of a log: Nix shows ten lines."""

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.report.formats.text import counts_line
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LISTED = 6
MAX_ON_ONE_LINE = 200


def _line(outcome: Outcome) -> str:
    record = outcome.record
    if record is None:
        return f"FAIL {outcome.id}: not run; again: {_again(outcome)}"
    note = f" ({harmless(record.note, colour=False)})" if record.note else ""
    seed = ""
    if record.first_seed is not None:
        seed = f", seed {record.first_seed}"
        seed += f" and {record.seed_count - 1} more" if record.seed_count > 1 else ""
    return f"FAIL {outcome.id}: {outcome.status}{note}{seed}; again: {_again(outcome)}"


def _again(outcome: Outcome) -> str:
    return outcome.record.reproducer if outcome.record else f"make {outcome.target}"


def brief_text(summary: Summary) -> str:
    """One line for each of the first failures, one line with the reproducers of the others, then the counts."""
    lines = [_line(outcome) for outcome in summary.failures[:MAX_LISTED]]
    if rest := summary.failures[MAX_LISTED:]:
        more = " ..." if len(rest) > MAX_ON_ONE_LINE else ""
        lines.append(f"and {len(rest)} more: {'; '.join(map(_again, rest[:MAX_ON_ONE_LINE]))}{more}")
    return "\n".join([*lines, counts_line(summary)]) + "\n"
