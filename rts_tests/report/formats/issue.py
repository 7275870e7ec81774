"""The text of an issue about runs: what failed, with which seed, how to run it again, and where it ran.

Names and notes come from tests. They are shown as code, so that they can neither format the issue nor mention users.
"""

import re
from collections.abc import Mapping, Sequence

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.report.formats import builds
from longpole.rts_tests.report.formats.case_text import case_table, headline
from longpole.rts_tests.report.formats.text import counts_line, seeds_line
from longpole.rts_tests.report.open_failures import Failure
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LISTED = 100
"""Failing units, and failed cases, that are listed of a run. An issue has 65,536 characters at most."""
MAX_BUILDS = 10
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
    for failed in summary.failed_builds[:MAX_BUILDS]:
        shown = [f"    {line}" for line in builds.excerpt_lines(failed)]  # indented code: nothing in it is markup
        lines += [f"{code(builds.headline(failed))}; again: {code(builds.again(failed))}", "", *shown, ""]
    failures = summary.own_failures
    if not failures:
        return lines
    lines += ["| unit | outcome | seed | again |", "|---|---|---|---|"]
    lines += [_row(outcome) for outcome in failures[:MAX_LISTED]]
    if len(failures) > MAX_LISTED:
        lines.append(f"| and {len(failures) - MAX_LISTED} more | | | |")
    return [*lines, "", *case_table(failures, MAX_LISTED, _case_cells)]


def _case_cells(outcome: Outcome, case: Case) -> list[str]:
    text = headline(case)
    message = f" {code(text)}" if text != case.status else ""
    return [code(case.id), code(outcome.id), f"{case.status}{message}", code(case.location or "")]


def jobs_section(results: Mapping[str, str]) -> str:
    """A line about jobs that did not succeed, by name with GitHub's word for their result; empty if there are none."""
    words = {"failure": "failed", "cancelled": "was cancelled or ran out of time"}
    parts = [f"{code(name)} {words.get(result, result)}" for name, result in results.items()]
    return f"Jobs: {'; '.join(parts)}.\n\n" if parts else ""


def earlier_section(
    failures: Sequence[Failure], again: Sequence[tuple[str, Summary]], targets: Mapping[str, str]
) -> str:
    """A table of earlier failures that no run has shown to be gone, with their outcome tonight; empty without any.

    `again` are the runs of failures by name, `targets` the make target of each unit.
    """
    if not failures:
        return ""
    lines = ["### Earlier failures that have not passed yet", "", "| unit | run | again | now |", "|---|---|---|---|"]
    for failure in failures[:MAX_LISTED]:
        unit = failure.unit or ""
        seeded = f"LONGPOLE_REV={failure.commit} " if failure.commit else ""
        line = f"{seeded}make {targets[unit]}" if unit in targets else ""
        lines.append(f"| {code(unit)} | {code(failure.run)} | {code(line)} | {_now(failure, again)} |")
    if len(failures) > MAX_LISTED:
        lines.append(f"| and {len(failures) - MAX_LISTED} more | | | |")
    return "\n".join([*lines, "", ""])


def _now(failure: Failure, again: Sequence[tuple[str, Summary]]) -> str:
    for name, summary in again:
        for outcome in summary.outcomes if (name, summary.info.commit) == (failure.run, failure.commit) else ():
            if outcome.id == failure.unit:
                return str(outcome.status)
    return "not run again"


def issue_text(runs: Mapping[str, Summary], *, address: str = "", missing: Sequence[str] = (), room: int = 0) -> str:
    """The body of one issue about several runs, by name (usually the platform), in their order.

    `missing` names jobs that failed and left no run. `address` is the address of the workflow's run,
    `room` the number of characters that must stay free for more text.
    """
    lines = []
    for name, summary in runs.items():
        lines += _section(name, summary)
    for name in missing:
        what = "it failed, was cancelled or ran out of time; its log says which."
        lines += [f"### {code(name)}: failed, and left no results", "", f"No results: {what}", ""]
    text = "\n".join(lines)
    most = max(MAX_CHARACTERS - room, 1000)
    if len(text) > most:
        text = text[: text.rindex("\n", 0, most)] + "\n\nThe rest is left out: the issue is too long.\n"
    return f"{text}\nThe run: {address}\n" if address else text
