"""Models of how long work takes with n jobs: Amdahl's law and the Universal Scalability Law, fitted to measured times.

Both say n T(n) = T(1) ((1 - s) + s n + k n (n - 1)), with k = 0 for Amdahl and s from 0 to 1. That is linear in
T(1) (1 - s), T(1) s and T(1) k, none of which can be negative. So a fit is linear least squares with few unknowns, of
the relative errors, because short times count as much as long ones.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CLOSE = 0.03
"""Times that differ by this part are equally good."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """A fitted model. `alone_s` is the time with one job, `error` the root mean square of the relative errors."""

    alone_s: float
    contention: float
    """s: the part of the work that cannot run beside anything else; Amdahl's serial part."""
    coherency: float
    """k: what each job costs every other one; 0 in Amdahl's law."""
    error: float

    def seconds(self, jobs: float) -> float:
        """The time that the model predicts."""
        return self.alone_s * (1 + self.contention * (jobs - 1) + self.coherency * jobs * (jobs - 1)) / jobs

    def speedup(self, jobs: float) -> float:
        """How many times faster than one job the model predicts."""
        return self.alone_s / self.seconds(jobs)

    @property
    def peak_jobs(self) -> float | None:
        """The number of jobs after which more jobs are slower, sqrt((1 - s) / k) (Gunther 2007); None if there is none.

        It is 1 at least.
        """
        if self.coherency <= 0:
            return None
        return max(1.0, math.sqrt(max(0.0, 1 - self.contention) / self.coherency))

    @property
    def max_speedup(self) -> float | None:
        """The speedup that no number of jobs exceeds; None if there is none."""
        peak = self.peak_jobs
        if peak is not None:
            return self.speedup(peak)
        return 1 / self.contention if self.contention > 0 else None


def amdahl(times: Mapping[int, float]) -> Scaling | None:
    """Fit Amdahl's law (Amdahl 1967) to the seconds by number of jobs; None for fewer than two numbers of jobs."""
    return _fit(times, 2)


def usl(times: Mapping[int, float]) -> Scaling | None:
    """Fit the Universal Scalability Law (Gunther 1993, 2007) to the seconds by number of jobs.

    None for fewer than three numbers of jobs: it has three unknowns.
    """
    return _fit(times, 3)


def recommended_jobs(times: Mapping[int, float]) -> int:
    """Return the fewest jobs that take at most 3 % longer than the best of the measured. Raises `ValueError` for none.

    It is one that was measured: a model may be wrong where nothing was.
    """
    best = min(times.values())
    return min(jobs for jobs, seconds in times.items() if seconds <= best * (1 + CLOSE))


def _fit(times: Mapping[int, float], unknowns: int) -> Scaling | None:
    if len(times) < unknowns or min(times.values()) <= 0:
        return None
    products = [jobs * seconds for jobs, seconds in times.items()]
    columns = [(1.0, float(jobs), jobs * (jobs - 1.0))[:unknowns] for jobs in times]
    rows = [[value / product for value in row] for row, product in zip(columns, products, strict=True)]
    found = _least_squares(rows, unknowns)
    if found is None or found[0] + found[1] <= 0:
        return None
    alone_s = found[0] + found[1]
    error = math.sqrt(_squared_error(rows, found) / len(rows))
    return Scaling(alone_s, found[1] / alone_s, found[2] / alone_s if unknowns == 3 else 0.0, error)


def _least_squares(rows: Sequence[Sequence[float]], unknowns: int) -> list[float] | None:
    """The unknowns, none negative, with which each row's sum is nearest to 1; None if no set of them can be solved.

    The best solution has some unknowns at zero and is the unbounded one in the others. With three unknowns there are
    seven such sets, and all are tried.
    """
    best: list[float] | None = None
    for used in itertools.product((False, True), repeat=unknowns):
        chosen = [index for index, wanted in enumerate(used) if wanted]
        solved = _solve([[row[index] for index in chosen] for row in rows]) if chosen else None
        if solved is None or min(solved) < 0:
            continue
        found = [0.0] * unknowns
        for index, value in zip(chosen, solved, strict=True):
            found[index] = value
        if best is None or _squared_error(rows, found) < _squared_error(rows, best):
            best = found
    return best


def _squared_error(rows: Sequence[Sequence[float]], found: Sequence[float]) -> float:
    return math.fsum((math.fsum(map(float.__mul__, row, found)) - 1) ** 2 for row in rows)


def _solve(rows: Sequence[Sequence[float]]) -> list[float] | None:
    """Solve the normal equations of rows · x = 1 by Gaussian elimination with pivots; None if they are singular."""
    size = len(rows[0])
    matrix = [
        [math.fsum(row[i] * row[j] for row in rows) for j in range(size)] + [math.fsum(row[i] for row in rows)]
        for i in range(size)
    ]
    for step in range(size):
        pivot = max(range(step, size), key=lambda index: abs(matrix[index][step]))
        matrix[step], matrix[pivot] = matrix[pivot], matrix[step]
        if abs(matrix[step][step]) < 1e-14 * max(1e-300, abs(matrix[step][size])):
            return None
        for index in range(size):
            if index != step:
                factor = matrix[index][step] / matrix[step][step]
                matrix[index] = [a - factor * b for a, b in zip(matrix[index], matrix[step], strict=True)]
    return [matrix[index][size] / matrix[index][index] for index in range(size)]
