"""Whose turn it is: a pure decision over all units that wait on this machine, those of this run and of others.

Units wait in one line, the longest waiting first. Every run decides for the whole line by the same rules, so all runs
reach the same answer without a conversation. The first unit in line starts at the latest when the running units, which
never wait, have ended: there is no deadlock and no starvation. Later units may overtake an earlier one by these rules:

- if it waits for a named lock, units that do not use this lock may overtake it;
- if it waits for slots, no unit may overtake it: slots that become free are kept for it, however many it needs;
- if it waits to be alone, no unit may overtake it;
- if it waits for memory, others may overtake it for PATIENCE_S, as small units often fit where a large one does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.waits import EXCLUSIVE, LOCK, MEMORY, SLOTS

PATIENCE_S = 1.0
"""How long a unit that waits for memory lets others overtake it."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a unit takes while it runs: slots, bytes of memory, named locks, or the whole machine."""

    slots: int = 0
    memory: int = 0
    locks: tuple[str, ...] = ()
    exclusive: bool = False


NOTHING = Need()


@dataclass(frozen=True, slots=True)
class Capacity:
    """Slots and bytes of memory for the units of all runs together, as one run's suite sets them; None: no limit."""

    slots: int | None = None
    memory: int | None = None

    def within(self, need: Need) -> Need:
        """Return `need`, cut to the capacity: a unit that needs more takes all."""
        slots = 0 if self.slots is None else min(need.slots, self.slots)
        memory = 0 if self.memory is None else min(need.memory, self.memory)
        return Need(slots, memory, need.locks, need.exclusive)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A unit in line. `since` is a time of the machine's monotonic clock; `need` is within its run's `capacity`."""

    since: float
    need: Need
    capacity: Capacity


def turns(line: Sequence[Waiting], running: Sequence[Need], now: float) -> list[str | None]:
    """Return for each unit in `line`, the longest waiting first: None if it may start now, else what it waits for.

    For a unit that must be alone, None means that it is first; it starts when nothing runs any more.
    """
    slots = sum(need.slots for need in running)
    memory = sum(need.memory for need in running)
    taken = {name for need in running for name in need.locks}
    kept_for = EXCLUSIVE if any(need.exclusive for need in running) else None
    answers = []
    for waiting in line:
        need, capacity = waiting.need, waiting.capacity
        missing = next((name for name in need.locks if name in taken), None)
        answer: str | None = None
        if missing is not None:
            answer = LOCK + missing
        elif kept_for is not None:
            answer = kept_for
        elif capacity.slots is not None and slots + need.slots > capacity.slots:
            answer = kept_for = SLOTS
        elif need.memory and capacity.memory is not None and memory + need.memory > capacity.memory:
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
