"""The report for GitHub Actions: one annotation per failure, and a step summary."""

import os
from collections.abc import Mapping, Sequence

from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text
from longpole.rts_tests.report.formats import builds
from longpole.rts_tests.report.formats.text import again, counts_line, load_line, makespan_line, name_of, seeds_line
from longpole.rts_tests.report.summary import Summary

MAX_LISTED = 50
"""Annotations and rows beyond this many are counted, not listed; GitHub itself shows fewer."""


def _data(text: str) -> str:
    shown = harmless_text(text)
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def annotations(summary: Summary) -> list[str]:
    """Workflow commands, one per failed build, then one per failure that has no such cause."""
    lines = []
    for failed in summary.failed_builds[:MAX_LISTED]:
        text = [builds.headline(failed), *builds.excerpt_lines(failed), f"again: {builds.again(failed)}"]
        name = f"build of {harmless(failed.build.name, colour=False)}"
        lines.append(f"::error title={_property(name)}::{_data(chr(10).join(text))}")
    for outcome in summary.own_failures[: MAX_LISTED - len(lines)]:
        note = f": {harmless_note(outcome.record.note)}" if outcome.record and outcome.record.note else ""
        message = f"{outcome.status}{note}\nagain: {again(outcome)}"
        lines.append(f"::error title={_property(name_of(outcome))}::{_data(message)}")
    return lines


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
    facts = filter(None, (seeds_line(summary), makespan_line(summary), load_line(summary)))
    lines += ["; ".join(map(_cell, facts)), ""]
    return "\n".join(lines)


def publish_to_actions(summary: Summary, environ: Mapping[str, str]) -> None:
    """Print annotations and append the step summary; do nothing outside GitHub Actions. Raises `OSError`."""
    if environ.get("GITHUB_ACTIONS") == "true":
        _publish(annotations(summary), step_summary(summary), environ)


def publish_proof(reasons: Sequence[str], union: Summary | None, environ: Mapping[str, str]) -> None:
    """The same for a proof of shards: why it failed, then their union, if there is one. Raises `OSError`."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    commands = [f"::error title=shards::{_data(reason)}" for reason in reasons[:MAX_LISTED]]
    text = ["### The shards are not the whole suite", "", *(f"- {_cell(reason)}" for reason in reasons), ""]
    pages = ["\n".join(text)] if reasons else []
    if union is not None:
        commands += annotations(union)
        pages.append(step_summary(union))
    _publish(commands, "\n".join(pages), environ)


def _publish(commands: Sequence[str], page: str, environ: Mapping[str, str]) -> None:
    for line in commands:
        print(line)
    path = environ.get("GITHUB_STEP_SUMMARY")
    if path and page:
        with open(path, "a", encoding="utf-8", errors="replace") as file:
            file.write(page + os.linesep)
