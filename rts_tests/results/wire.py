"""The protocol of forks on the wire: which lines of a stream are envelopes, and what they contain.

docs/protocol.md describes it.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from longpole.rts_tests.contracts.cases import MAX_SECONDS
from longpole.rts_tests.contracts.status import Status

VERSION = 1
MARK = b"@@LONGPOLE@@ "
"""The beginning of a line that is an envelope."""
MAX_ENVELOPE = 64 * 1024 * 1024
"""Bytes of the longest envelope, with its mark and its newline; a longer line is plain output."""

TOLD = {str(status): status for status in (Status.PASSED, Status.FAILED, Status.TIMEOUT, Status.SKIPPED, Status.ERROR)}
"""The statuses that a client may tell."""


class Lines:
    """Divides a stream into envelopes and other output, the same however the stream is cut into pieces."""

    def __init__(self) -> None:
        self._held = b""
        """The beginning of a line that may become an envelope; shorter than the mark."""
        self._envelope: bytearray | None = None
        """The part of an envelope that has arrived."""
        self._at_start = True

    def split(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """Return what a piece of the stream completes: whole lines that begin with the mark (true), other output."""
        data = self._held + data
        self._held = b""
        at = 0
        while at < len(data):
            if self._envelope is not None:
                end = data.find(b"\n", at) + 1 or len(data)
                self._envelope += data[at:end]
                at = end
                if whole := self._ended():
                    yield whole
            elif self._at_start and data.startswith(MARK, at):
                self._envelope = bytearray()
            elif self._at_start and MARK.startswith(data[at : at + len(MARK)]):
                self._held = data[at:]
                return
            else:
                end = _end_of_other(data, at)
                self._at_start = data.endswith(b"\n", at, end)
                yield False, data[at:end]
                at = end

    @property
    def inside_envelope(self) -> bool:
        """Whether the last piece ended within an envelope."""
        return self._envelope is not None

    def rest(self) -> bytes:
        """Return what is left at the end of the stream: the beginning of a line that has not ended."""
        left = self._held + (self._envelope or b"")
        self._held, self._envelope = b"", None
        return left

    def _ended(self) -> tuple[bool, bytes] | None:
        """The line that began with the mark, if it has ended or is too long to be an envelope."""
        line = self._envelope
        assert line is not None
        ended, fits = line.endswith(b"\n"), len(line) <= MAX_ENVELOPE
        if fits and not ended:
            return None
        self._envelope, self._at_start = None, ended
        return fits, bytes(line)


def _end_of_other(data: bytes, at: int) -> int:
    """Where output that is no envelope, from `at`, gives way to a line that is one, or that may become one."""
    found = data.find(b"\n" + MARK, at)
    if found >= 0:
        return found + 1
    last = data.rfind(b"\n", at) + 1
    return last if last and MARK.startswith(data[last:]) else len(data)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def decode(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object of an envelope; None if there is none. What is not UTF-8 is replaced."""
    try:
        value = _DECODER.decode(line[len(MARK) :].decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_seconds(value: object) -> bool:
    """Whether a value is a duration."""
    return type(value) in (int, float) and 0 <= value < MAX_SECONDS  # type: ignore[operator]


def valid(text: str) -> str:
    """The text as UTF-8 can hold it, without NUL: what cannot be kept is replaced."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
