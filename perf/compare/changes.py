"""The changes that `longpole perf detect --json` found, as far as a bisection needs them."""

from dataclasses import dataclass
from math import isfinite, log
from typing import Any

from longpole.perf.ledger.suspects import REMEDY, read_points
from longpole.rts_tests.contracts.errors import UseError


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a series: whole names of the last commit before and the first after it; `size` is a logarithm."""

    platform: str
    benchmark: str
    metric: str
    commit_before: str
    commit_after: str
    kind: str
    size: float
    recovered: bool

    @property
    def series(self) -> tuple[str, str, str]:
        """Platform, benchmark and metric."""
        return self.platform, self.benchmark, self.metric


def read_changes(path: str) -> tuple[Change, ...]:
    """The changes in a file, in its order. Raises `UseError` if it is not what `longpole perf detect --json` prints."""
    return tuple(_change(path, number, row) for number, row in enumerate(read_points(path)))


def _change(path: str, number: int, row: Any) -> Change:  # noqa: ANN401  JSON
    match row:
        case {
            "platform": str(platform),
            "benchmark": str(benchmark),
            "metric": str(metric),
            "commit_before": str(before),
            "commit_after": str(after),
            "kind": str(kind),
            "ratio": float() | int() as ratio,
        } if ratio > 0 and isfinite(ratio):
            recovered = row.get("recovered_at") is not None
            return Change(platform, benchmark, metric, before, after, kind, log(ratio), recovered)
    what = f"change_points[{number}] has not all that a change point has"
    raise UseError.at(path, what, REMEDY)
