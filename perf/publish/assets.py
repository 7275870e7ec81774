"""The page itself: its HTML, style and script, and uPlot, which draws the charts."""

import re
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from pathlib import Path

from longpole.rts_tests.contracts.look import common_style

_PARTS = Path(__file__).parent / "page"
_SLOT = re.compile(r"\{\{(\w+)\}\}")

SCRIPTS = (
    "words",
    "data",
    "address",
    "series",
    "chart",
    "keys",
    "filter",
    "trends",
    "detail",
    "changes",
    "coverage",
    "compare",
    "suite",
    "commit",
    "banners",
    "begin",
)
"""The parts of the script, in the order in which they stand in its one closure."""


def assets() -> dict[str, bytes]:
    """The content of each file that does not depend on the data, by the slot of the page that takes its name."""
    parts = "\n".join(_part(f"script/{name}.js") for name in SCRIPTS)
    licence = _part("uplot/LICENSE")
    return {
        "style": "\n".join((_part("uplot/uPlot.min.css"), common_style(), _part("page.css"))).encode(),
        "uplot": f"/*! uPlot. {licence.strip()}\n*/\n{_part('uplot/uPlot.iife.min.js')}".encode(),
        "script": f'"use strict";\n(() => {{\n{parts}}})();\n'.encode(),
    }


def named(kind: str, suffix: str, data: bytes) -> str:
    """The name of a file of the site: what it is, and the first 64 bits of the SHA-256 of its content."""
    return f"{kind}-{sha256(data).hexdigest()[:16]}.{suffix}"


def index(title: str, names: dict[str, str], needed: Iterable[str]) -> bytes:
    """`index.html`, with the names of the files in its slots. `needed` are files that the first view will load."""
    loads = "".join(f'<link rel="preload" as="script" href="files/{name}">\n' for name in needed)
    slots = {"title": escape(title), "preload": loads, **names}
    return _SLOT.sub(lambda slot: slots[slot[1]], _part("index.html")).encode()


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")
