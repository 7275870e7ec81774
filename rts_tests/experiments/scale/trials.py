"""The plan of the trials, and what one trial measured."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WARM_UP = 0
"""The number of the run that is not measured."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A run to come: its number, from 1, and its number of jobs."""

    number: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A run that has ended; times are seconds. It is valid if every selected unit passed or was skipped."""

    number: int
    jobs: int
    wall_s: float
    """From the start of make to its end."""
    cpu_s: float
    """CPU time of make, of Longpole and of all units."""
    units_s: float | None = None
    """From the start of the first unit to the end of the last one."""
    others: float | None = None
    """The part of the cores that other programs used meanwhile; None if the system does not tell."""
    problems: tuple[str, ...] = ()
    """Why it is left out."""
    durations: Mapping[str, float] = field(default_factory=dict)
    """The wall time of each unit that ran, by its id."""

    @property
    def valid(self) -> bool:
        """Whether it counts."""
        return not self.problems


def interleaved(jobs: Sequence[int], runs: int, seed: int) -> list[Planned]:
    """Return the runs in their order: `runs` rounds, each with every number of jobs once, in a random order.

    So a machine that becomes slower or faster meanwhile affects all numbers of jobs alike (a randomised block design,
    Fisher 1935). The same seed gives the same order.
    """
    chance = random.Random(seed)  # noqa: S311  the order has to repeat
    numbers: list[int] = []
    for _ in range(runs):
        block = list(jobs)
        chance.shuffle(block)
        numbers += block
    return [Planned(number, level) for number, level in enumerate(numbers, 1)]


def default_jobs(cores: int) -> list[int]:
    """Return the powers of two below the number of cores, that number, and twice it."""
    below = [2**power for power in range(cores.bit_length()) if 2**power < cores]
    return [*below, cores, 2 * cores]
