"""The live view's region as text: a pure function of the state of the run and the size of the terminal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.view.shorten import duration, left, middle

MAX_ROWS = 16
MAX_BAR = 40
"""The most columns of the progress bar."""

_MIN_ID = 12
"""If an id has fewer columns than this, it is shown without times."""

Row = tuple[str, float, float | None]
"""A running unit: its id, for how long it has run, how long it is expected to run, None if unknown; seconds."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown. `rows` holds the running units that are shown, the oldest first; `running` counts all of them."""

    done: int
    failed: int
    total: int
    left_s: float
    rows: Sequence[Row]
    running: int


def room_for(rows: int) -> int:
    """How many running units are shown on a terminal of `rows` rows; at least half of it is left for other lines."""
    return max(0, min(MAX_ROWS, rows // 2 - 2))


def frame(picture: Picture, columns: int) -> list[str]:
    """The lines of the region, each narrower than the terminal, so that none is wrapped."""
    width = max(1, columns - 1)
    lines = [_head(picture, width), *_table(picture.rows, width)]
    if len(picture.rows) < picture.running and picture.rows:
        lines.append(middle(f"  and {picture.running - len(picture.rows)} more", width))
    return lines


def _head(picture: Picture, width: int) -> str:
    counts = f"{picture.done}/{picture.total}"
    failed = f"{picture.failed} failed" if picture.failed else ""
    text = "  ".join(filter(None, (counts, failed, left(picture.left_s))))
    bar = min(MAX_BAR, width - len(text) - 3)
    if bar < 5:
        return middle(text, width)
    filled = bar * picture.done // max(1, picture.total)
    if failed:
        text = text.replace(f"  {failed}  ", f"  \x1b[31m{failed}\x1b[0m  ", 1)
    return f"[{'#' * filled}{'.' * (bar - filled)}] {text}"


def _table(rows: Sequence[Row], width: int) -> list[str]:
    ids = [harmless(name, colour=False) for name, _, _ in rows]
    times = [_time(elapsed, expected) for _, elapsed, expected in rows]
    widest = max(map(len, times), default=0)
    room = width - widest - 4
    if room < _MIN_ID:
        return [middle(f"  {name}", width) for name in ids]
    names = [middle(name, room) for name in ids]
    column = max(map(len, names), default=0)
    return [f"  {name:{column}}  {time:>{widest}}" for name, time in zip(names, times, strict=True)]


def _time(elapsed: float, expected: float | None) -> str:
    known = "" if expected is None else f" of {duration(max(1, math.ceil(expected)))}"
    return f"{duration(elapsed)}{known}"
