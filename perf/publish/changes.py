"""Change points for the page: read from what `longpole perf detect --json` printed, or computed here."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from longpole.perf.model import Platform, Sha, Text
from longpole.perf.progress import progress
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json

if TYPE_CHECKING:
    from longpole.perf.commits import Commits
    from longpole.perf.index import Index

LIBRARIES = ("numpy", "ruptures", "scipy")
"""What finding changes needs, and the rest of the page does without."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change point. `ratio` is the level after it, divided by that before; the names are those of whole commits."""

    __pydantic_config__ = ConfigDict(extra="ignore", allow_inf_nan=False)
    platform: Platform
    benchmark: Text
    metric: Text
    commit_before: Sha
    commit_after: Sha
    ratio: Annotated[float, Field(gt=0)]
    kind: Literal["regression", "improvement"]
    measured_at: datetime | None = None
    p_value: float | None = None
    q_value: float | None = None
    recovered_at: Sha | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The change points that are known; `why_not` says why they were not computed, empty if they were."""

    points: tuple[Change, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="ignore")
    version: Literal[1]
    change_points: tuple[Change, ...]


def read_changes(path: str) -> Changes:
    """The change points in the JSON file `path`. Raises `UseError` if it is not what `detect` prints."""
    remedy = "name a file that `longpole perf detect --json` wrote"
    try:
        with open(path, "rb") as file:
            data = file.read()
        parse_json(data)
        found = TypeAdapter(_File).validate_json(data)
    except OSError as error:
        raise UseError.at(path, error.strerror or "cannot be read", remedy) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UseError.at(path, f"{where}: {first['msg']}" if where else first["msg"], remedy) from None
    except ValueError as error:
        raise UseError.at(path, f"not JSON: {error}", remedy) from None
    return Changes(tuple(sorted(found.change_points, key=_order)))


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
