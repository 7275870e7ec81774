"""The part of a log that explains a failure: lines that look like a cause, their neighbours, and the end.

The end alone is often a backtrace, a memory map or a summary, and the cause stands above it. No rule knows every
tool, so a line is only ever a likely cause: the strongest of them come first, of these the first in the log and then
the last; and the last lines are always shown. A line is judged by its first characters, without colours.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from longpole.rts_tests.contracts.harmless import harmless

MAX_LINE = 1000
"""Characters of a line that are judged, and shown."""
GAP = "[longpole: the middle of this log was not read]"
"""The line between head and tail where a long log is not read whole."""

_END = 4
"""One in so many lines of an excerpt is kept for the end of the log."""
_AROUND_FIRST = (2, 6)
_AROUND = (1, 3)
"""Neighbours of the first cause, and of others: lines above, lines below."""

_ZERO = r"(?!s?\s*[:=]?\s*0\b)"
_STRONG = (
    r"\bpanicked at\b"  # Rust
    r"|^panic: |^\s*--- FAIL|^fatal error: "  # Go
    r"|==\d+==\s?ERROR: |\bWARNING: \w+Sanitizer\b|\bruntime error: "  # sanitizers
    r"|==\d+== (?:Invalid |Conditional jump|Use of uninit|Process terminating)"  # valgrind
    r"|\b[Aa]ssert(?:ion)?\b.{0,500}\bfailed\b|\bASSERT(?:ION)?\b"
    r"|(?:^|\s)(?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception)(?: \[\w+\])?(?::|$)"  # Python, JavaScript, Java
    r"|\bException in thread\b|^\s*Caused by: |^E   +\S|^\s*not ok\b"  # Java, pytest, TAP
    rf"|(?<![\w.])(?:fatal )?error(?:\[\w+\])?{_ZERO}:|\bundefined reference to\b"  # compilers and linkers
    r"|\b(?:Segmentation|Bus|segmentation|bus) (?:fault|error)\b|^Fatal Python error"
    r"|^[\w./+-]+\.\w+:\d+(?::\d+)?: (?:failed|expected|assert\w*|check\w*)\b"  # FILE:LINE: failed
)
_WEAK = (
    rf"(?<![\w-])(?:FAIL(?:ED|URES?)?|ERROR|Error|FATAL|[Ff]atal)\b{_ZERO}|\*\*\* "
    r"|\bSUMMARY: \w+Sanitizer\b"
    r"|\b(?:[Cc]ommand not found|[Nn]o such file or directory|[Pp]ermission denied|[Cc]annot |core dumped|Killed)"
)
_TRACEBACK = re.compile(r"^(.{0,200}?)Traceback \(most recent call last\):$")
_HINTS = (
    *("panic", "FAIL", "rror", "RROR", "WARNING: ", "== ", "ssert", "ASSERT", "xception", "Caused by: ", "E   "),
    *("not ok", "undefined reference", " fault", "atal", "FATAL", "*** ", "SUMMARY: ", "ommand not found"),
    *(": failed", ": expected", ": assert", ": check"),
    *("o such file", "ermission denied", "annot ", "core dumped", "Killed"),
)
"""What a line must contain to match one of the patterns: most lines do not, and this is quick to see."""


@cache
def patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of strong and of weak causes; compiled when a unit fails, not when a run starts."""
    return re.compile(_STRONG), re.compile(_WEAK)


def causes(lines: Sequence[str]) -> list[int]:
    """Return the indexes of lines that look like the cause of a failure, the most likely first."""
    strongly, weakly = patterns()
    strong: list[int] = []
    weak: list[int] = []
    whole = "\n".join(lines)
    ends = _ends_of_tracebacks(lines) if "Traceback (most recent call last):" in whole else set()
    hints = [hint for hint in _HINTS if hint in whole]
    for index, line in enumerate(lines):
        if index not in ends and not any(hint in line for hint in hints):
            continue
        text = harmless(line[:MAX_LINE], colour=False)
        if index in ends or strongly.search(text):
            strong.append(index)
        elif weakly.search(text):
            weak.append(index)
    return [*_ends_first(strong), *_ends_first(weak)]


def excerpt(lines: Sequence[str], count: int) -> list[str]:
    """Return at most `count` of the lines, in their order, and a mark where lines were left out; long lines are cut."""
    if len(lines) <= count:
        return [_cut(line) for line in lines]
    shown = set(range(len(lines) - -(-count // _END), len(lines)))
    around = _AROUND_FIRST
    for cause in causes(lines):
        above, below = around
        wanted = [cause, *range(cause + 1, cause + below + 1), *range(cause - 1, cause - above - 1, -1)]
        for index in wanted:
            if len(shown) < count and 0 <= index < len(lines):
                shown.add(index)
        around = _AROUND
        if len(shown) >= count:
            break
    for index in range(len(lines) - 1, -1, -1):  # the rest of the room goes to the end
        if len(shown) >= count:
            break
        shown.add(index)
    return list(_with_marks(lines, sorted(shown)))


def _ends_of_tracebacks(lines: Sequence[str]) -> set[int]:
    """The line of each Python traceback that names the exception: the first that is indented no further."""
    ends = set()
    prefix: str | None = None
    for index, line in enumerate(lines):
        if begins := _TRACEBACK.match(line[:MAX_LINE]):
            prefix = begins[1]
        elif prefix is not None and line.strip() and not line.startswith(f"{prefix} "):
            ends.add(index)
            prefix = None
    return ends


def _ends_first(indexes: list[int]) -> list[int]:
    return [indexes[0], indexes[-1], *indexes[1:-1]] if len(indexes) > 1 else indexes


def _with_marks(lines: Sequence[str], shown: Sequence[int]) -> Iterator[str]:
    expected = 0
    for index in shown:
        if index > expected:
            yield _mark(lines[expected:index])
        yield _cut(lines[index])
        expected = index + 1


def _mark(left_out: Sequence[str]) -> str:
    number = len(left_out)
    more = "more than " if GAP in left_out else ""
    return f"[... {more}{number:,} {'line' if number == 1 else 'lines'} left out ...]"


def _cut(line: str) -> str:
    if len(line) <= MAX_LINE:
        return line
    return f"{line[:MAX_LINE]} [... {len(line) - MAX_LINE:,} characters left out ...]"
