"""The run as a trace for chrome://tracing and Perfetto: one lane per worker.

Format: the Trace Event Format's complete events ("ph": "X"), times in microseconds.
"""

import json
from typing import Any

from longpole.rts_tests.report.summary import Summary


def trace_json(summary: Summary) -> bytes:
    """A JSON object with `traceEvents`. The format's version is in `otherData`, which viewers ignore."""
    records = [outcome.record for outcome in summary.outcomes if outcome.record is not None]
    events: list[dict[str, Any]] = [
        {"name": "process_name", "ph": "M", "pid": 1, "tid": 0, "args": {"name": summary.info.suite}}
    ]
    for lane in sorted({record.lane for record in records}):
        name = f"worker {lane + 1}"
        events.append({"name": "thread_name", "ph": "M", "pid": 1, "tid": lane + 1, "args": {"name": name}})
    for record in records:
        events.append(
            {
                "name": record.id,
                "cat": record.status,
                "ph": "X",
                "pid": 1,
                "tid": record.lane + 1,
                "ts": round(record.started_s * 1e6),
                "dur": round(record.wall_s * 1e6),
                "args": {"status": record.status, "cpu_s": round(record.cpu_s, 6), "seed": record.seed},
            }
        )
    other = {"version": 1, "run": summary.run.name, "started_at": summary.info.started_at}
    return (json.dumps({"traceEvents": events, "displayTimeUnit": "ms", "otherData": other}) + "\n").encode()
