"""A run's failures in few lines, for programs that show only the end of a log: Nix shows ten lines."""

from longpole.rts_tests.contracts.harmless import harmless_note, harmless_text
from longpole.rts_tests.report.formats import builds
from longpole.rts_tests.report.formats.text import again, counts_line, name_of
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LISTED = 6
MAX_BUILDS = 2
BUILD_LINES = 2
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
    """Failed builds, each with the likeliest cause; then the first failures, the other reproducers, and the counts."""
    lines = []
    for failed in summary.failed_builds[:MAX_BUILDS]:
        lines += [f"FAIL {builds.headline(failed)}; again: {builds.again(failed)}"]
        lines += [f"  | {line}" for line in builds.excerpt_lines(failed, BUILD_LINES)]
    failures = [outcome for outcome in summary.failures if outcome.id not in summary.without_build]
    room = MAX_LISTED - len(lines) if lines else MAX_LISTED
    lines += [_line(outcome) for outcome in failures[: max(room, 0)]]
    if rest := failures[max(room, 0) :]:
        more = " ..." if len(rest) > MAX_ON_ONE_LINE else ""
        lines.append(f"and {len(rest)} more: {'; '.join(map(again, rest[:MAX_ON_ONE_LINE]))}{more}")
    return harmless_text("\n".join([*lines, counts_line(summary)]) + "\n")
