"""Commits, runs and skips for tests of what is computed from them, and hypothesis strategies."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from longpole.perf.commits import Commit, Commits
from longpole.perf.index import Run
from longpole.perf.model import Skip

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PLATFORMS = ("aarch64-linux", "x86_64-linux")


def sha(number: int) -> str:
    """The name of the commit at a position."""
    return f"{number:040x}"


def branch(length: int) -> Commits:
    """A main branch with a commit an hour."""
    return Commits(tuple(Commit(sha(n), NOON + timedelta(hours=n), f"change {n}") for n in range(length)), "the list")


def run(number: int, platform: str = PLATFORMS[0], *, failed: bool = False, minutes: int = 0, reason: str = "") -> Run:
    """A result of the commit at a position; `minutes` after noon."""
    at = NOON + timedelta(minutes=minutes)
    return Run(0, platform, sha(number), at, "x.json", failed, reason or None, None, None)


def skip(
    number: int, platform: str = PLATFORMS[0], *, why: str = "busy", depth: int | None = 30, minutes: int = 0
) -> Skip:
    """A skip of the commit at a position."""
    return Skip(platform, sha(number), NOON + timedelta(minutes=minutes), why, depth, "push")


LENGTHS = st.integers(0, 30)
POSITIONS = st.integers(0, 35)
"""Some are beyond the branch: commits of other branches."""
RUNS = st.lists(
    st.builds(
        lambda number, platform, failed, minutes: run(number, platform, failed=failed, minutes=minutes),
        POSITIONS,
        st.sampled_from(PLATFORMS),
        st.booleans(),
        st.integers(0, 1000),
    ),
    max_size=25,
)
SKIPS = st.lists(
    st.builds(
        lambda number, platform, minutes: skip(number, platform, minutes=minutes),
        POSITIONS,
        st.sampled_from(PLATFORMS),
        st.integers(0, 1000),
    ),
    max_size=10,
)
