"""Divides output into lines, the same however it is cut into pieces; a line may be longer than what is looked at."""

from collections.abc import Callable

MAX_LINE = 64 * 1024
"""Bytes of a line that are looked at."""


class TextLines:
    """The lines of a stream, each handed to `take` when it has ended, without its newline."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._held = b""
        """The beginning of the last line, which has not ended; at most `MAX_LINE` bytes."""

    def feed(self, data: bytes) -> None:
        """Hand over the lines that end in this piece of the stream."""
        *lines, rest = data.split(b"\n")
        if lines:
            self._take(self._held + lines[0])
            for line in lines[1:]:
                self._take(line)
            self._held = b""
        if len(self._held) < MAX_LINE:
            self._held += rest[: MAX_LINE - len(self._held)]

    def finish(self) -> None:
        """Hand over the last line if it has no newline, after all output has been fed."""
        if self._held:
            self._take(self._held)
            self._held = b""


def text_of(line: bytes) -> str:
    """The beginning of a line as text: what is not UTF-8, and NUL, are replaced."""
    return line[:MAX_LINE].removesuffix(b"\r").decode(errors="replace").replace("\0", "\ufffd")
