"""Neutralise text from units and tools before it reaches a terminal."""

import re

_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def harmless(text: str, *, colour: bool) -> str:
    """Return one line without control characters, so that it cannot control the terminal.

    Tabs are kept, and colours if `colour` is set.
    """
    pieces = _COLOUR.split(text)  # every second piece is a colour
    return "".join(
        (piece if colour else "") if index % 2 else _ESCAPE.sub("", piece) for index, piece in enumerate(pieces)
    )


def harmless_note(note: str) -> str:
    """Return a record's note, harmless and without `##[`, which GitHub's runner obeys anywhere in a line."""
    return harmless(note, colour=False).replace("##[", "# #[")
