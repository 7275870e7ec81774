"""The lines of TAP, the Test Anything Protocol, versions 12 to 14: tests, plans, and diagnostics in YAML.

Specification: testanything.org/tap-version-14-specification.html.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TEST = re.compile(
    r"(?P<bad>not )?ok(?![^\s#-])\s*(?P<number>\d{1,9}(?!\S))?\s*(?:-(?=\s|$)\s*)?(?P<text>.*)", re.DOTALL
)
_PLAN = re.compile(r"1\.\.(?P<count>\d{1,9})\s*(?:#\s*(?P<comment>.*))?", re.DOTALL)
_SKIP = re.compile(r"skip\S*\s*[:-]?\s*(?P<reason>.*)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(
    r"(?:(?<=\s)|^)#\s*(?:(?P<skip>skip\S*)|(?P<todo>todo:?)|time=(?P<time>\d+(?:\.\d+)?)(?P<unit>m?s))(?=\s|$)",
    re.IGNORECASE,
)
"""The beginning of the first comment with a meaning; a backslash before `#` makes it part of the name."""
_ESCAPE = re.compile(r"\\([\\#])")


@dataclass(frozen=True, slots=True)
class TestLine:
    """A test line. `directive` is `skip`, `todo` or None, and `reason` what stands behind it."""

    ok: bool
    number: int | None
    name: str
    directive: str | None
    reason: str | None
    seconds: float
    opens: bool
    """Whether the line opens a block of subtests in braces."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many tests there are; `reason` is why all are skipped, None if they are not."""

    count: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the YAML below a test says."""

    message: str | None
    location: str | None
    seconds: float | None
    details: tuple[str, ...] = ()
    """The lines that say something else."""


def test_line(text: str) -> TestLine | None:
    """The test in a line without indentation; None if it is no test line."""
    match = _TEST.fullmatch(text)
    if match is None:
        return None
    text = match["text"].strip()
    opens = text == "{" or text.endswith(" {")
    if opens:
        text = text[:-1].rstrip()
    comment = _COMMENT.search(text) if "#" in text else None
    name, reason, seconds = text, None, 0.0
    if comment is not None:
        name, reason = text[: comment.start()].rstrip(), text[comment.end() :].strip() or None
        seconds = float(comment["time"] or 0) / (1 if comment["unit"] == "s" else 1000)
    return TestLine(
        ok=match["bad"] is None,
        number=int(match["number"]) if match["number"] else None,
        name=_ESCAPE.sub(r"\1", name) if "\\" in name else name,
        directive=_directive(comment),
        reason=reason,
        seconds=seconds,
        opens=opens,
    )


def _directive(comment: re.Match[str] | None) -> str | None:
    if comment is None or comment["time"]:
        return None
    return "skip" if comment["skip"] else "todo"


def plan_line(text: str) -> Plan | None:
    """The plan in a line without indentation; None if it is no plan."""
    match = _PLAN.fullmatch(text.rstrip())
    if match is None:
        return None
    skip = _SKIP.fullmatch(match["comment"]) if match["comment"] is not None else None
    return Plan(int(match["count"]), (skip["reason"].strip() or "all tests are skipped") if skip else None)


_KEY = re.compile(r"(?P<key>[A-Za-z_]\w*):(?:\s+(?P<value>.*))?", re.DOTALL)
_BLOCK = re.compile(r"[|>][-+\d]*")
_MESSAGES = ("message", "error")
_APART = frozenset({*_MESSAGES, "duration_ms", "location", "severity", "type", "failureType"})
MAX_PLACE = 4096
"""Characters of a text in which a place is looked for."""
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::\d+)?")
_AT_FILE = re.compile(r"^ *(?:fileName|file): (?P<value>.+)$", re.MULTILINE)
_AT_LINE = re.compile(r"^ *(?:lineNumber|line): *(?P<value>\d+)", re.MULTILINE)


def diagnosis(lines: Sequence[str]) -> Diagnosis:
    """What YAML says that begins at the left margin; only the shapes that producers of TAP write are understood."""
    values = _values(lines)
    message = next((values[key] for key in _MESSAGES if values.get(key)), None)
    return Diagnosis(message, _location(values), _seconds(values.get("duration_ms")), tuple(_details(lines)))


def _details(lines: Sequence[str]) -> Iterator[str]:
    """The lines without those that a case has apart, and without what says nothing about a failure."""
    shown = True
    for line in lines:
        match = _KEY.fullmatch(line)
        shown = match["key"] not in _APART if match is not None else shown
        if shown:
            yield line


def _values(lines: Sequence[str]) -> dict[str, str]:
    """Keys at the left margin and their values: scalars without quotes, and blocks without their indentation."""
    values: dict[str, str] = {}
    blocks: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        match = _KEY.fullmatch(line)
        if match is not None:
            key, value = match["key"], (match["value"] or "").strip()
            if value and not _BLOCK.fullmatch(value):
                values.setdefault(key, _scalar(value))
                key = ""
        elif key:
            blocks.setdefault(key, []).append(line)
    for name, block in blocks.items():
        margin = min((len(line) - len(line.lstrip()) for line in block if line.strip()), default=0)
        values.setdefault(name, "\n".join(line[margin:] for line in block).strip("\n"))
    return values


def _scalar(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text, strict=False)
        except ValueError:
            return text[1:-1]
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else text[1:-1]
    return text


def _location(values: dict[str, str]) -> str | None:
    """`FILE:LINE` of a failure, from `location`, `at` or `file` and `line`, as Node, tape and node-tap write them."""
    at = values.get("at", "")
    in_trace = at.rstrip(" )").replace("(", " ").split(" ")[-1]
    for text in (values.get("location", "").strip(), in_trace):
        place = _PLACE.fullmatch(text[:MAX_PLACE])
        if place is not None:
            return f"{place['file']}:{place['line']}"
    file, line = _AT_FILE.search(at), _AT_LINE.search(at)
    if file and line:
        return f"{_scalar(file['value'].strip())}:{line['value']}"
    if values.get("file") and values.get("line", "").isdigit():
        return f"{values['file']}:{values['line']}"
    return None


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "") / 1000
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
