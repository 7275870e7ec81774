"""Durations and counts as text: one format each, for the terminal, reports and pages."""


def seconds(value: float) -> str:
    """A duration: `0.42 s`, `3 min 07 s`, `1 h 02 min`."""
    if value < 59.995:
        return f"{value:.2f} s"
    if value < 3599.5:
        return "{} min {:02} s".format(*divmod(round(value), 60))
    return "{} h {:02} min".format(*divmod(round(value / 60), 60))


def count(number: int, noun: str) -> str:
    """A number of things: `1 unit`, `2 units`, `1,234 units`; `noun` is the singular."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
