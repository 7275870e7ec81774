"""The shards of a plan. Pure functions."""

import heapq
import re

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit


def parse_shard(text: str | None) -> tuple[int, int] | None:
    """Return `SHARD=k/n` as `(k, n)`, k from 1; None if unset or empty. Raises `UseError` for any other text."""
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UseError.at("SHARD", f"{text!r} is not a shard", "give k/n with 1 <= k <= n, as in SHARD=2/3")
    return int(match[1]), int(match[2])


def partition(plan: Plan, parts: int) -> list[list[Unit]]:
    """Split a plan into `parts` shards of about equal cost; return their units.

    The heaviest unit goes first, each to the least loaded shard (Graham 1969); ties go to the lower shard. Shards run
    on different machines with different histories, so the split depends on the suite alone: on ids, weights and seed
    counts, neither on estimates nor on the order. Only if all machines have the same history, as with Nix, the split
    uses estimates, which are better. The shards are disjoint, their union is the plan, and each keeps the plan's order.
    """
    if plan.shared_history:
        weights = {unit.id: unit.estimate_s for unit in plan.units}
    else:
        weights = {unit.id: _weight(unit, plan.modules[unit.module]) for unit in plan.units}
    loads = [(0.0, shard) for shard in range(parts)]  # a heap
    shard_of: dict[str, int] = {}
    for name in sorted(weights, key=lambda name: (-weights[name], name)):
        load, shard = loads[0]
        heapq.heapreplace(loads, (load + weights[name], shard))
        shard_of[name] = shard
    shards: list[list[Unit]] = [[] for _ in range(parts)]
    for unit in plan.units:
        shards[shard_of[unit.id]].append(unit)
    return shards


def _weight(unit: Unit, module: PlanModule) -> float:
    if unit.fork is not None and module.forks is not None:
        return module.weight / module.forks.count
    return module.weight * unit.seed_count / module.seeds if unit.chunk is not None else module.weight
