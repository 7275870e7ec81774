"""Neutralise text from units, tools and files before it reaches a terminal.

A terminal obeys control sequences (ECMA-48): CSI for cursor and colours; strings (OSC, DCS, SOS, PM, APC), which carry
links, titles and the clipboard up to a terminator; and short escapes. Each is removed whole, in its 7-bit and its 8-bit
form. A string without terminator loses only its beginning, so that nothing hides the text behind it.
"""

import re

_CONTROLS = r"\x00-\x08\x0a-\x1f\x7f-\x9f"
_DIRECTIONS = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Characters that change the direction of text or break a line, invisibly."""

_SEQUENCE = re.compile(
    r"(?P<colour>\x1b\[[0-9;:]*+m)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    # OSC, and the title of screen and tmux
    rf"|(?:\x1b[\]k]|\x9d)(?P<text>[^{_CONTROLS}]*+)(?P<end>\x07|\x1b\\|\x9c)?"
    # DCS, SOS, PM, APC; inside them tmux doubles ESC, and BEL ends nothing
    rf"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])(?P<body>(?:[^{_CONTROLS}]|\x07|\x1b\x1b)*+)(?P<close>\x1b\\|\x9c)?"
    r"|\x1b[ -/]*+[0-~]?"
    rf"|[{_CONTROLS}{_DIRECTIONS}]"
)
_CONTROL = re.compile(rf"[{_CONTROLS}{_DIRECTIONS}]")


def harmless(text: str, *, colour: bool) -> str:
    """Return one line without control sequences and control characters, so that it cannot control the terminal.

    Tabs are kept, and colours if `colour` is set.
    """
    if text.isprintable():
        return text

    def replacement(match: re.Match[str]) -> str:
        if match["colour"] is not None:
            return match["colour"] if colour else ""
        unfinished = (match["text"] if match["end"] is None else None) or (
            match["body"] if match["close"] is None else None
        )
        return _CONTROL.sub("", unfinished) if unfinished else ""

    return _SEQUENCE.sub(replacement, text)


def harmless_text(text: str) -> str:
    """Return several lines, each harmless and without colours; only newlines divide them."""
    return "\n".join(harmless(line, colour=False) for line in text.split("\n"))


def harmless_note(note: str) -> str:
    """Return a record's note, harmless and without `##[`, which GitHub's runner obeys anywhere in a line."""
    return harmless(note, colour=False).replace("##[", "# #[")
