"""Which class runs in which fork, by how long each class took. A pure function."""

import heapq
import math
from collections.abc import Collection, Mapping

from longpole.rts_tests.contracts.median import median


def distribute(classes: Collection[str], seconds: Mapping[str, float], forks: int) -> tuple[tuple[str, ...], ...]:
    """Return the classes of each fork, by name; with more forks than classes, the last forks have none.

    In a fork their order is always that of their names, whatever they took before: tests that depend on the order then
    behave alike from run to run.

    The heaviest class goes first, each to the least loaded fork (LPT, Graham 1969). Ties between classes go by name,
    ties between forks to the fork with fewer classes, then to the lower number. `seconds` has the duration of each
    class that has run before; it may have other classes, too. A class that is not in it weighs the median of all that
    are. Without any duration all weigh the same, which distributes them round robin, by name.

    The result depends on the names alone, not on their order; a name that is given twice counts once. A duration that
    is negative, infinite or not a number counts as unknown. Raises `ValueError` if `forks` is below 1.
    """
    if forks < 1:
        raise ValueError(f"{forks} forks")
    known = {name: value for name, value in seconds.items() if 0 <= value < math.inf}
    unseen = median(known.values()) if known else 1.0
    weights = {name: known.get(name, unseen) for name in classes}
    loads = [(0.0, 0, fork) for fork in range(forks)]  # a heap
    assigned: list[list[str]] = [[] for _ in range(forks)]
    for name in sorted(weights, key=lambda name: (-weights[name], name)):
        load, _, fork = loads[0]
        assigned[fork].append(name)
        heapq.heapreplace(loads, (load + weights[name], len(assigned[fork]), fork))
    return tuple(tuple(sorted(names)) for names in assigned)
