"""The report for GitHub Actions: one annotation per failure or failed case, and a step summary."""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.report.cases import again_for, failed_cases, is_explained, place_in
from longpole.rts_tests.report.formats import builds, real_state
from longpole.rts_tests.report.formats.case_text import case_table, outcome_of
from longpole.rts_tests.report.formats.text import again, counts_line, load_line, makespan_line, name_of, seeds_line
from longpole.rts_tests.report.places import annotated_path
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_LISTED = 50
"""Annotations and rows beyond this many are counted, not listed; GitHub itself shows fewer."""


def _data(text: str) -> str:
    shown = harmless_text(text)
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def annotations(summary: Summary, root: Path, workspace: Path | None = None) -> list[str]:
    """Workflow commands: one per failed build, then those of failures that have no such cause, in turn.

    That is one per failed case, at its place in `workspace`, and one for what the unit suffered besides. `root` is the
    folder of the suite.
    """
    lines = []
    for failed in summary.failed_builds[:MAX_LISTED]:
        text = [builds.headline(failed), *builds.excerpt_lines(failed), f"again: {builds.again(failed)}"]
        name = f"build of {harmless(failed.build.name, colour=False)}"
        lines.append(f"::error title={_property(name)}::{_data(chr(10).join(text))}")
    state = summary.real_state
    if state is not None and state.changed:
        level = "error" if state.fails else "warning"
        text = [real_state.headline(state), *real_state.lines(state)]
        lines.append(f"::{level} title=guard::{_data(chr(10).join(text))}")
    rows = [list(islice(_failures(outcome, root, workspace), MAX_LISTED)) for outcome in summary.own_failures]
    in_turn = (line for column in zip_longest(*rows) for line in column if line is not None)
    return [*lines, *islice(in_turn, MAX_LISTED - len(lines))]


def _failures(outcome: Outcome, root: Path, workspace: Path | None) -> Iterator[str]:
    record = outcome.record
    failed = failed_cases(record)
    if record is None or not is_explained(record, failed):
        note = f": {harmless_note(record.note)}" if record and record.note else ""
        message = f"{outcome.status}{note}\nagain: {again(outcome)}"
        yield f"::error title={_property(name_of(outcome))}::{_data(message)}"
    if record is not None:
        yield from (_annotation(case, record, outcome, root, workspace) for case in failed)


def _annotation(case: Case, record: Record, outcome: Outcome, root: Path, workspace: Path | None) -> str:
    place = place_in(case.location)
    where = ""
    if place is not None:
        path = annotated_path(place.file, case.class_name, root, record.cwd, workspace)
        where = f"file={_property(harmless_note(path))},line={place.line},"
    once_more = harmless_note(again_for(case, record, outcome.call))
    message = f"{name_of(outcome)}: {outcome_of(case)}\nagain: {once_more}"
    return f"::error {where}title={_property(harmless_note(case.id))}::{_data(message)}"


def _cell(text: str) -> str:
    escaped = harmless(text, colour=False).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{char}" if char in "\\`*_[]|#~" else char for char in escaped)


def step_summary(summary: Summary) -> str:
    """Markdown: counts, a table of failures, the makespan."""
    lines = [f"### {_cell(summary.info.suite)}: {counts_line(summary)}", ""]
    for failed in summary.failed_builds[:MAX_LISTED]:
        shown = [f"    {line}" for line in builds.excerpt_lines(failed)]  # indented code: nothing in it is markup
        lines += [f"**{_cell(builds.headline(failed))}**; again: {_cell(builds.again(failed))}", "", *shown, ""]
    if failures := summary.own_failures:
        lines += ["| unit | outcome | again |", "|---|---|---|"]
        for outcome in failures[:MAX_LISTED]:
            lines.append(f"| {_cell(name_of(outcome))} | {_cell(outcome.status)} | {_cell(again(outcome))} |")
        if len(failures) > MAX_LISTED:
            lines.append(f"| and {len(failures) - MAX_LISTED} more | | |")
        lines.append("")
    lines += case_table(failures, MAX_LISTED, _case_cells)
    facts = filter(None, (seeds_line(summary), makespan_line(summary), load_line(summary)))
    lines += ["; ".join(map(_cell, facts)), ""]
    return "\n".join(lines)


def _case_cells(outcome: Outcome, case: Case) -> list[str]:
    return list(map(_cell, (case.id, name_of(outcome), outcome_of(case), case.location or "")))


def publish_to_actions(summary: Summary, environ: Mapping[str, str]) -> None:
    """Print annotations and append the step summary; do nothing outside GitHub Actions. Raises `OSError`."""
    if environ.get("GITHUB_ACTIONS") == "true":
        _publish(annotations(summary, *_folders(environ)), step_summary(summary), environ)


def publish_proof(reasons: Sequence[str], union: Summary | None, environ: Mapping[str, str]) -> None:
    """The same for a proof of shards: why it failed, then their union, if there is one. Raises `OSError`."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    commands = [f"::error title=shards::{_data(reason)}" for reason in reasons[:MAX_LISTED]]
    text = ["### The shards are not the whole suite", "", *(f"- {_cell(reason)}" for reason in reasons), ""]
    pages = ["\n".join(text)] if reasons else []
    if union is not None:
        commands += annotations(union, *_folders(environ))
        pages.append(step_summary(union))
    _publish(commands, "\n".join(pages), environ)


def _folders(environ: Mapping[str, str]) -> tuple[Path, Path | None]:
    """The folder of the suite, in which this process runs, and that of the repository, if GitHub says so."""
    workspace = environ.get("GITHUB_WORKSPACE")
    return Path.cwd(), Path(workspace) if workspace else None


def _publish(commands: Sequence[str], page: str, environ: Mapping[str, str]) -> None:
    for line in commands:
        print(line)
    path = environ.get("GITHUB_STEP_SUMMARY")
    if path and page:
        with open(path, "a", encoding="utf-8", errors="replace") as file:
            file.write(page + os.linesep)
