"""Golden texts: the exit status and the output of a step as a text that is compared with a file. Pure functions.

The text has a line with the exit status, and for each stream that is not empty its name and its lines, indented. In a
file, `[..]` stands for any characters within a line, and a line `...` for any lines of a stream. What could be mistaken
for these, and characters that a terminal obeys, are written as escapes, so that different output has different text.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

ANY_TEXT = "[..]"
ANY_LINES = "..."
MAX_DIFFERENCE = 200
"""Lines of a difference that are shown."""
MAX_WIDTH = 1000
MAX_ALIGNED = 1_000_000
"""Pairs of lines that are compared at most to find a small difference."""
_CONTEXT = 3
_INDENT = "  "
_SPECIAL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
    r"|\\(?=x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})|\[(?=\.\.\])"
)
_ONLY_DOTS = re.compile(r"(\s*)\.(\.\.\s*)")

Edit = tuple[str, str]
"""A line, and whether it is in both texts (` `), in the old one (`-`) or in the new one (`+`)."""


class Redactor:
    """Replaces what differs from run to run: paths of the sandbox by their names, and what the suite's rules match."""

    def __init__(self, paths: Mapping[str, str], rules: Iterable[tuple[str, str]]) -> None:
        """`paths` are absolute, by name; `rules` are regular expressions with what is written instead, literally."""
        known: dict[str, str] = {}
        for name, path in paths.items():
            for form in (path, os.path.realpath(path)) if len(path) > 1 else ():
                known.setdefault(form, f"[{name}]")
        longest_first = sorted(known, key=len, reverse=True)
        self._names = known
        self._paths = re.compile("|".join(map(re.escape, longest_first))) if known else None
        self._rules = tuple((re.compile(pattern, re.MULTILINE), text) for pattern, text in rules)

    def redacted(self, text: str) -> str:
        """`text` with the paths replaced, and then by each rule in order."""
        if self._paths is not None:
            text = self._paths.sub(lambda match: self._names[match[0]], text)
        for pattern, instead in self._rules:
            text = pattern.sub(instead.replace("\\", r"\\"), text)
        return text


def as_text(exit_code: int, stdout: bytes, stderr: bytes, redactor: Redactor) -> str:
    """The text of what a step did, which ends with a newline."""
    lines = [f"exit code: {exit_code}", *_stream("stdout", stdout, redactor), *_stream("stderr", stderr, redactor)]
    return "".join(f"{line}\n" for line in lines)


def matches(expected: str, actual: str) -> bool:
    """Whether the text of a file, with its wildcards, matches the text of what a step did."""
    pattern, lines = _lines(expected), _lines(actual)
    at = position = 0
    star, resume = -1, 0
    while position < len(lines):
        if at < len(pattern) and _is_any_lines(pattern[at]):
            star, resume = at, position
            at += 1
        elif at < len(pattern) and _line_matches(pattern[at], lines[position]):
            at, position = at + 1, position + 1
        elif star >= 0 and _is_of_stream(lines[resume]):
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return all(map(_is_any_lines, pattern[at:]))


def difference(expected: str, actual: str, old: str, new: str) -> list[str]:
    """A unified diff from the file `old` to `new`, in lines; empty if the text matches.

    Lines that match by wildcards are shown as the file has them. At most `MAX_DIFFERENCE` lines, and one that says how
    many are missing.
    """
    edits = _edits(_lines(expected), _lines(actual))
    if all(sign == " " for sign, _ in edits):
        return []
    shown = [f"--- {old}", f"+++ {new}", *_hunks(edits)]
    shown = [line if len(line) <= MAX_WIDTH else f"{line[: MAX_WIDTH - 1]}…" for line in shown]
    missing = len(shown) - MAX_DIFFERENCE
    return shown if missing <= 0 else [*shown[:MAX_DIFFERENCE], f"… {missing:,} more lines"]


def merged(expected: str, actual: str) -> str:
    """What a file becomes so that it matches: lines that match already are kept, with their wildcards."""
    return "".join(f"{_written(line)}\n" for sign, line in _edits(_lines(expected), _lines(actual)) if sign != "-")


def _stream(name: str, data: bytes, redactor: Redactor) -> Iterator[str]:
    if not data:
        return
    text = redactor.redacted(data.decode("utf-8", "surrogateescape"))
    yield f"{name}:" if text.endswith("\n") else f"{name}, without a newline at its end:"
    for line in text.removesuffix("\n").split("\n"):
        yield f"{_INDENT}{_escaped(line)}" if line else ""


