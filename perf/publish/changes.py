"""Change points for the page: read from what `longpole perf detect --json` printed, or computed here."""

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING

from longpole.perf.changes import Change, read_changes
from longpole.perf.progress import progress

if TYPE_CHECKING:
    from longpole.perf.commits import Commits
    from longpole.perf.index import Index

LIBRARIES = ("numpy", "ruptures", "scipy")
"""What finding changes needs, and the rest of the page does without."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The change points that are known; `why_not` says why they were not computed, empty if they were."""

    points: tuple[Change, ...] = ()
    why_not: str = ""


def given_changes(path: str) -> Changes:
    """The change points in a file. Raises `UseError` as `read_changes`."""
    return Changes(tuple(sorted(read_changes(path), key=_order)))


def find_changes(index: "Index", commits: "Commits") -> Changes:
    """The change points of all series; none, and why, if the libraries of statistics are not installed."""
    try:
        from longpole.perf.detect.detect import detect

        found = detect(index, commits, None, partial(progress, label="Looking for changes"))
    except ModuleNotFoundError as error:
        library = (error.name or "").split(".")[0]
        if library not in LIBRARIES:
            raise
        return Changes(why_not=f"{library} is not installed (pip install 'longpole[perf]')")
    names = [field.name for field in fields(Change)]
    points = (Change(**{name: getattr(point, name) for name in names}) for point in found.change_points)
    return Changes(tuple(sorted(points, key=_order)))


def _order(change: Change) -> tuple[str, str, str, str, str]:
    return change.platform, change.benchmark, change.metric, change.commit_before, change.commit_after
