"""Parts of a plan: which units a glob means, and how a plan is cut into shards. Pure functions."""

import heapq
import re
from fnmatch import fnmatchcase

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit


def parse_shard(text: str | None) -> tuple[int, int] | None:
    """`SHARD=k/n` as `(k, n)`, k from 1; None when unset or empty."""
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UseError.at("SHARD", f"{text!r} is not a shard", "give k/n with 1 <= k <= n, as in SHARD=2/3")
    return int(match[1]), int(match[2])


def matches(pattern: str, unit_id: str) -> bool:
    """Whether an id is the pattern itself or matches it as a glob; `[3]` in `eop/gc[3]` is not a character class."""
    return unit_id == pattern or fnmatchcase(unit_id, pattern)


def partition(plan: Plan, parts: int) -> list[list[Unit]]:
    """Split a plan into `parts` shards of about equal cost: the heaviest first, each to the least loaded shard.

    Shards run on different machines, which know different histories, so the split depends on the suite alone: on ids,
    weights and seed counts, neither on estimates nor on the order. Only where all machines are given the same history,
    as Nix does, are estimates known to be the same too, and better. Ties go to the lower shard. The shards are disjoint
    and their union is the plan, whose order is kept within each.
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
    return module.weight * unit.seed_count / module.seeds if unit.chunk is not None else module.weight
