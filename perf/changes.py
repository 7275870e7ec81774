"""The change points that `longpole perf detect --json` has printed, for the gate, for bisections and for the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from longpole.perf.model import Platform, Sha, Text
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json

_REMEDY = "name a file that `longpole perf detect --json` has written"


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

    @property
    def series(self) -> tuple[str, str, str]:
        """Platform, benchmark and metric."""
        return self.platform, self.benchmark, self.metric

    @property
    def size(self) -> float:
        """The logarithm of the ratio."""
        return log(self.ratio)


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__ = ConfigDict(extra="ignore")
    version: Literal[1]
    change_points: tuple[Change, ...]


def read_changes(path: str) -> tuple[Change, ...]:
    """The change points in a file, in its order. Raises `UseError` if it is not what `detect` prints."""
    try:
        with open(path, "rb") as file:
            data = file.read()
        parse_json(data)
        return TypeAdapter(_File).validate_json(data).change_points
    except OSError as error:
        raise UseError.at(path, error.strerror or "cannot be read", _REMEDY) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = f"{where}: {first['msg']}" if where else first["msg"]
        raise UseError.at(path, f"not what `longpole perf detect --json` prints: {what}", _REMEDY) from None
    except ValueError as error:
        raise UseError.at(path, f"not JSON: {error}", _REMEDY) from None


def suspects(changes: Iterable[Change]) -> dict[str, list[tuple[str, str]]]:
    """Each platform to the ranges of its changes that last: the last commit before one, and the first after it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in changes:
        pair, known = (each.commit_before, each.commit_after), found.setdefault(each.platform, [])
        if pair not in known and each.recovered_at is None:
            known.append(pair)
    return found
