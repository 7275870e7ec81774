"""The text of an issue about runs: what failed, with which seed, how to run it again, and where it ran.

Names and notes come from tests. They are shown as code, so that they can neither format the issue nor mention users.
"""

import re
from collections.abc import Mapping, Sequence

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.report.formats.text import counts_line, seeds_line
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LISTED = 100
"""Failing units per run that are listed; more are counted. GitHub allows 65,536 characters in an issue."""
MAX_CHARACTERS = 60_000
_MAX_CODE = 300


def code(text: str, longest: int = _MAX_CODE) -> str:
    """`text` as inline code in Markdown, on one line, so that it can stand in a table."""
    clean = harmless(text, colour=False).replace("\t", " ").replace("|", "\\|").strip()
    clean = clean if len(clean) <= longest else clean[: longest - 1] + "…"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", clean)), default=0))
    space = " " if "`" in (clean[:1], clean[-1:]) else ""
    return f"{fence}{space}{clean}{space}{fence}" if clean else ""


def _seeds(outcome: Outcome) -> str:
    record = outcome.record
    if record is None or record.first_seed is None:
        return ""
    return f"{record.first_seed}" if record.seed_count == 1 else f"{record.seed_count} from {record.first_seed}"


def _row(outcome: Outcome) -> str:
    record = outcome.record
    note = f" {code(record.note)}" if record and record.note else ""
    again = code(outcome.again)
    return f"| {code(outcome.id)} | {outcome.status}{note} | {_seeds(outcome)} | {again} |"


def _section(name: str, summary: Summary) -> list[str]:
    lines = [f"### {code(name)}: {counts_line(summary)}", "", f"{seeds_line(summary)}.", ""]
    if not summary.failures:
        return lines
    lines += ["| unit | outcome | seed | again |", "|---|---|---|---|"]
    lines += [_row(outcome) for outcome in summary.failures[:MAX_LISTED]]
    if len(summary.failures) > MAX_LISTED:
        lines.append(f"| and {len(summary.failures) - MAX_LISTED} more | | | |")
    return [*lines, ""]


def issue_text(runs: Mapping[str, Summary], *, address: str = "", missing: Sequence[str] = ()) -> str:
    """The body of one issue about several runs, by name (usually the platform), in their order.

    `missing` names jobs that failed and left no run. `address` is the address of the workflow's run.
    """
    lines = []
    for name, summary in runs.items():
        lines += _section(name, summary)
    for name in missing:
        lines += [f"### {code(name)}: failed, and left no results", "", "Its log says why.", ""]
    text = "\n".join(lines)
    if len(text) > MAX_CHARACTERS:
        text = text[: text.rindex("\n", 0, MAX_CHARACTERS)] + "\n\nThe rest is left out: the issue is too long.\n"
    return f"{text}\nThe run: {address}\n" if address else text
