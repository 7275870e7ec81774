"""A run's failures in few lines, for programs that show only the end of a log: Nix shows ten lines."""

from longpole.rts_tests.contracts.harmless import harmless_note, harmless_text
from longpole.rts_tests.report.formats.text import again, counts_line, name_of
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LISTED = 6
MAX_ON_ONE_LINE = 200


def _line(outcome: Outcome) -> str:
    record = outcome.record
    if record is None:
        return f"FAIL {name_of(outcome)}: not run; again: {again(outcome)}"
    note = f" ({harmless_note(record.note)})" if record.note else ""
    seed = ""
    if record.first_seed is not None:
        seed = f", seed {record.first_seed}"
        seed += f" and {record.seed_count - 1} more" if record.seed_count > 1 else ""
    return f"FAIL {name_of(outcome)}: {outcome.status}{note}{seed}; again: {again(outcome)}"


def brief_text(summary: Summary) -> str:
    """One line for each of the first failures, one line with the reproducers of the others, then the counts."""
    lines = [_line(outcome) for outcome in summary.failures[:MAX_LISTED]]
    if rest := summary.failures[MAX_LISTED:]:
        more = " ..." if len(rest) > MAX_ON_ONE_LINE else ""
        lines.append(f"and {len(rest)} more: {'; '.join(map(again, rest[:MAX_ON_ONE_LINE]))}{more}")
    return harmless_text("\n".join([*lines, counts_line(summary)]) + "\n")
