"""Folders are looked into once."""

from __future__ import annotations

from typing import Iterable, List

import pytest

_FOLDER = getattr(pytest, "Directory", ())
"""The class of collectors of folders; from pytest 8."""


def collect_once(collector: pytest.Collector) -> None:
    """Have a collector of a folder keep what it finds: pytest asks it again for each file in it that is named.

    That takes time that is proportional to the square of the number of files.
    """
    if not isinstance(collector, _FOLDER) or "collect" in vars(collector):
        return
    original = collector.collect
    found: List[object] = []

    def collect() -> Iterable[object]:
        if not found:
            found.extend(original())
        return found

    collector.collect = collect
