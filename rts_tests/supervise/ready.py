"""Which unit runs next: the heaviest of those whose builds have ended.

Make decides when a unit may start: by starting a recipe. It cannot decide which one, because it passes over a target
whose prerequisite is still being made, and comes back to it after everything else on its list: the heaviest units,
which are listed first, would start last. So a recipe asks for any unit that can run, not for the one that its target
names. There are as many recipes as units, and make starts a recipe only when there is a unit for it.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.plan import Unit


@dataclass(frozen=True, slots=True)
class Group:
    """Units that wait for the same builds; those are named in the order in which make starts them."""

    builds: tuple[str, ...]
    units: tuple[Unit, ...]


def groups_of(units: Iterable[tuple[Unit, tuple[str, ...]]]) -> tuple[Group, ...]:
    """Group units, each given with its builds, by their builds; units keep their order."""
    groups: dict[tuple[str, ...], list[Unit]] = {}
    for unit, builds in units:
        groups.setdefault(builds, []).append(unit)
    return tuple(Group(builds, tuple(members)) for builds, members in groups.items())


class Ready:
    """The units of a run that have not started. `units` are in the order in which they should start."""

    def __init__(self, units: Sequence[Unit], groups: Iterable[Group], *, as_requested: bool = False) -> None:
        """With `as_requested` a recipe gets the unit that it names, if that can run: for `make --shuffle`."""
        self._units = units
        self._rank = {unit.target: rank for rank, unit in enumerate(units)}
        self._waiting = [(set(group.builds), group.units) for group in groups if group.builds]
        self._as_requested = as_requested
        waiting = {unit.target for _, members in self._waiting for unit in members}
        self._heap = [rank for target, rank in self._rank.items() if target not in waiting]  # sorted, so a heap
        self._ready = set(self._heap) if as_requested else set()

    def built(self, name: str) -> None:
        """A build succeeded: the units that waited only for it can run."""
        for builds, members in self._waiting[:]:
            builds.discard(name)
            if not builds:
                self._waiting.remove((builds, members))
                for unit in members:
                    rank = self._rank[unit.target]
                    heapq.heappush(self._heap, rank)
                    if self._as_requested:
                        self._ready.add(rank)

    def not_built(self, name: str) -> list[Unit]:
        """A build failed; return the units that cannot run because of it."""
        lost = [item for item in self._waiting if name in item[0]]
        self._waiting = [item for item in self._waiting if name not in item[0]]
        return [unit for _, members in lost for unit in members]

    def take(self, target: str) -> Unit | None:
        """Return the unit to run for the recipe of `target`; None if no such unit is planned, or none can run."""
        own = self._rank.get(target)
        if own is None:
            return None
        if not self._as_requested:
            return self._units[heapq.heappop(self._heap)] if self._heap else None
        while self._heap and self._heap[0] not in self._ready:
            heapq.heappop(self._heap)
        if not self._heap:
            return None
        rank = own if own in self._ready else self._heap[0]
        self._ready.discard(rank)
        return self._units[rank]
