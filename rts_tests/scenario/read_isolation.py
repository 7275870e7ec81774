"""What a scenario says about its isolation: `isolate` and `locks`."""

import re
from datetime import UTC, datetime

from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.scenario.model import Isolation
from longpole.rts_tests.scenario.reading import Record

_LOCK = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")


def isolation_of(record: Record, problems: Problems) -> Isolation:
    """What `isolate` says. Errors go to `problems`."""
    for isolate in record.records.get("isolate", ()):
        clock_s = None
        if "clock" in isolate.texts:
            clock_s = seconds_of(isolate.texts["clock"])
            if clock_s is None:
                what = f"{shown(isolate.texts['clock'])} is no date and time since 1970"
                problems.add(isolate.places["clock"], what, "write it as `2030-01-31` or `2030-01-31 12:00:00`, in UTC")
        texts = isolate.texts
        return Isolation("tmp" in texts, "home" in texts, "network" in texts, clock_s)
    return Isolation()


def seconds_of(text: str) -> int | None:
    """The seconds since 1970 of a date and time (ISO 8601; in UTC if it has no offset); None if it is none."""
    if not _CLOCK.fullmatch(text):
        return None
    try:
        when = datetime.fromisoformat(text)
        seconds = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= 0 else None


def locks_of(record: Record, problems: Problems) -> tuple[str, ...]:
    """The names in `locks`. Errors go to `problems`."""
    locks: dict[str, None] = {}
    for item in record.lists.get("locks", ()):
        if not _LOCK.fullmatch(item.text):
            problems.add(item, f"{shown(item.text)} cannot be a lock", "write letters, digits, `_`, `.` and `-`")
        elif item.text in locks:
            problems.add(item, f"the lock {shown(item.text)} is given twice", "remove one of the two")
        locks[item.text] = None
    return tuple(locks)
