"""The report as JUnit XML, which CI systems read.

It is written as text: a tree of 200,000 cases would take seconds and hundreds of megabytes. All text in it goes through
`_attribute` or `_text`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.harmless import harmless, harmless_text
from longpole.rts_tests.contracts.log_tail import end_of_log
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.report.cases import (
    again_for,
    class_prefixes,
    failed_cases,
    is_explained,
    place_in,
    without_fork,
)
from longpole.rts_tests.report.formats.builds import headline
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_OUTPUT_BYTES = 65536
"""Bytes from the end of a failing unit's log that are copied into the XML."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile('[&<>"\t\n\r]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#09;", "\n": "&#10;", "\r": "&#13;"}
_ERRORS = frozenset({Status.ERROR, Status.CANCELLED, Status.NOT_RUN})
_NOTHING: tuple[str, ...] = ()


def _attribute(text: str) -> str:
    """One line of text, harmless on a terminal, for an attribute."""
    if text.isprintable() and not _MARKUP.search(text):  # as almost all names are
        return text
    clean = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", harmless(text, colour=False))
    return _MARKUP.sub(lambda match: _ENTITIES[match[0]], clean)


def _text(text: str) -> str:
    """Text between tags; a parser would take a carriage return for a newline."""
    clean = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _element(tag: str, text: str = "", /, **attributes: str) -> str:
    head = "".join([f"<{tag}", *(f' {key}="{_attribute(value)}"' for key, value in attributes.items())])
    return f"{head}>{_text(text)}</{tag}>" if text else f"{head} />"


def _tail(path: str | None) -> str:
    try:
        return end_of_log(path, MAX_OUTPUT_BYTES)[0].decode(errors="replace") if path is not None else ""
    except OSError:
        return ""


# -- a test case ------------------------------------------------------------------------------------------------------


def _unit(outcome: Outcome, unbuilt: str | None) -> tuple[str, list[str]]:
    """A unit as a test case: its head, and the elements in it."""
    record = outcome.record
    variant, _, name = outcome.id.partition("/")
    head = f'<testcase classname="{_attribute(variant)}" name="{_attribute(name)}" time="{outcome.wall_s:.3f}"'
    if outcome.status == Status.SKIPPED:
        return head, [_element("skipped", message=(record.note if record else None) or outcome.status)]
    if not outcome.failed:
        return head, []
    message = (record.note if record else unbuilt) or outcome.status
    inside = [_problem(outcome.status, message, f"again: {harmless(outcome.again, colour=False)}")]
    return head, [*inside, _element("system-out", _tail(outcome.log))] if record is not None else inside


def _problem(status: Status, message: str, text: str) -> str:
    return _element("error" if status in _ERRORS else "failure", text, type=status, message=message)


def _case(case: Case, record: Record, class_name: str, call: str) -> tuple[str, Sequence[str]]:
    """A case of a unit; `class_name` is ready for an attribute."""
    name = _attribute(case.name or case.class_name) or "?"
    place = place_in(case.location)
    where = f' file="{_attribute(place.file)}" line="{place.line}"' if place else ""
    head = f'<testcase classname="{class_name}" name="{name}" time="{case.seconds:.6f}"{where}'
    if case.status == Status.PASSED and not case.output:
        return head, _NOTHING
    inside = []
    if case.status == Status.SKIPPED:
        inside.append(_element("skipped", message=case.message or case.status))
    elif case.status not in GREEN:
        again = harmless(f"again: {again_for(case, record, call)}", colour=False)
        text = f"{harmless_text(case.details)}\n\n{again}" if case.details else again
        inside.append(_problem(case.status, case.message or case.status, text))
    if case.output:
        inside.append(_element("system-out", harmless_text(case.output)))
    return head, inside


