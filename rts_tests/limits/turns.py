"""Whose turn it is: a pure decision over all units that wait on this machine, those of this run and of others.

Units wait in one line, the longest first, and every run decides for the whole line by the same rule, so that all come
to the same answer without talking to each other. Whoever is first in line starts as soon as running units, which never
wait, have ended: there is no deadlock, and nobody starves. Others may go by, with one rule for each thing waited for:

- a named lock is for the first in line who wants it; whoever does not want it goes by;
- slots are not passed by: what becomes free is kept for the first who did not get enough, however many it wants;
- nor is a unit passed by that wants to be alone;
- memory is passed by for PATIENCE_S, as small units often fit beside those that run when a large one does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.waits import EXCLUSIVE, LOCK, MEMORY, SLOTS

PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Need:
    """What a unit takes while it runs: slots, bytes of memory, named locks, or the whole machine."""

    slots: int = 0
    memory: int = 0
    locks: tuple[str, ...] = ()
    exclusive: bool = False


NOTHING = Need()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much there is for a run's units and everybody else's together; None is no limit."""

    slots: int | None = None
    memory: int | None = None

    def within(self, need: Need) -> Need:
        """`need`, but for no more than there is: a unit that wants more takes all."""
        slots = 0 if self.slots is None else min(need.slots, self.slots)
        memory = 0 if self.memory is None else min(need.memory, self.memory)
        return Need(slots, memory, need.locks, need.exclusive)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A unit in line. `since` is of the machine's monotonic clock; `need` is within its run's `limits`."""

    since: float
    need: Need
    limits: Limits


def turns(line: Sequence[Waiting], running: Sequence[Need], now: float) -> list[str | None]:
    """For each unit in `line`, the longest waiting first: None if it may start now, else what it waits for.

    For a unit that wants to be alone None means that nobody is before it; it starts when nothing runs any more.
    """
    slots = sum(need.slots for need in running)
    memory = sum(need.memory for need in running)
    taken = {name for need in running for name in need.locks}
    kept_for = EXCLUSIVE if any(need.exclusive for need in running) else None
    answers = []
    for waiting in line:
        need, limits = waiting.need, waiting.limits
        missing = next((name for name in need.locks if name in taken), None)
        answer: str | None = None
        if missing is not None:
            answer = LOCK + missing
        elif kept_for is not None:
            answer = kept_for
        elif limits.slots is not None and slots + need.slots > limits.slots:
            answer = kept_for = SLOTS
        elif need.memory and limits.memory is not None and memory + need.memory > limits.memory:
            answer = MEMORY
            if now - waiting.since >= PATIENCE_S:
                kept_for = MEMORY
        elif need.exclusive:
            kept_for = EXCLUSIVE
        if answer is None:
            slots += need.slots
            memory += need.memory
        taken.update(need.locks)
        answers.append(answer)
    return answers
