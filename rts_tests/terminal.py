"""What is printed while units run: one line a unit, with the tail of its log when it failed, in one write."""

import os
import re
import secrets
from collections.abc import Mapping
from typing import Any

from rts_tests.records import Record

_WORDS = {
    "passed": ("PASS", "32"),
    "failed": ("FAIL", "31"),
    "timeout": ("TIMEOUT", "31"),
    "crashed": ("CRASH", "31"),
    "leaked": ("LEAK", "31"),
    "seed-dependent": ("SEED", "31"),
    "flaky": ("FLAKY", "33"),
    "cancelled": ("CANCEL", "33"),
    "error": ("ERROR", "31"),
}

_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def harmless(text: str, *, colour: bool) -> str:
    """One line without control characters but tabs, and colours if asked for: output must not drive the terminal."""
    pieces = _COLOUR.split(text)  # every second piece is a colour
    return "".join(
        (piece if colour else "") if index % 2 else _ESCAPE.sub("", piece) for index, piece in enumerate(pieces)
    )


def harmless_note(note: str) -> str:
    """A record's note, harmless and without `##[`, which GitHub's runner obeys wherever it stands in a line."""
    return harmless(note, colour=False).replace("##[", "# #[")


def _attempt(attempt: Mapping[str, Any]) -> str:
    seed = "" if attempt["seed"] is None else f" from {attempt['seed']}"
    return f"{attempt['kind']}{seed}: {attempt['status']}"


class Printer:
    """Formats and writes the lines of one run."""

    def __init__(self, descriptor: int, environ: Mapping[str, str]) -> None:
        self._descriptor = descriptor
        dumb = "NO_COLOR" in environ or environ.get("TERM") == "dumb"
        self._colour = os.isatty(descriptor) and not dumb
        self._actions = environ.get("GITHUB_ACTIONS") == "true"

    def unit(self, record: Record, tail: list[str]) -> None:
        """`PASS eop/gc[3]  1.23s`; with a note and the log's last lines when it did not pass."""
        word, colour = _WORDS[record.status]
        shown = f"\x1b[{colour}m{word}\x1b[0m" if self._colour else word
        lines = [f"{shown} {record.id}  {record.wall_s:.2f}s"]
        if record.note and record.status != "cancelled":
            lines.append(f"    {harmless_note(record.note)}")
        lines += [f"    attempt {number}, {_attempt(each)}" for number, each in enumerate(record.tries, 1)]
        if record.status not in ("passed", "cancelled"):
            lines += [f"  | {harmless(line, colour=self._colour)}" for line in tail]
            if self._colour:
                lines[-1] += "\x1b[0m"
            if self._actions and tail:  # a test's output must not give commands to the workflow
                token = secrets.token_hex(16)
                lines = [f"::stop-commands::{token}", *lines, f"::{token}::"]
        self.line("\n".join(lines))

    def line(self, text: str) -> None:
        """Write text and a newline in one write; a terminal that went away is no reason to stop."""
        data = (text + "\n").encode(errors="replace")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            pass
