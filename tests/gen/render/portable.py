"""Rendered makefiles on every machine the same, for golden files."""

import re

from tests.project import REPOSITORY


def portable(text: str) -> str:
    """The Makefile without what depends on where this checkout and its Python are."""
    text = re.sub(r"^LONGPOLE_PYTHON = .*$", "LONGPOLE_PYTHON = /usr/bin/python3", text, flags=re.MULTILINE)
    return text.replace(f"{REPOSITORY}/", "/longpole/")
