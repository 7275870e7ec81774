"""Tests that need what not every machine has.

Where it is missing they are left out, and the end of the test run says so; with LONGPOLE_NO_SKIPS=1, as in CI, they are
not, and fail.
"""

import os

import pytest

LEFT_OUT = pytest.StashKey[list[str]]()
"""What to say at the end."""


def leave_out(config: pytest.Config, items: list[pytest.Item], ours: list[pytest.Item], needs: str | None) -> None:
    """Take the tests `ours` out of all `items`, as the machine lacks what they need; None if it has it."""
    if not ours or needs is None or os.environ.get("LONGPOLE_NO_SKIPS"):
        return
    config.stash.setdefault(LEFT_OUT, []).append(f"left out: {len(ours)} tests that need {needs}")
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]
