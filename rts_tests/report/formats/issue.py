"""Runs as the text of an issue: what failed, with which seed, how to run it again, and where it ran.

Names and notes come from tests and are shown as code, so that they can neither format the issue nor call people in.
"""

import re
from collections.abc import Mapping, Sequence

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.report.formats.text import counts_line, seeds_line
from longpole.rts_tests.report.summary import Outcome, Summary

LISTED = 100
"""Failing units a run; more are counted. An issue's body holds 65,536 characters."""
MOST = 60_000
_WORD = 300


def code(text: str, most: int = _WORD) -> str:
    """`text` as inline code of Markdown, on one line, also inside a table."""
    clean = harmless(text, colour=False).replace("\t", " ").replace("|", "\\|").strip()
    clean = clean if len(clean) <= most else clean[: most - 1] + "…"
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
    again = code(record.reproducer if record else f"make {outcome.target}")
    return f"| {code(outcome.id)} | {outcome.status}{note} | {_seeds(outcome)} | {again} |"


def _section(name: str, summary: Summary) -> list[str]:
    lines = [f"### {code(name)}: {counts_line(summary)}", "", f"{seeds_line(summary)}.", ""]
    if not summary.failures:
        return lines
    lines += ["| unit | outcome | seed | again |", "|---|---|---|---|"]
    lines += [_row(outcome) for outcome in summary.failures[:LISTED]]
    if len(summary.failures) > LISTED:
        lines.append(f"| and {len(summary.failures) - LISTED} more | | | |")
    return [*lines, ""]


def issue_text(runs: Mapping[str, Summary], *, address: str = "", missing: Sequence[str] = ()) -> str:
    """The body of one issue about several runs, by what each is called (a platform, mostly), in their order.

    `missing` names jobs that failed and left no run. `address` is where the whole of it can be read.
    """
    lines = []
    for name, summary in runs.items():
        lines += _section(name, summary)
    for name in missing:
        lines += [f"### {code(name)}: failed, and left no results", "", "Its log says why.", ""]
    text = "\n".join(lines)
    if len(text) > MOST:
        text = text[: text.rindex("\n", 0, MOST)] + "\n\nThe rest is left out: an issue can hold no more.\n"
    return f"{text}\nThe run: {address}\n" if address else text
