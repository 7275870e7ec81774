"""Values of a record that may be anything: each is what it should be, absent, or an error that names it."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from longpole.perf.model import FIRST_YEAR, LAST_YEAR


class Damaged(ValueError):
    """A record has an impossible value; the text names it."""


def number(record: Mapping[str, Any], name: str) -> float | None:
    """A finite number, or None if there is none."""
    value = record.get(name)
    return None if value is None else as_number(value, name)


def as_number(value: object, name: str) -> float:
    """`value`, if it is a finite number; `name` is for the message."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            if math.isfinite(as_float := float(value)):
                return as_float
        except OverflowError:
            pass
    raise Damaged(f"{name} is not a finite number")


def numbers(record: Mapping[str, Any], name: str) -> tuple[float, ...]:
    """A list of finite numbers; empty if there is none."""
    return tuple([as_number(value, name) for value in rows(record, name)])


def size(record: Mapping[str, Any], name: str) -> int | None:
    """A count of at least 1, or None if there is none; 0 is none, too."""
    value = number(record, name)
    if value is not None and (value < 0 or value != int(value) or value >= 2**63):
        raise Damaged(f"{name} is not a count")
    return int(value) if value else None


def text(record: Mapping[str, Any], name: str) -> str | None:
    """A text, or None if there is none or it is empty."""
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise Damaged(f"{name} is not a text")
    return value or None


def table(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; empty if there is none."""
    value = record.get(name)
    return {} if value is None else as_table(value, name)


def as_table(value: object, name: str) -> Mapping[str, Any]:
    """`value`, if it is an object; `name` is for the message."""
    if not isinstance(value, dict):
        raise Damaged(f"{name} is not an object")
    return value


def rows(record: Mapping[str, Any], name: str) -> Sequence[Any]:
    """A list; empty if there is none."""
    value = record.get(name)
    if value is not None and not isinstance(value, list):
        raise Damaged(f"{name} is not a list")
    return value or []


def tables(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects; empty if there is none."""
    return [as_table(value, f"{name}[{index}]") for index, value in enumerate(rows(record, name))]


def time(record: Mapping[str, Any], name: str) -> datetime | None:
    """A time in ISO 8601, in UTC if it names no time zone, or None if there is none."""
    value = text(record, name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Damaged(f"{name} is not a time: {value[:80]!r}") from None
    return _of_our_days(found, name)


def milliseconds(record: Mapping[str, Any], name: str) -> datetime | None:
    """A time in milliseconds since 1970, or None if there is none."""
    value = number(record, name)
    return None if value is None else from_seconds(value / 1000, name)


def from_seconds(seconds: float, name: str) -> datetime:
    """The time of so many seconds since 1970; `name` is for the message."""
    try:
        return _of_our_days(datetime.fromtimestamp(seconds, UTC), name)
    except (ValueError, OverflowError, OSError):
        raise Damaged(f"{name} is not a time") from None


def _of_our_days(found: datetime, name: str) -> datetime:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Damaged(f"{name} is in the year {found.year}")
    return found
