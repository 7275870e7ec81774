"""Texts that must fit into a line, and durations as text."""

import math


def middle(text: str, room: int) -> str:
    """`text` in at most `room` characters: the middle is left out, because names differ least there."""
    if len(text) <= room:
        return text
    if room <= 3:
        return text[: max(0, room)]
    head = (room - 3) // 2
    return f"{text[:head]}...{text[len(text) - (room - 3 - head) :]}"


def duration(seconds: float) -> str:
    """`7 s`, `2 min 05 s`, `3 h 20 min`: rounded down to whole units, as on a clock."""
    whole = int(max(0.0, seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def left(seconds: float) -> str:
    """`about 2 min left`, rounded up, coarser for longer times; more seconds never give a shorter time."""
    whole = math.ceil(seconds)
    if whole <= 1:
        return "almost done"
    if whole < 60:
        return f"about {whole if whole < 10 else math.ceil(whole / 5) * 5} s left"
    if whole <= 5400:
        return f"about {math.ceil(whole / 60)} min left"
    return f"about {math.ceil(whole / 3600)} h left"
