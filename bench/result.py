"""What a benchmark found: figures, each beside its budget where it has one, and comparisons of contenders."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.budgets import Budget
from bench.measure import Measured


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, a value a round. `against` are the values of the checkout that it is compared to."""

    what: str
    values: tuple[float, ...]
    unit: str
    budget: Budget | None = None
    against: tuple[float, ...] = ()

    @property
    def value(self) -> float:
        """The median over rounds."""
        return median(self.values)

    @property
    def verdict(self) -> str:
        """`ok` or `over`, and nothing where there is no budget."""
        if self.budget is None:
            return ""
        return "ok" if self.value <= self.budget.most else "over"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Contenders side by side, each of which ran `unit_count` units.

    Ratios are to the contender named `base`. `bare` maps a contender to the one that ran the same commands and did
    nothing else. `on_disk` has the same contenders, or some of them, in a folder on the disk.
    """

    title: str
    unit_count: int
    base: str
    measured: Mapping[str, Measured]
    bare: Mapping[str, str]
    on_disk: Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Result:
    """All that one benchmark found. `left_out` names what could not be measured, with the reason."""

    name: str
    comparisons: tuple[Comparison, ...] = ()
    figures: tuple[Figure, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def joined(figures: Sequence[Figure], against: Sequence[Figure]) -> tuple[Figure, ...]:
    """The figures, each with the values of the one in `against` that measures the same thing."""
    others = {figure.what: figure.values for figure in against}
    return tuple(
        Figure(figure.what, figure.values, figure.unit, figure.budget, others.get(figure.what, ()))
        for figure in figures
    )


def as_json(result: Result) -> dict[str, Any]:
    """The result with every sample of every round."""

    def samples(measured: Mapping[str, Measured]) -> dict[str, Any]:
        return {name: asdict(each)["samples"] for name, each in measured.items()}

    return {
        "name": result.name,
        "figures": [{**asdict(figure), "value": figure.value, "verdict": figure.verdict} for figure in result.figures],
        "comparisons": [
            {
                "title": comparison.title,
                "unit_count": comparison.unit_count,
                "base": comparison.base,
                "bare": dict(comparison.bare),
                "samples": samples(comparison.measured),
                "samples_on_disk": samples(comparison.on_disk),
            }
            for comparison in result.comparisons
        ],
        "left_out": list(result.left_out),
        "notes": list(result.notes),
    }
