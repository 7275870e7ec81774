"""The queue that forks take their files from: a folder with one file for each, renamed to claim it."""

from __future__ import annotations

import os
from typing import Iterator, List


def claim(folder: str, fork: str) -> Iterator[str]:
    """Claim the next class, the heaviest first, each time one is asked for; end when none is left.

    A rename is atomic, so each class is claimed once; names never come back, so one look at the folder is enough.
    """
    for rank in sorted(name for name in os.listdir(folder) if name.isdigit()):
        claimed = os.path.join(folder, "%s.fork-%s" % (rank, fork))
        try:
            os.rename(os.path.join(folder, rank), claimed)
        except FileNotFoundError:
            continue  # another fork was faster
        with open(claimed, encoding="utf-8") as file:
            yield file.read().rstrip("\n")


def names_in(folder: str) -> List[str]:
    """The names of all classes that the queue began with, also of those that have been claimed."""
    names = []
    for rank in sorted(os.listdir(folder)):
        try:
            with open(os.path.join(folder, rank), encoding="utf-8") as file:
                names.append(file.read().rstrip("\n"))
        except FileNotFoundError:
            return names_in(folder)  # claimed in between
    return names
