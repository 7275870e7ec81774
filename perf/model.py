"""What a result file says: benchmarks that were measured on a platform at a commit, or why none were.

A *series* is what one (platform, benchmark, metric) was over many commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import fmean, stdev
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from longpole.perf.platforms import PLATFORM

VERSION: Final = 3
"""The version of result files that are written."""

MAX_TEXT = 200
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Years of measurements. The name of a file's folder has the year in four digits."""
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _no_control_characters(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has a character that is not printable")
    return text


def _in_utc(time: datetime) -> datetime:
    try:
        in_utc = time.astimezone(UTC)
    except OverflowError:
        in_utc = None
    if in_utc is None or not FIRST_YEAR <= in_utc.year <= LAST_YEAR:
        raise ValueError(f"not a time of {FIRST_YEAR} to {LAST_YEAR}")
    return in_utc


Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(_no_control_characters)]
"""A name, a reason: one line of 1 to 200 printable characters."""
Message = Annotated[str, StringConstraints(max_length=20_000)]
"""Text of any kind, such as the end of a program's output."""
Platform = Annotated[str, StringConstraints(pattern=f"^{PLATFORM}$")]
"""The name of a platform. It is the name of a folder, too."""
Sha = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
"""The whole name of a commit."""
Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Unit = Literal["s", "B", "1"]
"""Seconds, bytes, or a number without unit."""
Number = float


@dataclass(frozen=True, slots=True)
class Metric:
    """What was measured of a benchmark: `mean`, in `unit`, of `count` samples.

    `samples` are the raw values in the order of their measurement, or empty if only their mean was kept. `deviation` is
    the standard deviation of the samples (n - 1), None where it is not known.
    """

    __pydantic_config__ = _STRICT
    unit: Unit
    mean: Number
    deviation: Annotated[Number, Field(ge=0)] | None = None
    count: Annotated[int, Field(ge=1)] = 1
    samples: tuple[Number, ...] = ()
    lower_is_better: bool = True

    @classmethod
    def of(cls, unit: Unit, samples: tuple[float, ...], *, lower_is_better: bool = True) -> "Metric":
        """The metric of raw samples, of which there is at least one."""
        deviation = stdev(samples) if len(samples) > 1 else None
        return cls(unit, fmean(samples), deviation, len(samples), samples, lower_is_better)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark and its metrics by name.

    Names with a meaning: `time` (warm, where the two are known apart), `cold` (the first execution), `memory` (peak),
    `size` (of the output), `runtime` (of the program that was made), `pass:NAME` (a part of `time`). Others are as the
    source of the result has them.
    """

    __pydantic_config__ = _STRICT
    name: Text
    metrics: Mapping[Text, Metric]


@dataclass(frozen=True, slots=True)
class Failure:
    """A benchmark, or a step before any of them, that failed: its name, and what it said."""

    __pydantic_config__ = _STRICT
    name: Text
    message: Message = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured on a platform at a commit.

    A result without benchmarks is evidence of failure: it has at least one of `failures`. `machine` is coarse on
    purpose: a clock frequency in it would split a series. `reference` is the time of a fixed workload on the same
    machine, in the same minutes; `machine["reference"]` names the workload, and times of different workloads cannot be
    compared. `seed` is that of the order in which samples were taken.
    """

    __pydantic_config__ = _STRICT
    platform: Platform
    commit: Sha
    measured_at: Time
    benchmarks: tuple[Benchmark, ...] = ()
    failures: tuple[Failure, ...] = ()
    reason: Text | None = None
    tool: Text | None = None
    machine: Mapping[Text, Text] = field(default_factory=dict)
    reference: Metric | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    kind: Literal["result"] = "result"
    version: Literal[3] = 3

    @property
    def failed(self) -> bool:
        """Whether nothing was measured."""
        return not self.benchmarks


@dataclass(frozen=True, slots=True)
class Skip:
    """The decision not to measure a commit on a platform: when and why, and how many runs were waiting then."""

    __pydantic_config__ = _STRICT
    platform: Platform
    commit: Sha
    decided_at: Time
    why: Text
    queue_depth: Annotated[int, Field(ge=0)] | None = None
    trigger: Text | None = None
    kind: Literal["skip"] = "skip"
    version: Literal[3] = 3
