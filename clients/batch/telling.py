"""Tells of tests: in Longpole's protocol (docs/protocol.md), or by lines for people."""

from __future__ import annotations

import codecs
import json
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from outcomes import Outcome

MAX_GATHERED = 32 * 1024
"""Characters of output that wait at most; with one piece more they are as many as an envelope may have."""
MAX_WAIT_S = 10.0
"""Seconds after which output is told at the latest."""
RED = frozenset({"failed", "timeout", "error"})


class Teller:
    """Whoever is told of tests, one at a time."""

    is_red = False

    def start(self) -> None:
        """Tests are about to begin."""

    def begin(self, name: str) -> None:
        """A test begins."""

    def output(self, data: bytes) -> None:
        """It has printed this; nothing, if it has been silent for a while."""

    def end(self, name: str, outcome: Outcome, seconds: float) -> None:
        """It has ended."""
        self.is_red = self.is_red or outcome.status in RED

    def finish(self) -> None:
        """All tests have ended."""


class Protocol(Teller):
    """Envelopes. A test is a class, and the cases that it tells of are the cases of the class."""

    def __init__(self) -> None:
        self._suites = 0
        self._cases: dict[str, int] = {}
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._name = ""
        self._gathered: list[str] = []
        self._size = 0
        self._since = 0.0

    def start(self) -> None:
        """The first envelope."""
        _send({"event": "fork_started", "version": 1, "client": "longpole batch"})

    def begin(self, name: str) -> None:
        """A class begins."""
        self._name = name
        self._decoder.reset()
        _send({"event": "suite_started", "suite": name})

    def output(self, data: bytes) -> None:
        """Gather output, and tell it when there is much, or it has waited long."""
        text = self._decoder.decode(data)
        if text:
            if not self._gathered:
                self._since = time.monotonic()
            self._gathered.append(text)
            self._size += len(text)
        if self._size > MAX_GATHERED or (self._gathered and time.monotonic() - self._since > MAX_WAIT_S):
            text = self._taken()
            whole = text[: text.rfind("\n") + 1] or text
            _send({"event": "suite_output", "suite": self._name, "text": whole})
            if len(whole) < len(text):
                self._gathered, self._size = [text[len(whole) :]], len(text) - len(whole)

    def _taken(self) -> str:
        text = "".join(self._gathered)
        self._gathered, self._size = [], 0
        return text

    def end(self, name: str, outcome: Outcome, seconds: float) -> None:
        """A class has ended."""
        text = self._taken() + self._decoder.decode(b"", final=True)
        told: dict[str, Any] = {
            "event": "suite_completed",
            "suite": name,
            "status": outcome.status,
            "seconds": seconds,
            "output": text,
            "cases": outcome.cases,
        }
        if outcome.message:
            told["message"] = outcome.message
        _send(told)
        self._suites += 1
        for case in outcome.cases:
            self._cases[case["status"]] = self._cases.get(case["status"], 0) + 1
        super().end(name, outcome, seconds)

    def finish(self) -> None:
        """The last envelope."""
        _send({"event": "fork_completed", "suites": self._suites, "cases": self._cases})


class Lines(Teller):
    """A line for each test, below its output."""

    def output(self, data: bytes) -> None:
        """The output, as it is."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def end(self, name: str, outcome: Outcome, seconds: float) -> None:
        """The line of the test, and what went wrong."""
        lines = [f"{outcome.status} {name} {seconds:.2f} s", *(f"    {line}" for line in outcome.message.splitlines())]
        for case in outcome.cases:
            if case["status"] in RED:
                lines.append(f"    {case['status']}: {case['name']} {case.get('message', '')}".rstrip())
        sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode(errors="replace"))
        sys.stdout.buffer.flush()
        super().end(name, outcome, seconds)


def _send(told: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(b"@@LONGPOLE@@ " + json.dumps(told).encode() + b"\n")
    sys.stdout.buffer.flush()