def _lines(cases: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    for head, inside in cases:
        if not inside:
            yield f"    {head} />"
            continue
        yield f"    {head}>"
        yield from (f"      {element}" for element in inside)
        yield "    </testcase>"


# -- a test suite -----------------------------------------------------------------------------------------------------


def _suite(
    name: str,
    cases: Sequence[tuple[str, Sequence[str]]],
    *,
    wall_s: float,
    begun: str,
    host: str,
    properties: Mapping[str, str | None] | None = None,
    after: Sequence[str] = (),
) -> Iterator[str]:
    """The lines of a test suite; `after` are the elements behind its cases."""
    kinds = Counter(inside[0][1:].partition(" ")[0] for _, inside in cases if inside)
    counts = (
        f'tests="{len(cases)}" failures="{kinds["failure"]}" errors="{kinds["error"]}" skipped="{kinds["skipped"]}"'
    )
    when = f'time="{wall_s:.3f}" timestamp="{_attribute(begun.removesuffix("Z"))}" hostname="{_attribute(host)}"'
    yield f'  <testsuite name="{_attribute(name)}" {counts} {when}>'
    if properties:
        yield "    <properties>"
        for key, value in properties.items():
            if value is not None:
                yield f"      {_element('property', name=key, value=value)}"
        yield "    </properties>"
    yield from _lines(cases)
    yield from (f"    {element}" for element in after)
    yield "  </testsuite>"


def _variant(summary: Summary, variant: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The suite of a variant: its units that told of no case."""
    unbuilt = {outcome.id: headline(failed) for failed in summary.failed_builds for outcome in failed.kept}
    errors = [failed for failed in summary.failed_builds if failed.build.name == variant]
    yield from _suite(
        variant,
        [_unit(outcome, unbuilt.get(outcome.id)) for outcome in outcomes],
        wall_s=sum(outcome.wall_s for outcome in outcomes),
        begun=summary.info.started_at,
        host=summary.info.host,
        after=[_element("system-err", _tail(failed.log)) for failed in errors],
    )


def _cases(outcome: Outcome, record: Record, prefix: str) -> Iterator[str]:
    """The suite of a unit that told of cases. What it suffered beyond them is a test case of its own."""
    module = outcome.id.partition("/")[2]
    names: dict[str, str] = {}
    cases: list[tuple[str, Sequence[str]]] = []
    for case in record.cases:
        class_name = names.get(case.class_name)
        if class_name is None:
            class_name = names[case.class_name] = _attribute(prefix + case.class_name) or _attribute(module)
        cases.append(_case(case, record, class_name, outcome.call))
    explained = not outcome.failed or is_explained(record, failed_cases(record))
    if not explained:
        cases.append(_unit(outcome, None))
    yield from _suite(
        outcome.id,
        cases,
        wall_s=record.wall_s,
        begun=record.started_at,
        host=record.host,
        properties={
            "target": record.target,
            "status": record.status,
            "reproducer": outcome.again,
            "seed": record.seeds or (str(record.seed) if record.seed is not None else None),
            "note": record.note,
        },
        after=[_element("system-out", _tail(outcome.log))] if outcome.failed and explained else [],
    )


def _is_told(outcome: Outcome, told: Collection[str]) -> bool:
    """Whether suites of cases say all of a unit: its own, or, for a fork without a class, those of its module."""
    record = outcome.record
    if record is None or record.cases:
        return record is not None
    return record.had_nothing_to_do and without_fork(outcome.id) in told


def junit_xml(summary: Summary) -> bytes:
    """A test suite per variant and one per unit that told of cases, with their cases in plan order; UTF-8."""
    lines = ["<?xml version='1.0' encoding='utf-8'?>", f'<testsuites name="{_attribute(summary.info.suite)}">']
    variants: dict[str, list[Outcome]] = {}
    for outcome in summary.outcomes:
        variants.setdefault(outcome.variant, []).append(outcome)
    told = {without_fork(outcome.id) for outcome in summary.outcomes if outcome.record and outcome.record.cases}
    prefixes = class_prefixes(outcome.id for outcome in summary.outcomes)
    for variant, outcomes in variants.items():
        if plain := [outcome for outcome in outcomes if not _is_told(outcome, told)]:
            lines += _variant(summary, variant, plain)
        for outcome in outcomes:
            if outcome.record is not None and outcome.record.cases:
                lines += _cases(outcome, outcome.record, prefixes[without_fork(outcome.id)])
    return "\n".join([*lines, "</testsuites>", ""]).encode(errors="replace")
