"""What a scenario says about its isolation: `isolate`."""

import re
from datetime import UTC, datetime

from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.scenario.model import Isolation
from longpole.rts_tests.scenario.reading import Record

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
