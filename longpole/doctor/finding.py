"""What was found about one thing, and the forms in which it is printed."""

import json
import os
import pwd
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from longpole.options import JSON_VERSION
from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.quantities import count

_MIN_COLUMNS, _MAX_COLUMNS = 40, 100
_COMMAND = re.compile("`[^`]*`")
_NO_BREAK = "\x1f"
"""Stands for a space at which a line is not broken; no harmless text has it."""


class Level(StrEnum):
    """How much a finding matters, most important first."""

    WRONG = "wrong"
    """Something does not work until it is mended."""
    NOTE = "note"
    """Everything works, but less well, or less of it than the user may expect."""
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about the thing called `name`; `remedy` is empty if there is nothing to mend."""

    name: str
    what: str
    level: Level = Level.OK
    remedy: str = ""


def wrong(findings: Sequence[Finding]) -> int:
    """The number of findings that have to be mended."""
    return sum(finding.level is Level.WRONG for finding in findings)


def without_home(text: str, environ: Mapping[str, str]) -> str:
    """The text with `~` in the place of the user's home folder, by each of its names: they may name the user."""
    homes = {environ.get("HOME", ""), _home_of_user()}
    homes |= {os.path.realpath(home) for home in homes if home}
    for home in sorted({home.rstrip("/") for home in homes if home.startswith("/")} - {""}, key=len, reverse=True):
        before = r"(?<![\w.~-])" if home.count("/") == 1 else ""  # `/root` may be the end of another path
        text = re.sub(rf"{before}{re.escape(home)}(?![\w.-])", "~", text)
    return text


def _home_of_user() -> str:
    """The home folder in the list of users; empty for a user who is not in it, as in some containers."""
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def as_json(findings: Sequence[Finding]) -> str:
    """One JSON document; docs/json.md describes it."""
    checks = [
        {"name": each.name, "level": each.level, "what": each.what, "remedy": each.remedy or None} for each in findings
    ]
    return json.dumps({"version": JSON_VERSION, "passed": not wrong(findings), "checks": checks}, indent=2)


def as_text(findings: Sequence[Finding], columns: int) -> str:
    """The findings, most important first, in lines of at most so many columns, but for longer words and commands."""
    width = max(_MIN_COLUMNS, min(columns, _MAX_COLUMNS))
    blocks = []
    for level, heading in ((Level.WRONG, "problems:"), (Level.NOTE, "notes:")):
        lines = [line for each in findings if each.level is level for line in _paragraphs(each, width)]
        blocks += [[heading, *lines]] if lines else []
    fine = [each for each in findings if each.level is Level.OK]
    indent = max((len(each.name) for each in fine), default=0) + 4
    rows = [line for each in fine for line in _wrapped(f"  {each.name}".ljust(indent), each.what, indent, width)]
    blocks += [["found:", *rows]] if rows else []
    number, notes = wrong(findings), sum(each.level is Level.NOTE for each in findings)
    last = f"{count(number, 'problem')}, {count(notes, 'note')}" if number or notes else "no problems"
    return "\n\n".join(["\n".join(block) for block in blocks] + [last])


def _paragraphs(finding: Finding, width: int) -> list[str]:
    lines = _wrapped("  ", f"{finding.name}: {finding.what}", 4, width)
    return lines + (_wrapped("    -> ", finding.remedy, 7, width) if finding.remedy else [])


def _wrapped(first: str, text: str, indent: int, width: int) -> list[str]:
    """The text in lines; a command in backquotes is not divided, so that it can be copied."""
    together = _COMMAND.sub(lambda command: command[0].replace(" ", _NO_BREAK), harmless_note(text))
    lines = textwrap.wrap(
        together,
        width,
        initial_indent=first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_NO_BREAK, " ") for line in lines]
