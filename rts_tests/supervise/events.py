"""The event stream of a run, `events.jsonl`: one versioned line an event, written by the supervisor alone."""

import os
import time
from pathlib import Path

from longpole.rts_tests.contracts.records import encode, utc


class Events:
    """Appends events; each line is one write, so that a reader never sees a partial one.

    If an event cannot be written, `problem` says why, and the run goes on: results come from records, not from events.
    """

    def __init__(self, run: Path) -> None:
        self.problem: str | None = None
        self._descriptor = os.open(run / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)

    def write(self, event: str, **fields: object) -> None:
        """Append one event with the time of day."""
        try:
            os.write(self._descriptor, encode({"event": event, "time": utc(time.time()), **fields}))
        except OSError as error:
            self.problem = f"events.jsonl: {error.strerror}"

    def close(self) -> None:
        """Close the stream; no event may follow."""
        os.close(self._descriptor)
