"""Which differences between two durations are larger than noise, by how far earlier durations were apart."""

from collections.abc import Collection, Sequence

RATIO = 1.2
RATIO_UNKNOWN = 1.5
"""The least ratio that is reported, if the history tells how much the durations vary, and if it does not."""
LEAST_S = 0.01
LEAST_UNKNOWN_S = 0.1
"""Smaller differences are attributed to the machine; again with enough history, and without."""
ENOUGH = 3
"""The number of durations from which a spread is computed."""


def spread(durations: Sequence[float], compared: Collection[int]) -> tuple[float | None, int]:
    """How much a unit varies, in seconds, and the number of durations used; None if there are fewer than ENOUGH.

    `compared` holds the indexes of the compared durations, as far as the history still has them. If it has both, the
    durations up to the earlier one and from the later one on count; what lies between may be the change itself.
    """
    if len(compared) == 2:
        first, second = sorted(compared)
        parts = [durations[: first + 1], durations[second:]]
    else:
        parts = [durations]
        for index in compared:  # one at most
            parts = [(*durations[:index], *durations[index + 1 :])]
    enough = [part for part in parts if len(part) >= ENOUGH]
    if not enough:
        return None, max(map(len, parts))
    return max(max(part) - min(part) for part in enough), sum(map(len, enough))


def may_differ(before_s: float, after_s: float) -> bool:
    """Whether a history could show that the difference is larger than noise; quick, and most often not."""
    least, most = (before_s, after_s) if before_s < after_s else (after_s, before_s)
    return most - least > LEAST_S and most > RATIO * least


def change_of(before_s: float, after_s: float, width_s: float | None) -> str:
    """`slower`, `faster`, or `same`, for durations that otherwise vary by `width_s`; None if that is not known."""
    ratio, least_s = (RATIO_UNKNOWN, LEAST_UNKNOWN_S) if width_s is None else (RATIO, max(LEAST_S, width_s))
    if abs(after_s - before_s) > least_s:
        if after_s > ratio * before_s:
            return "slower"
        if before_s > ratio * after_s:
            return "faster"
    return "same"
