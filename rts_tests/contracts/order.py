"""The order in force: what history knows of a plan's units, and so which of them starts first. Pure functions.

Order is a run's business, not the Makefile's: a run teaches the history something, and would make every rendered file
stale that depends on it.
"""

from collections.abc import Sequence
from dataclasses import replace

from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.status import FAILED_BEFORE


class Predictor:
    """Costs of units that were never seen, from what is known of their siblings.

    The model is multiplicative: seconds = variant factor x module factor x number of seeds. A module's factor is the
    median of its known costs a seed over all variants, a variant's the median of its known costs over those of its
    modules. A module of which nothing is known falls back to its weight, scaled by what weights have turned out to be
    worth in seconds.
    """

    def __init__(self, known: list[tuple[Unit, float]]) -> None:
        per_seed: dict[str, dict[str, list[float]]] = {}
        for unit, seconds in known:
            costs = per_seed.setdefault(unit.module, {}).setdefault(unit.variant, [])
            costs.append(seconds / max(1, unit.seed_count))
        cells = {
            (module, variant): median(costs)
            for module, variants in per_seed.items()
            for variant, costs in variants.items()
        }
        self._module = {
            module: median(cells[module, variant] for variant in variants) for module, variants in per_seed.items()
        }
        ratios: dict[str, list[float]] = {}
        for (module, variant), cost in cells.items():
            if self._module[module] > 0:
                ratios.setdefault(variant, []).append(cost / self._module[module])
        self._variant = {variant: median(values) for variant, values in ratios.items()}
        worth = [seconds / unit.estimate_s for unit, seconds in known if unit.estimate_s > 0]
        self._scale = median(worth) if worth else 1.0

    def predict(self, unit: Unit) -> tuple[float, str]:
        """Seconds, and what they come from: `siblings` or `weight`. The unit's own estimate is its weight."""
        factor = self._variant.get(unit.variant, 1.0)
        if unit.module in self._module:
            return factor * self._module[unit.module] * max(1, unit.seed_count), "siblings"
        return factor * self._scale * unit.estimate_s, "weight"


def order_key(unit: Unit) -> tuple[bool, float, str]:
    """Failed last time first, then the longest, then by id."""
    return (not unit.failed_before, -unit.estimate_s, unit.id)


def ordered(plan: Plan, history: History) -> Plan:
    """The plan with its units estimated from history, in the order in which they are to start.

    The units of `plan` are estimated by their weights, as they are rendered. Longest first is Graham's rule (1969).
    """
    unknown = UnitHistory()
    past = [history.units.get(unit.id, unknown) for unit in plan.units]
    estimates = [each.estimate_s for each in past]
    known = [(unit, seconds) for unit, seconds in zip(plan.units, estimates, strict=True) if seconds is not None]
    predictor = Predictor(known)
    units = []
    memory = _memory_of(plan, past)
    for unit, each, seconds, size in zip(plan.units, past, estimates, memory, strict=True):
        estimate, source = (seconds, "history") if seconds is not None else predictor.predict(unit)
        units.append(
            replace(
                unit,
                estimate_s=round(estimate, 4),
                estimate_from=source,
                failed_before=each.status in FAILED_BEFORE,
                memory_bytes=size,
            )
        )
    return replace(plan, units=tuple(sorted(units, key=order_key)), shared_history=history.shared)


def _memory_of(plan: Plan, past: Sequence[UnitHistory]) -> list[int]:
    """Bytes that each unit is expected to take: its own recorded peak, else its siblings', else what its module says.

    A sibling is a unit of the same module. All of it is 0 where memory is not limited.
    """
    if plan.memory is None:
        return [0] * len(plan.units)
    siblings = dict.fromkeys(plan.modules, 0)
    for unit, each in zip(plan.units, past, strict=True):
        siblings[unit.module] = max(siblings[unit.module], each.peak_bytes)
    return [
        each.peak_bytes or siblings[unit.module] or plan.modules[unit.module].memory_bytes
        for unit, each in zip(plan.units, past, strict=True)
    ]
