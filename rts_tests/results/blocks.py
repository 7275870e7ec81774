"""The log of a fork: a block for each class, and between the blocks the output that belongs to no class."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from longpole.rts_tests.contracts.harmless import harmless

_LIKE_A_HEAD = re.compile(r"^(?==== .* ===\s*$)", re.MULTILINE)


class Blocks:
    """Collects what goes to the log; `take` returns it in pieces."""

    def __init__(self, tag: str | None) -> None:
        """`tag` is put in brackets before each line; None for none."""
        self._prefix = "" if tag is None else f"[{tag}] "
        self._out: list[bytes] = []
        self._fresh = True
        """Whether the log is at the beginning of a line."""

    def take(self) -> bytes:
        """Return what was added since the last call."""
        out = b"".join(self._out)
        self._out.clear()
        return out

    def other(self, data: bytes) -> None:
        """Add output that belongs to no class, as it comes."""
        if not data:
            return
        if self._prefix:
            data = self._prefixed(data, whole_line=self._fresh)
        self._out.append(data)
        self._fresh = data.endswith(b"\n")

    def line(self, text: str) -> None:
        """Add a line of ours."""
        self._add(f"{text}\n")

    def block(self, name: str, output: str, reasons: Iterable[str] = (), note: str = "") -> None:
        """Add the block of a class: its output, and why it did not pass. Lines in it do not look like its head."""
        body = "".join(text if text.endswith("\n") else f"{text}\n" for text in (output, *reasons) if text)
        if "=== " in body:
            body = _LIKE_A_HEAD.sub(" ", body)
        self._add(f"=== {one_line(name)}{note and f' ({note})'} ===\n{body}")

    def _add(self, text: str) -> None:
        """Add lines, the first of which begins at the beginning of a line."""
        data = text.encode(errors="replace")
        if not self._fresh:
            self._out.append(b"\n")
        self._out.append(self._prefixed(data, whole_line=True) if self._prefix else data)
        self._fresh = True

    def _prefixed(self, data: bytes, *, whole_line: bool) -> bytes:
        prefix = self._prefix.encode()
        inside = data[:-1].replace(b"\n", b"\n" + prefix) + data[-1:]
        return prefix + inside if whole_line else inside


def one_line(text: str) -> str:
    """A name that is one line, and cannot control a terminal."""
    return harmless(text, colour=False)


def reason(status: str, told: Mapping[str, Any]) -> str:
    """Why a case, or a class as a whole if it has no name, did not pass: what it told in `message` and `details`.

    A message that the details contain is not repeated.
    """
    name, place, message, details = (told.get(key) or "" for key in ("name", "location", "message", "details"))
    if not name:
        return "\n".join(part for part in (f"--- {status}: {message}" if message else f"--- {status}", details) if part)
    head = f"--- {status}: {one_line(name)}" + (f" ({one_line(place)})" if place else "")
    return "\n".join(part for part in (head, "" if message in details else message, details) if part)
