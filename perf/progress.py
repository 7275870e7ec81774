"""Progress of long work on standard error: how much is done, and the time left. Nothing if that is no terminal."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

_T = TypeVar("_T")


def progress(items: Iterable[_T], label: str, length: int | None = None) -> Iterator[_T]:
    """The items, one after another, with a bar of how many of them are done.

    `length` is their number if they have no `len`; without both the bar shows no time left.
    """
    if not _is_shown():
        yield from items
        return
    with click.progressbar(items, length, label, file=sys.stderr) as bar:
        yield from bar


@contextmanager
def counting(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A bar of `length` steps for work that is no loop over items: call what it gives with a number of steps done."""
    if not _is_shown():
        yield lambda steps: None
        return
    with click.progressbar(range(length), length, label, file=sys.stderr) as bar:
        yield bar.update


def _is_shown() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
