"""A comparison as JSON; docs/perf-compare.md describes the fields."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from longpole.perf.compare.compare import Comparison
from longpole.perf.compare.sides import Side

VERSION = 1


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object; the differences are in the order of the results."""
    return {
        "version": VERSION,
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "regressed": comparison.regressed,
        "differences": [asdict(each) for each in comparison.differences],
        "failed": _pairs(comparison.failed),
        "only_before": _pairs(comparison.gone),
        "only_after": _pairs(comparison.new),
        "common_factors": _factors(comparison.common),
        "beyond_mood": _factors(comparison.beyond_mood),
        "divided_by_reference": list(comparison.by_reference),
    }


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.name, "commits": list(side.commits), "runs": len(side.results)}


def _factors(factors: Mapping[tuple[str, str], float]) -> list[dict[str, Any]]:
    return [{"platform": platform, "metric": metric, "ratio": ratio} for (platform, metric), ratio in factors.items()]


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"platform": platform, "benchmark": name} for platform, name in pairs]
