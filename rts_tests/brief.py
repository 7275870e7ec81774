"""A run's failures in so few lines that a program which shows only the end of a log shows them: Nix shows ten."""

from rts_tests.summary import Outcome, Summary
from rts_tests.terminal import harmless
from rts_tests.text import counts_line

LISTED = 6


def _line(outcome: Outcome) -> str:
    record = outcome.record
    if record is None:
        return f"FAIL {outcome.id}: not run; again: make {outcome.target}"
    note = f" ({harmless(record.note, colour=False)})" if record.note else ""
    seed = ""
    if record.first_seed is not None:
        seed = f", seed {record.first_seed}"
        seed += f" and {record.seed_count - 1} more" if record.seed_count > 1 else ""
    return f"FAIL {outcome.id}: {outcome.status}{note}{seed}; again: {record.reproducer}"


def brief_text(summary: Summary) -> str:
    """One line a failure, at most six, then the counts."""
    lines = [_line(outcome) for outcome in summary.failures[:LISTED]]
    if len(summary.failures) > LISTED:
        lines.append(f"and {len(summary.failures) - LISTED} more; the report has them all")
    return "\n".join([*lines, counts_line(summary)]) + "\n"
