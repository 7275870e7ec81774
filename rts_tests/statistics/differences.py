"""Whether two series of measurements differ by more than chance explains."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

ALPHA = 0.05
"""The chance of at least one wrong change among all that are tested together."""

_TINY = 1e-300
_MAX_TERMS = 10_000
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Difference:
    """`ratio` is the later geometric mean over the earlier one; `p` the chance of such a difference by chance alone."""

    ratio: float
    p: float


def difference(before: Sequence[float], after: Sequence[float]) -> Difference | None:
    """Compare two series of positive durations; None if one has fewer than two values, or one that is not positive.

    Welch's t-test (Welch 1947), which does not assume equal variances, of the logarithms, because noise of durations is
    multiplicative and skewed.
    """
    if min(len(before), len(after)) < 2 or min(*before, *after) <= 0:
        return None
    logs = [[math.log(value) for value in values] for values in (before, after)]
    means = [math.fsum(values) / len(values) for values in logs]
    squared_errors = [
        math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)
        for values, mean in zip(logs, means, strict=True)
    ]
    shift, variance = means[1] - means[0], math.fsum(squared_errors)
    ratio = math.exp(shift)
    if variance <= (1e-12 * abs(shift)) ** 2:
        return Difference(ratio, 1.0 if shift == 0 else 0.0)
    parts = zip(squared_errors, logs, strict=True)
    freedom = 1 / math.fsum((error / variance) ** 2 / (len(values) - 1) for error, values in parts)
    return Difference(ratio, two_sided_p(shift / math.sqrt(variance), freedom))


def two_sided_p(t: float, freedom: float) -> float:
    """Return the chance that |T| is at least |`t`|, for Student's T with `freedom` degrees of freedom.

    It is I(freedom / (freedom + t²); freedom / 2, 1 / 2) (Abramowitz and Stegun 1964, 26.7.1).
    """
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (Abramowitz and Stegun 1964, 26.5.8)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction of the mirrored function converges faster
        return 1 - _incomplete_beta(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return min(1.0, math.exp(front) / a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction 1 / (1 + d1 / (1 + d2 / ...)), from its top, by Lentz's method (Lentz 1976)."""
    value = above = below = 1.0
    for term in range(1, _MAX_TERMS):
        half = term // 2
        if term % 2:
            factor = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            factor = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        below = 1 / _not_zero(1 + factor * below)
        above = _not_zero(1 + factor / above) if term > 1 else 1.0
        value *= above * below
        if abs(above * below - 1) < 1e-15:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def significant(p_values: Mapping[_Key, float], alpha: float = ALPHA) -> frozenset[_Key]:
    """Return which of several tests are significant together, by Holm's step-down procedure (Holm 1979).

    The chance that a test without a real difference is among them is at most `alpha`.
    """
    found = []
    for rank, key in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        if p_values[key] > alpha / (len(p_values) - rank):
            break
        found.append(key)
    return frozenset(found)
