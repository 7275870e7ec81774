"""The lines of TAP, the Test Anything Protocol, versions 12 to 14: tests, plans, and diagnostics in YAML.

Specification: testanything.org/tap-version-14-specification.html.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_TEST = re.compile(
    r"(?P<bad>not )?ok(?![^\s#-])\s*(?P<number>\d{1,9}(?!\S))?\s*(?:-(?=\s|$)\s*)?(?P<text>.*)", re.DOTALL
)
_PLAN = re.compile(r"1\.\.(?P<count>\d{1,9})\s*(?:#\s*(?P<comment>.*))?", re.DOTALL)
_SKIP = re.compile(r"skip\S*\s*[:-]?\s*(?P<reason>.*)", re.IGNORECASE | re.DOTALL)
_DIRECTIVE = re.compile(r"(?P<kind>skip|todo)(?:\S*)(?:\s+|$)(?P<reason>.*)", re.IGNORECASE | re.DOTALL)
_TIME = re.compile(r"time=(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|s)\b", re.IGNORECASE)
_HASH = re.compile(r"(?<!\\)((?:\\\\)*)#")
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


def test_line(text: str) -> TestLine | None:
    """The test in a line without indentation; None if it is no test line."""
    match = _TEST.fullmatch(text)
    if match is None:
        return None
    description, comment = _divided(match["text"].strip())
    opens = (comment or description).endswith("{") and (comment or description)[-2:-1] in ("", " ")
    if opens and comment:
        comment = comment[:-1].rstrip()
    elif opens:
        description = description[:-1].rstrip()
    directive = _DIRECTIVE.fullmatch(comment) if comment else None
    time = _TIME.search(comment) if comment else None
    if comment and directive is None and time is None:
        description = f"{description} # {comment}"
    return TestLine(
        ok=match["bad"] is None,
        number=int(match["number"]) if match["number"] else None,
        name=_ESCAPE.sub(r"\1", description),
        directive=directive["kind"].lower() if directive else None,
        reason=(directive["reason"].strip() or None) if directive else None,
        seconds=float(time["number"]) / (1000 if time["unit"].lower() == "ms" else 1) if time else 0.0,
        opens=opens,
    )


def _divided(text: str) -> tuple[str, str]:
    """A description, and the comment behind its last `#` that is not escaped; that may be empty."""
    hashes = [match.end() - 1 for match in _HASH.finditer(text)] if "#" in text else []
    for at in hashes:
        comment = text[at + 1 :].strip()
        if (at == 0 or text[at - 1].isspace()) and (_DIRECTIVE.fullmatch(comment) or _TIME.match(comment)):
            return text[:at].rstrip(), comment
    return text, ""


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
_PLACE = re.compile(r"(?P<file>[^\s()]+):(?P<line>\d+)(?::\d+)?\)?$")
_AT_FILE = re.compile(r"^\s*(?:fileName|file):\s*(?P<value>.+?)\s*$", re.MULTILINE)
_AT_LINE = re.compile(r"^\s*(?:lineNumber|line):\s*(?P<value>\d+)\s*$", re.MULTILINE)


def diagnosis(lines: Sequence[str]) -> Diagnosis:
    """What YAML says that begins at the left margin; only the shapes that producers of TAP write are understood."""
    values = _values(lines)
    message = next((values[key] for key in _MESSAGES if values.get(key)), None)
    return Diagnosis(message, _location(values), _seconds(values.get("duration_ms")))


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
    for text in (values.get("location"), values.get("at")):
        place = _PLACE.search(text.strip()) if text else None
        if place is not None:
            return f"{place['file']}:{place['line']}"
    at = values.get("at", "")
    file, line = _AT_FILE.search(at), _AT_LINE.search(at)
    if file and line:
        return f"{_scalar(file['value'])}:{line['value']}"
    if values.get("file") and values.get("line", "").isdigit():
        return f"{values['file']}:{values['line']}"
    return None


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "") / 1000
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
