"""The order in force: estimates from history, and the order in which units start. Pure functions.

The order belongs to a run, not to the Makefile: each run changes the history, and so would make every rendered file
that depends on it stale.
"""

from collections.abc import Sequence
from dataclasses import replace

from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.contracts.median import median, median_and_spread
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.status import FAILED_BEFORE

UPPER = 0.8
"""The quantile of a unit's durations that decides when it starts."""
LEAST_S = 1e-5
"""Shorter durations are zero: the history keeps four decimals. What is divided by one would be beyond all bounds."""


class Predictor:
    """Predicts the durations of units without history from the durations of other units.

    The model is multiplicative: seconds = variant factor x module factor x number of seeds. A module's factor is the
    median over all variants of its known seconds per seed. A variant's factor is the median over its known modules of
    (its seconds per seed / the module's factor). For a module without any known duration,
    the unit's weight x the median of (known seconds / weight) replaces module factor x number of seeds. The spread of a
    unit is, as a part of its estimate, the median of the known spreads of its module.
    """

    def __init__(self, known: Sequence[tuple[Unit, float, float]]) -> None:
        """`known` holds units with their durations and spreads."""
        per_seed: dict[str, dict[str, list[float]]] = {}
        spreads: dict[str, list[float]] = {}
        for unit, seconds, spread_s in known:
            if seconds > LEAST_S:
                spreads.setdefault(unit.module, []).append(spread_s / seconds)
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
            if self._module[module] > LEAST_S:
                ratios.setdefault(variant, []).append(cost / self._module[module])
        self._variant = {variant: median(values) for variant, values in ratios.items()}
        self._spread = {module: median(values) for module, values in spreads.items()}
        worth = [seconds / unit.estimate_s for unit, seconds, _ in known if unit.estimate_s > 0]
        self._scale = median(worth) if worth else 1.0

    def predict(self, unit: Unit) -> tuple[float, float, str]:
        """Return the predicted seconds, their spread, and their source, `siblings` or `weight`.

        `unit.estimate_s` is its weight.
        """
        factor = self._variant.get(unit.variant, 1.0)
        if unit.module in self._module:
            seconds = factor * self._module[unit.module] * max(1, unit.seed_count)
            return seconds, seconds * self._spread.get(unit.module, 0.0), "siblings"
        return factor * self._scale * unit.estimate_s, 0.0, "weight"


def order_key(unit: Unit) -> tuple[bool, float, str]:
    """The sort key of the starting order: units that failed last time first, then the longest, then by id.

    The longest is that with the highest upper quantile: of two units that take as long on average, the one that may
    take much longer must not start last.
    """
    return (not unit.failed_before, -unit.upper_s, unit.id)


def ordered(plan: Plan, history: History) -> Plan:
    """Return the plan with estimates from history, its units in the order in which they are to start.

    `plan` is as rendered: its estimates are weights. Longest first is the LPT rule (Graham 1969).
    """
    unknown = UnitHistory()
    past = [history.units.get(unit.id, unknown) for unit in plan.units]
    expected = _expected(plan, past)
    predictor = Predictor([(unit, *seconds) for unit, seconds in zip(plan.units, expected, strict=True) if seconds])
    units = []
    memory = _memory_of(plan, past)
    for unit, history_of_unit, seconds, size in zip(plan.units, past, expected, memory, strict=True):
        estimate, spread_s, source = (*seconds, "history") if seconds else predictor.predict(unit)
        units.append(
            replace(
                unit,
                estimate_s=round(estimate, 4),
                spread_s=round(spread_s, 4),
                computes=history_of_unit.computes,
                estimate_from=source,
                failed_before=history_of_unit.status in FAILED_BEFORE,
                memory_bytes=size,
            )
        )
    return replace(plan, units=tuple(sorted(units, key=order_key)), shared_history=history.shared)


def _expected(plan: Plan, past: Sequence[UnitHistory]) -> list[tuple[float, float] | None]:
    """Return the median and the spread of each unit's durations in seconds, None if it has none.

    The seeds of `commit` units are others in each commit, so the last durations of one chunk say no more about it than
    those of the other chunks of the module in this variant: all of them together are its durations. Then the mean takes
    the place of the median: few seeds may cost more than all others, and the chunks together contain some of them.
    """
    pools: dict[tuple[str, str], list[float]] = {}
    seeds: dict[tuple[str, str], int] = {}
    sums: dict[tuple[str, str], float] = {}
    chunked = (name for name, module in plan.modules.items() if module.forks is None)
    pooled = {name for name in chunked if plan.modules[name].seed_policy == "commit"}
    for unit, known in zip(plan.units, past, strict=True):
        if unit.module in pooled and known.durations_s:
            key, count = (unit.variant, unit.module), max(1, unit.seed_count)
            pools.setdefault(key, []).extend(seconds / count for seconds in known.durations_s)
            sums[key] = sums.get(key, 0.0) + sum(known.durations_s)
            seeds[key] = seeds.get(key, 0) + count * len(known.durations_s)
    per_seed = {key: (sums[key] / seeds[key], sum(median_and_spread(pool, UPPER))) for key, pool in pools.items()}
    expected: list[tuple[float, float] | None] = []
    for unit, known in zip(plan.units, past, strict=True):
        if not known.durations_s:
            expected.append(None)
        elif unit.module in pooled:
            mean, upper = per_seed[unit.variant, unit.module]
            count = max(1, unit.seed_count)
            expected.append((mean * count, max(0.0, upper - mean) * count))
        else:
            expected.append(median_and_spread(known.durations_s, UPPER))
    return expected


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
