"""The two tiers of tests: `make check` leaves out what is marked `slow`, `make check-all` runs everything."""

from typing import Any

import pytest


def slow(*values: Any) -> list[Any]:
    """Values of a parameter for the second tier; the first has the values that stand beside them."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def slow_rows(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of several parameters for the second tier."""
    return [pytest.param(*row, marks=pytest.mark.slow) for row in rows]
