"""Which unit runs next: the heaviest of those whose builds have ended.

Make decides when a unit may start: by starting a recipe. It cannot decide which one, because it passes over a target
whose prerequisite is still being made, and comes back to it after everything else on its list: the heaviest units,
which are listed first, would start last. So a recipe asks for any unit that can run, not for the one that its target
names. There are as many recipes as units, and make starts a recipe only when there is a unit for it.

Forks wait for one thing more: the classes of their module must be listed. The recipe that asks when the first of them
is next gets the listing, another unit that nobody planned. While that runs, its forks are held back, and a recipe for
which nothing else is ready has to wait.
"""

import heapq
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from longpole.rts_tests.contracts.order import order_key
from longpole.rts_tests.contracts.plan import Module, Unit


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


_STEP = 2.0**-20
"""The distance of ranks between two planned units; there are far fewer forks than fit."""


class Ready:
    """The units of a run that have not started. `units` are in the order in which they should start."""

    def __init__(
        self,
        units: Sequence[Unit],
        groups: Iterable[Group],
        *,
        as_requested: bool = False,
        listings: Iterable[Unit] = (),
    ) -> None:
        """With `as_requested` a recipe gets the unit that it names, if that can run: for `make --shuffle`.

        `listings` are those on which forks wait.
        """
        self._planned = units
        self._units: dict[float, Unit] = dict(enumerate(units))
        self._rank: dict[str, float] = {unit.target: rank for rank, unit in self._units.items()}
        self._waiting = [(set(group.builds), group.units) for group in groups if group.builds]
        self._as_requested = as_requested
        self._to_list = {(unit.variant, unit.module): unit for unit in listings}
        self._listing: set[Module] = set()
        waiting = {unit.target for _, members in self._waiting for unit in members}
        self._heap = [rank for target, rank in self._rank.items() if target not in waiting]  # sorted, so a heap
        self._ready = set(self._heap) if as_requested else set()

    @property
    def is_listing(self) -> bool:
        """Whether a listing is under way, after which there may be more to run."""
        return bool(self._listing)

    def built(self, name: str) -> None:
        """A build succeeded: the units that waited only for it can run."""
        for builds, members in self._waiting[:]:
            builds.discard(name)
            if not builds:
                self._waiting.remove((builds, members))
                for unit in members:
                    self._push(self._rank[unit.target])

    def not_built(self, name: str) -> list[Unit]:
        """A build failed; return the units that cannot run because of it."""
        lost = [item for item in self._waiting if name in item[0]]
        self._waiting = [item for item in self._waiting if name not in item[0]]
        return [unit for _, members in lost for unit in members]

    def listed(self, module: Module, estimates_s: Mapping[str, float]) -> None:
        """A listing has ended: the forks of the module can run.

        `estimates_s` is how long they are now expected to take, by target: `take` returns them with these estimates,
        and at the places that follow.
        """
        self._listing.remove(module)
        keys = [order_key(unit) for unit in self._planned] if estimates_s else []
        for planned in [unit for unit in self._planned if (unit.variant, unit.module) == module]:
            unit, rank = planned, self._rank[planned.target]
            del self._units[rank]  # if it is still in the heap, it is passed over there
            if unit.target in estimates_s:
                seconds = estimates_s[unit.target]
                unit = replace(unit, estimate_s=seconds, spread_s=0.0, estimate_from="history")
                rank = bisect(keys, order_key(unit)) - 1.0
            while (rank := rank + _STEP) in self._units:
                pass
            self._units[rank] = unit
            self._rank[unit.target] = rank
            self._push(rank)

    def _push(self, rank: float) -> None:
        heapq.heappush(self._heap, rank)
        if self._as_requested:
            self._ready.add(rank)

    def take(self, target: str) -> Unit | None:
        """Return the unit to run for the recipe of `target`; None if no such unit is planned, or none can run."""
        own = self._rank.get(target)
        while own is not None and (rank := self._next(own)) is not None:
            unit = self._units.get(rank)
            if unit is None:
                continue
            module = (unit.variant, unit.module) if unit.fork is not None else None
            if module is not None and module in self._to_list:
                self._listing.add(module)
                return self._to_list.pop(module)
            if module not in self._listing:
                return unit
        return None

    def _next(self, own: float) -> float | None:
        """Take the rank of the first unit that is ready, or `own` if that is."""
        if not self._as_requested:
            return heapq.heappop(self._heap) if self._heap else None
        while self._heap and self._heap[0] not in self._ready:
            heapq.heappop(self._heap)
        if not self._heap:
            return None
        rank = own if own in self._ready else self._heap[0]
        self._ready.discard(rank)
        return rank
