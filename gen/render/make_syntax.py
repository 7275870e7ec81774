"""Words in make's language: the one place that escapes for recipes and for lists of targets.

Two programs read a recipe line: make expands `$` first, then the shell reads the rest. A newline would end the line for
both. So a word is quoted for the shell, each newline in it is replaced by a variable that holds one, outside the
quotes, and its dollars are doubled for make.
"""

import re
from collections.abc import Iterable, Mapping

from longpole.rts_tests.contracts.placeholders import Literal, parse

NEWLINE = "LONGPOLE_NEWLINE"
"""The exported variable that holds one newline."""

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
MAKE_VARIABLES = {
    "make": "$(MAKE)",
    "python": "$(LONGPOLE_PROJECT_PYTHON)",
    "longpole_python": "$(LONGPOLE_PYTHON)",
    "clients": "$(LONGPOLE_CLIENTS)",
}
"""Placeholders that make expands itself, so that a recipe uses the programs and files of the machine it runs on."""


def recipe_word(text: str) -> str:
    """`text`, which may hold any character but NUL, as one word of a recipe line: the command gets exactly `text`.

    The Makefile exports NEWLINE to the environment, and the shell expands it.
    """
    if _PLAIN.fullmatch(text):
        return text
    quoted = "'" + text.replace("'", "'\\''") + "'"
    return quoted.replace("$", "$$").replace("\n", f"'\"$${NEWLINE}\"'")


def recipe_command(argv: Iterable[str], values: Mapping[str, str]) -> str:
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
