"""The style that the pages have in common: the report of a run, and the page of `longpole perf publish`."""

from pathlib import Path


def common_style() -> str:
    """The CSS that begins each page's own: colours in light, dark and forced ones, the font, the frame."""
    return Path(__file__).with_name("look.css").read_text(encoding="utf-8")
