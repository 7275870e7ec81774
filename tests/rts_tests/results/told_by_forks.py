"""What forks tell, made up, and what is made of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.told import End, Told
from longpole.rts_tests.results.wire import MARK

PASSED = {"name": "ok", "status": "passed", "seconds": 0.1}
FAILED = {"name": "bad", "status": "failed", "seconds": 0.2, "message": "no", "details": "at line 3"}
BEGIN = {"event": "fork_started", "version": 1, "client": "tests 1"}


def started(suite: str) -> dict[str, Any]:
    return {"event": "suite_started", "suite": suite}


def completed(suite: str, *cases: Mapping[str, Any], status: str = "passed", **more: Any) -> dict[str, Any]:
    return {"event": "suite_completed", "suite": suite, "status": status, "seconds": 0.5, "cases": list(cases), **more}


def said(suite: str, text: str) -> dict[str, Any]:
    return {"event": "suite_output", "suite": suite, "text": text}


def ended(suites: int, **cases: int) -> dict[str, Any]:
    return {"event": "fork_completed", "suites": suites, "cases": cases}


def stream(*parts: Mapping[str, Any] | str | bytes) -> bytes:
    """Envelopes, and other output between them as it stands."""
    return b"".join(
        part if isinstance(part, bytes) else part.encode() if isinstance(part, str) else envelope(part)
        for part in parts
    )


def envelope(event: Mapping[str, Any]) -> bytes:
    return MARK + json.dumps(event).encode() + b"\n"


def read(
    *parts: Mapping[str, Any] | str | bytes,
    given: Sequence[str] | None = None,
    tag: str | None = None,
    status: Status = Status.PASSED,
    exit_code: int | None = 0,
    claimed: tuple[str, ...] | None = None,
    unclaimed: tuple[str, ...] = (),
) -> tuple[Told, str]:
    """What was told, and the whole log."""
    reader = ProtocolReader(given, tag)
    log = reader.feed(stream(*parts))
    told = reader.finish(End(status, exit_code, "/nowhere", claimed, unclaimed))
    return told, (log + told.output).decode()


def statuses(told: Told) -> dict[str, str]:
    return {each.name: str(each.status) for each in told.classes}
