"""What a benchmark found: figures, each beside its budget where it has one, and comparisons of contenders."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.measure import Measured


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `budget` is the most that docs/performance.md allows, in the same unit."""

    what: str
    value: float
    unit: str
    budget: float | None = None

    @property
    def verdict(self) -> str:
        """`ok` or `over`, and nothing where there is no budget."""
        if self.budget is None:
            return ""
        return "ok" if self.value <= self.budget else "over"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Contenders side by side. `unit_count` is how many units each ran; ratios are to the one named `base`."""

    title: str
    unit_count: int
    base: str
    measured: Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Result:
    """All that one benchmark found. `left_out` names what could not be measured, with the reason."""

    name: str
    comparisons: tuple[Comparison, ...] = ()
    figures: tuple[Figure, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def as_json(result: Result) -> dict[str, Any]:
    """The result with every sample of every round."""
    return {
        "name": result.name,
        "figures": [{**asdict(figure), "verdict": figure.verdict} for figure in result.figures],
        "comparisons": [
            {
                "title": comparison.title,
                "unit_count": comparison.unit_count,
                "base": comparison.base,
                "samples": {name: asdict(measured)["samples"] for name, measured in comparison.measured.items()},
            }
            for comparison in result.comparisons
        ],
        "left_out": list(result.left_out),
        "notes": list(result.notes),
    }
