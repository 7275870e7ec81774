"""The commits that the page draws along its axis, and a number for each commit that has a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longpole.perf.commits import Commit, Commits
from longpole.perf.model import Skip

if TYPE_CHECKING:
    from longpole.perf.index import Run


@dataclass(frozen=True, slots=True)
class Axis:
    """The commits of the main branch from the first one with a result or skip on, the oldest first.

    `earlier` is the number of commits before these. `elsewhere` are the commits with a result that are none of the main
    branch, sorted. `numbers` gives each commit its place: those of the main branch come first, then those elsewhere.
    """

    commits: tuple[Commit, ...]
    earlier: int
    elsewhere: tuple[str, ...]
    numbers: dict[str, int]


def axis(commits: Commits, runs: "Sequence[Run]", skips: Sequence[Skip]) -> Axis:
    """The axis for these runs and skips; all commits if none of them is of the main branch."""
    known = {run.commit for run in runs} | {skip.commit for skip in skips}
    first = min((commits.positions[sha] for sha in known if sha in commits.positions), default=0)
    shown = commits.commits[first:]
    others = tuple(sorted({run.commit for run in runs} - commits.positions.keys()))
    names = [*(commit.sha for commit in shown), *others]
    return Axis(shown, first, others, {sha: number for number, sha in enumerate(names)})
