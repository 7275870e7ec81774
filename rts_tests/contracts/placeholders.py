"""Placeholders in the words of a suite: `{name}` stands for a value, `{{` and `}}` for the braces themselves.

A name may have a part after a colon, which the user chooses: `{port:http}`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*(?::[A-Za-z0-9_-]+)?)\}|[{}]")
PORT = "port:"
"""What the name of a placeholder for a port begins with."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Literal text; its braces are already single."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A placeholder, which is replaced by the value of `name`."""

    name: str


class PlaceholderError(ValueError):
    """A brace that is neither doubled nor part of a placeholder; `offset` counts characters from 0."""

    def __init__(self, brace: str, offset: int) -> None:
        super().__init__(brace, offset)
        self.brace = brace
        self.offset = offset

    def __str__(self) -> str:
        return f"a single `{self.brace}` at character {self.offset + 1}"


@lru_cache(maxsize=1024)
def parse(word: str) -> tuple[Literal | Name, ...]:
    """Return the parts of `word` in order; no literal is empty or follows another one.

    Raises `PlaceholderError` for a brace that is neither doubled nor part of a placeholder.
    """
    parts: list[Literal | Name] = []
    text = ""
    end = 0
    for token in _TOKEN.finditer(word):
        text += word[end : token.start()]
        end = token.end()
        if token[0] in ("{{", "}}"):
            text += token[0][0]
        elif token[1] is None:
            raise PlaceholderError(token[0], token.start())
        else:
            if text:
                parts.append(Literal(text))
                text = ""
            parts.append(Name(token[1]))
    text += word[end:]
    if text:
        parts.append(Literal(text))
    return tuple(parts)


def unparse(parts: tuple[Literal | Name, ...]) -> str:
    """Return the word that `parse` splits into `parts`."""
    return "".join(escape(part.text) if isinstance(part, Literal) else f"{{{part.name}}}" for part in parts)


def escape(text: str) -> str:
    """Return a word without placeholders that expands to `text`."""
    return text.replace("{", "{{").replace("}", "}}")


def names(word: str) -> frozenset[str]:
    """Return the names of the placeholders in `word`. Raises `PlaceholderError`."""
    return frozenset(part.name for part in parse(word) if isinstance(part, Name))


def ports(words: Iterable[str]) -> frozenset[str]:
    """Return the names NAME of all `{port:NAME}` in `words`. Raises `PlaceholderError`."""
    return frozenset(name.removeprefix(PORT) for word in words for name in names(word) if name.startswith(PORT))


def expand(word: str, values: Mapping[str, str], quote: Callable[[str], str] = str) -> str:
    """Return `word` with every placeholder replaced by `quote` of its value; use `shlex.quote` for a shell command.

    Raises `PlaceholderError`, and `KeyError` for a name without a value.
    """
    return "".join(part.text if isinstance(part, Literal) else quote(values[part.name]) for part in parse(word))
