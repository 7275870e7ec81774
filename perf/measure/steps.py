"""The order of all that is executed: pure, and the same for the same seed.

Rounds are interleaved: a machine that slows down for a while slows all benchmarks down a little, not one of them a
lot. The order within each round is shuffled, so that no benchmark always runs behind the same other one, which has left
the caches as it does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """What a step is for."""

    SETUP = "setup"
    COLD = "first execution"
    WARMUP = "warm-up"
    ROUND = "round"
    CLEANUP = "cleanup"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to execute: of the benchmark `name`, or of the reference workload, which has none.

    `number` counts warm-ups and rounds from 1.
    """

    kind: Kind
    name: str | None
    number: int = 1


def steps(rounds: Mapping[str, tuple[int, int]], seed: int, *, reference: bool) -> tuple[Step, ...]:
    """All steps, for the numbers of warm-ups and of rounds of each benchmark.

    First each benchmark is set up, then executed for the first time; the warm-ups follow, then the rounds. There are as
    many rounds as the benchmark with most has; one with fewer takes part in some of them, evenly spread. The reference
    workload takes part in each, and is warmed up once.
    """
    random = Random(seed)  # noqa: S311  no secret
    warmups = max((warmup for warmup, _ in rounds.values()), default=0)
    most = max((number for _, number in rounds.values()), default=0)
    made = [Step(Kind.SETUP, name) for name in rounds]
    made += _shuffled([Step(Kind.COLD, name) for name in rounds], random)
    if reference:
        made.append(Step(Kind.WARMUP, None))
    for turn in range(warmups):
        taking_part = (name for name, (warmup, _) in rounds.items() if turn < warmup)
        made += _shuffled([Step(Kind.WARMUP, name, turn + 1) for name in taking_part], random)
    for turn in range(most):
        of_round = [Step(Kind.ROUND, name, number) for name, number in _taking_part(rounds, turn, most)]
        made += _shuffled([*of_round, *([Step(Kind.ROUND, None, turn + 1)] if reference else [])], random)
    return (*made, *(Step(Kind.CLEANUP, name) for name in rounds))


def _taking_part(rounds: Mapping[str, tuple[int, int]], turn: int, most: int) -> Iterator[tuple[str, int]]:
    """The benchmarks of a round, each with how many of its rounds are then done."""
    for name, (_, number) in rounds.items():
        done = (turn + 1) * number // most
        if done > turn * number // most:
            yield name, done


def _shuffled(items: list[Step], random: Random) -> list[Step]:
    random.shuffle(items)
    return items
