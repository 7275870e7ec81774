"""Which known word a mistyped one is likely to mean: the one rule behind every "did you mean"."""

from collections.abc import Iterable

MAX_LENGTH = 100
"""Longer words are not compared: that would take long, and nobody mistypes so long a word."""


def nearest(word: str, known: Iterable[str], ratio: float = 0.6) -> str | None:
    """The most similar of `known`, its case ignored; None if none is similar.

    `ratio` is that of `difflib.SequenceMatcher`, from which on two words are similar.
    """
    if len(word) > MAX_LENGTH:
        return None
    import difflib  # only after a mistake

    by_fold: dict[str, str] = {}
    for name in known:
        by_fold.setdefault(name.casefold(), name)
    near = difflib.get_close_matches(word.casefold(), by_fold, 1, ratio)
    return by_fold[near[0]] if near else None
