"""The report as JUnit XML, which CI systems read."""

import re
from xml.etree import ElementTree

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.log_tail import end_of_log
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.builds import headline
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_OUTPUT_BYTES = 65536
"""Bytes from the end of a failing unit's log that are copied into the XML."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _line(text: str) -> str:
    return _clean(harmless(text, colour=False))


def _tail(path: str | None) -> str:
    try:
        return end_of_log(path, MAX_OUTPUT_BYTES)[0].decode(errors="replace") if path is not None else ""
    except OSError:
        return ""


def _case(outcome: Outcome, unbuilt: str | None) -> ElementTree.Element:
    record = outcome.record
    variant, _, name = outcome.id.partition("/")
    case = ElementTree.Element("testcase", classname=_line(variant), name=_line(name), time=f"{outcome.wall_s:.3f}")
    if outcome.status == Status.SKIPPED:
        reason = (record.note if record else None) or outcome.status
        ElementTree.SubElement(case, "skipped", message=_line(reason))
    if not outcome.failed:
        return case
    kind = "error" if record is None or outcome.status in (Status.ERROR, Status.CANCELLED) else "failure"
    message = (record.note if record else unbuilt) or outcome.status
    problem = ElementTree.SubElement(case, kind, type=outcome.status, message=_line(message))
    problem.text = _line(f"again: {outcome.again}")
    if record is not None:
        ElementTree.SubElement(case, "system-out").text = _clean(_tail(outcome.log))
    return case


def junit_xml(summary: Summary) -> bytes:
    """One testsuite per variant, its cases in plan order; UTF-8."""
    root = ElementTree.Element("testsuites", name=_line(summary.info.suite))
    unbuilt = {outcome.id: headline(failed) for failed in summary.failed_builds for outcome in failed.kept}
    for variant in dict.fromkeys(outcome.id.partition("/")[0] for outcome in summary.outcomes):
        outcomes = [outcome for outcome in summary.outcomes if outcome.id.startswith(f"{variant}/")]
        cases = [_case(outcome, unbuilt.get(outcome.id)) for outcome in outcomes]
        errors = sum(case.find("error") is not None for case in cases)
        failures = sum(case.find("failure") is not None for case in cases)
        skipped = sum(case.find("skipped") is not None for case in cases)
        wall_s = sum(outcome.record.wall_s for outcome in outcomes if outcome.record)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_line(variant),
            tests=str(len(cases)),
            failures=str(failures),
            errors=str(errors),
            skipped=str(skipped),
            time=f"{wall_s:.3f}",
            timestamp=_line(summary.info.started_at.removesuffix("Z")),
            hostname=_line(summary.info.host),
        )
        suite.extend(cases)
        for failed in summary.failed_builds:
            if failed.build.name == variant:
                ElementTree.SubElement(suite, "system-err").text = _clean(_tail(failed.log))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
