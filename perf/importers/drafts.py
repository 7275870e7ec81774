"""What one record of another program says, before its commit and platform are known for certain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from longpole.perf.importers.fields import Damaged
from longpole.perf.model import Benchmark, Failure
from longpole.rts_tests.contracts.errors import UseError


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One result to be. `place` is where it was read; the rest is as in `Result`, or None where the record is silent.

    `commit` may be the beginning of a commit's name; `commits` are whole names that the record itself has.
    """

    place: str
    benchmarks: tuple[Benchmark, ...]
    failures: tuple[Failure, ...] = ()
    measured_at: datetime | None = None
    commit: str | None = None
    commits: tuple[str, ...] = ()
    platform: str | None = None
    tool: str | None = None
    reason: str | None = None
    machine: Mapping[str, str] = field(default_factory=dict)


def attempt(place: str, read: Callable[[], Draft]) -> Draft | UseError:
    """What `read` returns, or the error that says why the record at `place` is none."""
    try:
        return read()
    except Damaged as error:
        return UseError.at(place, str(error), "correct it, or leave it out")
