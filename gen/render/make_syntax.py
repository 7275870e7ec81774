"""Words of the make language: the one place that escapes for recipes and for lists of targets.

A recipe line passes two readers. Make expands `$` first, then the shell reads the rest; a newline would end the line
for both of them. So a word is quoted for the shell, its newlines are taken out of the quotes by way of a make variable
that holds one, and its dollars are doubled for make.
"""

import re
from collections.abc import Iterable

from longpole.rts_tests.contracts.placeholders import Literal, parse

NEWLINE = "LONGPOLE_NEWLINE"
"""The exported variable that holds one newline."""

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
MAKE_VARIABLES = {"make": "$(MAKE)", "python": "$(PYTHON)"}
"""Placeholders that make itself fills in, so that a recipe follows the make and the Python it is run with."""


def recipe_word(text: str) -> str:
    """`text` as one word of a recipe line, whatever it holds but NUL: the command gets exactly `text`.

    The Makefile exports NEWLINE as a variable of the environment, which the shell puts in after make is done.
    """
    if _PLAIN.fullmatch(text):
        return text
    quoted = "'" + text.replace("'", "'\\''") + "'"
    return quoted.replace("$", "$$").replace("\n", f"'\"$${NEWLINE}\"'")


def recipe_command(argv: Iterable[str], values: dict[str, str]) -> str:
    """An argument list with placeholders as one recipe line; `{make}` and `{python}` become make's variables."""
    words = []
    for word in argv:
        pieces = []
        for part in parse(word):
            if isinstance(part, Literal):
                pieces.append(recipe_word(part.text))
            else:
                pieces.append(MAKE_VARIABLES.get(part.name) or recipe_word(values[part.name]))
        words.append("".join(pieces) or "''")
    return " ".join(words)
