"""Standard error of a unit whose results come from its standard output: what of it goes to the log, and when.

The two streams meet in the log. So that no line is torn, a line of standard error is added when it is complete.
"""

MAX_HELD = 64 * 1024
"""Bytes of an incomplete line that are held back."""


class ErrorLines:
    """Holds back the last, incomplete line; begins each line with the tag of a fork, if there is one."""

    def __init__(self, tag: str | None) -> None:
        """`tag` is what is put in brackets before each line; None for nothing."""
        self._prefix = b"" if tag is None else f"[{tag}] ".encode()
        self._held = b""
        self._within = False
        """Whether the beginning of the line that is held is in the log."""

    def feed(self, data: bytes) -> bytes:
        """Take a piece of standard error; return what goes to the log for it."""
        text = self._held + data
        end = len(text) if len(text) - text.rfind(b"\n") > MAX_HELD else text.rfind(b"\n") + 1
        self._held = text[end:]
        return self._tagged(text[:end])

    def rest(self) -> bytes:
        """Return what is held back, as a line, after the end of the stream."""
        text, self._held = self._held, b""
        if text or self._within:
            text += b"\n"
        return self._tagged(text)

    def _tagged(self, text: bytes) -> bytes:
        if not text:
            return b""
        within, self._within = self._within, not text.endswith(b"\n")
        if not self._prefix:
            return text
        first = b"" if within else self._prefix
        return first + text[:-1].replace(b"\n", b"\n" + self._prefix) + text[-1:]
