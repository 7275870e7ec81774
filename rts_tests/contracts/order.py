"""The order in force: estimates from history, and the order in which units start. Pure functions.

The order belongs to a run, not to the Makefile: each run changes the history, and so would make every rendered file
that depends on it stale.
"""

from collections.abc import Sequence
from dataclasses import replace

from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.status import FAILED_BEFORE


class Predictor:
    """Predicts the durations of units without history from the durations of other units.

    The model is multiplicative: seconds = variant factor x module factor x number of seeds. A module's factor is the
    median over all variants of its known seconds per seed. A variant's factor is the median over its known modules of
    (its seconds per seed / the module's factor). For a module without any known duration,
    the unit's weight x the median of (known seconds / weight) replaces module factor x number of seeds.
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
        """Return the predicted seconds and their source, `siblings` or `weight`. `unit.estimate_s` is its weight."""
        factor = self._variant.get(unit.variant, 1.0)
        if unit.module in self._module:
            return factor * self._module[unit.module] * max(1, unit.seed_count), "siblings"
        return factor * self._scale * unit.estimate_s, "weight"


def order_key(unit: Unit) -> tuple[bool, float, str]:
    """The sort key of the starting order: units that failed last time first, then the longest, then by id."""
    return (not unit.failed_before, -unit.estimate_s, unit.id)


def ordered(plan: Plan, history: History) -> Plan:
    """Return the plan with estimates from history, its units in the order in which they are to start.

    `plan` is as rendered: its estimates are weights. Longest first is the LPT rule (Graham 1969).
    """
    unknown = UnitHistory()
    past = [history.units.get(unit.id, unknown) for unit in plan.units]
    estimates = [history_of_unit.estimate_s for history_of_unit in past]
    known = [(unit, seconds) for unit, seconds in zip(plan.units, estimates, strict=True) if seconds is not None]
    predictor = Predictor(known)
    units = []
    memory = _memory_of(plan, past)
    for unit, history_of_unit, seconds, size in zip(plan.units, past, estimates, memory, strict=True):
        estimate, source = (seconds, "history") if seconds is not None else predictor.predict(unit)
        units.append(
            replace(
                unit,
                estimate_s=round(estimate, 4),
                estimate_from=source,
                failed_before=history_of_unit.status in FAILED_BEFORE,
                memory_bytes=size,
            )
        )
    return replace(plan, units=tuple(sorted(units, key=order_key)), shared_history=history.shared)


def _memory_of(plan: Plan, past: Sequence[UnitHistory]) -> list[int]:
    """Return the expected memory of each unit in bytes: its recorded peak, else its siblings', else its module's value.

    Siblings are the units of one module. All values are 0 if memory is not limited.
    """
    if plan.memory is None:
        return [0] * len(plan.units)
    siblings = dict.fromkeys(plan.modules, 0)
    for unit, history_of_unit in zip(plan.units, past, strict=True):
        siblings[unit.module] = max(siblings[unit.module], history_of_unit.peak_bytes)
    return [
        history_of_unit.peak_bytes or siblings[unit.module] or plan.modules[unit.module].memory_bytes
        for unit, history_of_unit in zip(plan.units, past, strict=True)
    ]
