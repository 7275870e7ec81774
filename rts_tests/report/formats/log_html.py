"""A log as HTML: colours become classes, all other escape sequences are removed or made visible.

Text that a terminal would overwrite, conceal or draw backwards is shown as it stands in the file. Colours are reduced
to those that the page can show with enough contrast on a light and on a dark background.
"""

import re
from collections.abc import Mapping

MAX_COLOUR_CHANGES = 1000
"""Changes of colour that are shown in one log, so that a page with a hundred logs stays small."""

_COLOUR = re.compile(r"\x1b\[([0-9;:]{0,64})m")
_OTHER = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x00\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^-~])")
_SEAM = "\0"
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"},
    127: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"),
    # characters that change the direction of text, or break a line invisibly
    **{code: f"<U+{code:04X}>" for code in (0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))},
}
_IN_LOGS = {code: shown for code, shown in _VISIBLE.items() if code != ord(_SEAM)}
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "under", 7: "inverse", 9: "strike"}
_ENDS = {22: ("bold", "dim"), 23: ("italic",), 24: ("under",), 27: ("inverse",), 29: ("strike",)}


def escape(text: str) -> str:
    """`text` for HTML, between tags or inside double quotes, with its control characters made visible."""
    return _escape(text, _VISIBLE)


def _escape(text: str, visible: Mapping[int, str]) -> str:
    shown = text.replace("\r\n", "\n").replace("\r", "\n").translate(visible)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def log_html(text: str) -> str:
    """The log as the content of a `<pre>`. Every `<span>` is closed."""
    pieces = _COLOUR.split(text.replace("\0", _VISIBLE[0]))  # every second piece is the code of a colour
    plain = _escape(_OTHER.sub("", _SEAM.join(pieces[::2])), _IN_LOGS).split(_SEAM)
    shown = plain[:1]
    style: dict[str, str] = {}
    for colour, inside in zip(pieces[1 : 2 * MAX_COLOUR_CHANGES : 2], plain[1:], strict=False):
        style = _changed(style, colour)
        if inside:
            words = " ".join(sorted(style.values()))
            shown.append(f'<span class="{words}">{inside}</span>' if words else inside)
    return "".join([*shown, *plain[MAX_COLOUR_CHANGES + 1 :]])


def _changed(style: dict[str, str], codes: str) -> dict[str, str]:
    """The style after `ESC [ codes m` (ECMA-48, Select Graphic Rendition)."""
    numbers = [int(code or 0) for code in codes.replace(":", ";").split(";")]
    style = dict(style)
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            style = {}
        elif code in _STYLES:
            style[_STYLES[code]] = _STYLES[code]
        elif code in _ENDS:
            for name in _ENDS[code]:
                style.pop(name, None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["fg"] = f"fg{code % 10}"
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style["bg"] = f"bg{code % 10}"
        elif code in (39, 49):
            style.pop("fg" if code == 39 else "bg", None)
        elif code in (38, 48):
            colour = _wide_colour(numbers)
            if colour is not None:
                ground = "fg" if code == 38 else "bg"
                style[ground] = f"{ground}{colour}"
    return style


def _wide_colour(numbers: list[int]) -> int | None:
    """Take `5;n` or `2;r;g;b` from the front; return the nearest of the eight colours, None if it is invalid."""
    kind = numbers.pop(0) if numbers else None
    if kind == 5 and numbers:
        number = numbers.pop(0)
        if number < 16:
            return number % 8
        if number < 232:
            number -= 16
            return _nearest(number // 36 * 51, number // 6 % 6 * 51, number % 6 * 51)
        return 0 if number < 246 else 7
    if kind == 2 and len(numbers) >= 3:
        red, green, blue = numbers[:3]
        del numbers[:3]
        return _nearest(red, green, blue)
    return None


def _nearest(red: int, green: int, blue: int) -> int:
    low, high = min(red, green, blue), max(red, green, blue)
    if high - low < 48:
        return 7 if high >= 128 else 0
    middle = (low + high) / 2
    return (red > middle) | (green > middle) << 1 | (blue > middle) << 2
