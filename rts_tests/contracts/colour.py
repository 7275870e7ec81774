"""Whether output has colours: one rule for everything that Longpole prints.

The rule is that of no-color.org and of Python itself: NO_COLOR switches colours off; otherwise FORCE_COLOR and
CLICOLOR_FORCE switch them on, also where there is no terminal; otherwise a terminal has them, unless TERM is `dumb`.
"""

from collections.abc import Mapping
from enum import StrEnum


class Colour(StrEnum):
    """Colours of words, as codes of ECMA-48, Select Graphic Rendition."""

    RED = "31"
    GREEN = "32"
    YELLOW = "33"


_OFF = ("", "0", "false")


def has_colour(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to print colours, to a terminal or elsewhere. An empty variable counts as unset."""
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "").lower() not in _OFF for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and environ.get("FORCE_COLOR", "") == "" and environ.get("TERM") != "dumb"


def coloured(text: str, colour: Colour) -> str:
    """`text` in a colour."""
    return f"\x1b[{colour}m{text}\x1b[0m"
