"""A run's failures in few lines, for programs that show only the end of a log: Nix shows ten lines."""

from longpole.rts_tests.contracts.excerpt import causes
from longpole.rts_tests.contracts.harmless import harmless_note, harmless_text
from longpole.rts_tests.contracts.log_tail import excerpt_of
from longpole.rts_tests.report.cases import failed_cases
from longpole.rts_tests.report.formats import builds, real_state
from longpole.rts_tests.report.formats.case_text import headline
from longpole.rts_tests.report.formats.text import again, counts_line, name_of
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LINES = 8
"""Lines about failures; with the counts, and a line of whoever prints the report, they are the ten that Nix shows."""
MAX_LISTED = 6
MAX_BUILDS = 2
BUILD_LINES = 2
MAX_ON_ONE_LINE = 200
LOOKED_AT = 200
"""Lines of a log's excerpt in which those for this report are looked for."""
MAX_WIDTH = 200
"""Characters of one line of a log that are shown."""


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


def _below(outcome: Outcome, count: int) -> list[str]:
    """Return `count` lines that explain a unit's failure: its failed cases, else lines of its log."""
    failed = failed_cases(outcome.record)
    if not failed:
        return _of_log(outcome, count)
    if count <= 0:
        return []
    shown = failed if len(failed) <= count else failed[: count - 1]
    lines = [f"  | {harmless_note(case.id)}: {headline(case)}"[:MAX_WIDTH] for case in shown]
    rest = len(failed) - len(shown)
    return [*lines, f"  | and {rest:,} more failed cases"] if rest else lines


def _of_log(outcome: Outcome, count: int) -> list[str]:
    """Return `count` lines of a unit's log, marked and cut to MAX_WIDTH: the likeliest cause, and the end."""
    if count <= 0 or outcome.log is None:
        return []
    lines = [line for line in excerpt_of(outcome.log, LOOKED_AT) if line.strip()]
    cause = [index for index in causes(lines)[:1] if index < len(lines) - count]
    end = range(max(0, len(lines) - count + len(cause)), len(lines))
    return [f"  | {harmless_note(lines[index])[:MAX_WIDTH]}" for index in (*cause, *end)]


def brief_text(summary: Summary) -> str:
    """Failed builds, each with the likeliest cause; then the first failures, the other reproducers, and the counts.

    If there are few failures, failed cases or lines of its log follow each one's own line. There are MAX_LINES at most
    before the counts.
    """
    lines = []
    for failed in summary.failed_builds[:MAX_BUILDS]:
        lines += [f"FAIL {builds.headline(failed)}; again: {builds.again(failed)}"]
        lines += [f"  | {line}" for line in builds.excerpt_lines(failed, BUILD_LINES)]
    failures = summary.own_failures
    room = MAX_LISTED - len(lines) if lines else MAX_LISTED
    listed, rest = failures[: max(room, 0)], failures[max(room, 0) :]
    each = (MAX_LINES - len(lines) - bool(rest)) // len(listed) - 1 if listed else 0
    for outcome in listed:
        lines += [_line(outcome), *_below(outcome, each)]
    if rest:
        more = " ..." if len(rest) > MAX_ON_ONE_LINE else ""
        lines.append(f"and {len(rest)} more: {'; '.join(map(again, rest[:MAX_ON_ONE_LINE]))}{more}")
    if summary.real_state is not None and summary.real_state.failed and len(lines) < MAX_LINES:
        lines.append(f"FAIL guard: {real_state.lines(summary.real_state)[0]}")
    return harmless_text("\n".join([*lines, counts_line(summary)]) + "\n")