def _escaped(line: str) -> str:
    line = _SPECIAL.sub(_escape, line)
    dots = _ONLY_DOTS.fullmatch(line)
    return line if dots is None else rf"{dots[1]}\x2e{dots[2]}"


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x80:
        return f"\\x{code:02x}"
    # A byte that is no UTF-8 was decoded as a surrogate.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _lines(text: str) -> list[str]:
    """The lines of a text; empty ones are indented, too, like all lines of a stream."""
    return [line or _INDENT for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n")] if text else []


def _written(line: str) -> str:
    """A line of `_lines` as it is written."""
    return "" if line == _INDENT else line


def _is_any_lines(line: str) -> bool:
    return line.strip() == ANY_LINES


def _is_of_stream(line: str) -> bool:
    """Whether a line is output, and not the name of a stream, which `...` never stands for."""
    return line.startswith(_INDENT)


def _line_matches(pattern: str, line: str) -> bool:
    first, *rest = pattern.split(ANY_TEXT)
    if not rest:
        return pattern == line
    last = rest.pop()
    if not line.startswith(first) or not line.endswith(last) or len(line) < len(first) + len(last):
        return False
    position, end = len(first), len(line) - len(last)
    for part in rest:
        found = line.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def _edits(pattern: list[str], lines: list[str]) -> list[Edit]:
    """How to come from `pattern` to `lines`; without any `-` and `+` exactly if it matches."""
    begin = 0
    for old, new in zip(pattern, lines, strict=False):
        if _is_any_lines(old) or not _line_matches(old, new):
            break
        begin += 1
    end = 0
    for old, new in zip(reversed(pattern[begin:]), reversed(lines[begin:]), strict=False):
        if _is_any_lines(old) or not _line_matches(old, new):
            break
        end += 1
    kept = len(pattern) - end
    middle = _aligned(pattern[begin:kept], lines[begin : len(lines) - end])
    return [*((" ", line) for line in pattern[:begin]), *middle, *((" ", line) for line in pattern[kept:])]


def _aligned(pattern: list[str], lines: list[str]) -> list[Edit]:
    if len(pattern) * len(lines) > MAX_ALIGNED:
        if matches("\n".join(pattern), "\n".join(lines)):
            return [(" ", line) for line in pattern]
        return [*(("-", line) for line in pattern), *(("+", line) for line in lines)]
    costs = _costs(pattern, lines)
    edits: list[Edit] = []
    row = column = 0
    while row < len(pattern) or column < len(lines):
        cost = costs[row][column]
        old = pattern[row] if row < len(pattern) else None
        new = lines[column] if column < len(lines) else None
        if old is not None and _is_any_lines(old):
            if cost == costs[row + 1][column]:
                edits.append((" ", old))
                row += 1
                continue
            if new is not None and _is_of_stream(new) and cost == costs[row][column + 1]:
                column += 1
                continue
        elif old is not None and new is not None and cost == costs[row + 1][column + 1] and _line_matches(old, new):
            edits.append((" ", old))
            row, column = row + 1, column + 1
            continue
        if old is not None and not _is_any_lines(old) and cost == costs[row + 1][column] + 1:
            edits.append(("-", old))
            row += 1
        else:
            assert new is not None
            edits.append(("+", new))
            column += 1
    return edits


def _costs(pattern: list[str], lines: list[str]) -> list[list[int]]:
    """How many lines differ between each end of `pattern` and each end of `lines`, at least."""
    width = len(lines)
    below = list(range(width, -1, -1))
    rows = [below]
    for old in reversed(pattern):
        is_any = _is_any_lines(old)
        row = [0] * (width + 1)
        row[width] = below[width] + (0 if is_any else 1)
        for column in range(width - 1, -1, -1):
            added = row[column + 1] + (0 if is_any and _is_of_stream(lines[column]) else 1)
            removed = below[column] + (0 if is_any else 1)
            cost = min(added, removed)
            if below[column + 1] < cost and not is_any and _line_matches(old, lines[column]):
                cost = below[column + 1]
            row[column] = cost
        rows.append(row)
        below = row
    rows.reverse()
    return rows


def _hunks(edits: list[Edit]) -> Iterator[str]:
    """The lines of a unified diff: what differs, with three lines around it."""
    near: set[int] = set()
    for index, (sign, _) in enumerate(edits):
        if sign != " ":
            near.update(range(max(0, index - _CONTEXT), min(len(edits), index + _CONTEXT + 1)))
    old = new = 0
    for is_near, group in groupby(enumerate(edits), lambda pair: pair[0] in near):
        part = [edit for _, edit in group]
        removed, added = (sum(sign != other for sign, _ in part) for other in "+-")
        if is_near:
            yield f"@@ -{_range(old, removed)} +{_range(new, added)} @@"
            for _, block in groupby(part, _is_kept):
                # What goes stands before what comes.
                yield from (f"{sign}{_written(line)}" for sign, line in sorted(block, key=_is_added))
        old, new = old + removed, new + added


def _is_kept(edit: Edit) -> bool:
    return edit[0] == " "


def _is_added(edit: Edit) -> bool:
    return edit[0] == "+"


def _range(before: int, count: int) -> str:
    return f"{before + 1 if count else before},{count}"
