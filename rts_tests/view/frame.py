"""One picture of a run that is under way: a pure function of what is known and of the terminal's size."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from longpole.rts_tests.view.shorten import duration, left, middle

MOST_ROWS = 16
BAR = 40
"""Columns of the progress bar, at most."""

_ROOM = 12
"""Columns of an id below which it is shown alone."""

Row = tuple[str, float, float]
"""A running unit: its id, for how long it has run, how long it is expected to run; seconds."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown. `rows` are the running units, the oldest first, as many as may be shown; `running` counts all."""

    done: int
    failed: int
    total: int
    left_s: float
    rows: Sequence[Row]
    running: int


def room_for(rows: int) -> int:
    """How many running units are shown on a terminal of so many rows: it is to show more than the live view."""
    return max(0, min(MOST_ROWS, rows // 2 - 2))


def frame(picture: Picture, columns: int) -> list[str]:
    """The lines, none as wide as the terminal, so that none is wrapped."""
    width = max(1, columns - 1)
    lines = [_head(picture, width), *_table(picture.rows, width)]
    if len(picture.rows) < picture.running and picture.rows:
        lines.append(middle(f"  and {picture.running - len(picture.rows)} more", width))
    return lines


def _head(picture: Picture, width: int) -> str:
    counts = f"{picture.done}/{picture.total}"
    failed = f"{picture.failed} failed" if picture.failed else ""
    said = "  ".join(filter(None, (counts, failed, left(picture.left_s))))
    bar = min(BAR, width - len(said) - 3)
    if bar < 5:
        return middle(said, width)
    filled = bar * picture.done // max(1, picture.total)
    if failed:
        said = said.replace(f"  {failed}  ", f"  \x1b[31m{failed}\x1b[0m  ", 1)
    return f"[{'#' * filled}{'.' * (bar - filled)}] {said}"


def _table(rows: Sequence[Row], width: int) -> list[str]:
    times = [f"{duration(elapsed)} of {duration(max(1, math.ceil(expected)))}" for _, elapsed, expected in rows]
    widest = max(map(len, times), default=0)
    room = width - widest - 4
    if room < _ROOM:
        return [middle(f"  {name}", width) for name, _, _ in rows]
    names = [middle(name, room) for name, _, _ in rows]
    column = max(map(len, names), default=0)
    return [f"  {name:{column}}  {time:>{widest}}" for name, time in zip(names, times, strict=True)]


def time_left(waiting_s: float, longest_s: float, running: Iterable[tuple[float, float]], jobs: int | None) -> float:
    """Seconds until the last unit ends, at the least: never negative, and as good as the estimates are.

    `waiting_s` is expected of all units that wait, `longest_s` of the longest of them; `running` is what the running
    ones have taken and are expected to take. `jobs` units run at once, None for any number.
    """
    rests = [max(0.0, expected - elapsed) for elapsed, expected in running]
    shared = (waiting_s + sum(rests)) / jobs if jobs else 0.0
    return max([0.0, shared, longest_s, *rests])
