"""From a suite and a history to a plan: which units there are, what each is expected to cost, and in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from longpole.gen.suite.suite import Module, Suite, Variant
from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.contracts.plan import Plan, PlanModule, PlanVariant, Unit
from longpole.rts_tests.contracts.status import FAILED_BEFORE


def chunk_ranges(seeds: int, chunks: int) -> Iterator[tuple[int, int]]:
    """Split `seeds` into `chunks` contiguous ranges `(first, count)` whose counts differ by one at most."""
    for number in range(chunks):
        first = number * seeds // chunks
        yield first, (number + 1) * seeds // chunks - first


def _units_of(variant: Variant, module: Module) -> Iterator[Unit]:
    if module.chunks is None:
        yield Unit(variant.name, module.name, None, 0, module.seeds, module.weight, "weight", False)
        return
    for number, (first, count) in enumerate(chunk_ranges(module.seeds, module.chunks)):
        weight = module.weight * count / module.seeds
        yield Unit(variant.name, module.name, number, first, count, weight, "weight", False)


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
        worth = [seconds / unit.estimate_s for unit, seconds in known]
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


def make_plan(suite: Suite, history: History) -> Plan:
    """All units of the suite, estimated from history, in the order in which make is to start them."""
    units: list[Unit] = []
    by_name = {variant.name: variant for variant in suite.variants}
    for module in suite.modules:
        for name in module.variants:
            units.extend(_units_of(by_name[name], module))
    unknown = UnitHistory()
    past = [history.units.get(unit.id, unknown) for unit in units]
    estimates = [each.estimate_s for each in past]
    known = [(unit, seconds) for unit, seconds in zip(units, estimates, strict=True) if seconds is not None]
    predictor = Predictor(known)
    planned = []
    memory = _memory_of(suite, units, past)
    for unit, each, seconds, size in zip(units, past, estimates, memory, strict=True):
        estimate, source = (seconds, "history") if seconds is not None else predictor.predict(unit)
        failed = each.status in FAILED_BEFORE
        planned.append(
            replace(
                unit,
                estimate_s=round(estimate, 4),
                estimate_from=source,
                failed_before=failed,
                memory_bytes=size,
            )
        )
    return Plan(
        suite=suite.name,
        jobs=suite.limits.jobs,
        grace_s=suite.limits.grace_s,
        log_bytes=suite.limits.log_bytes,
        flaky=suite.limits.flaky,
        keep=suite.limits.keep,
        variants={variant.name: _plan_variant(variant) for variant in suite.variants},
        modules={module.name: _plan_module(module) for module in suite.modules},
        units=tuple(sorted(planned, key=order_key)),
        shared_history=history.shared,
        slots=suite.limits.slots,
        memory=suite.limits.memory,
    )


def _memory_of(suite: Suite, units: Sequence[Unit], past: Sequence[UnitHistory]) -> list[int]:
    """Bytes that each unit is expected to take: its own recorded peak, else its siblings', else what its module says.

    A sibling is a unit of the same module. All of it is 0 where memory is not limited.
    """
    if suite.limits.memory is None:
        return [0] * len(units)
    siblings = {module.name: 0 for module in suite.modules}
    for unit, each in zip(units, past, strict=True):
        siblings[unit.module] = max(siblings[unit.module], each.peak_bytes)
    said = {module.name: module.memory_bytes or 0 for module in suite.modules}
    return [
        each.peak_bytes or siblings[unit.module] or said[unit.module] for unit, each in zip(units, past, strict=True)
    ]


def _plan_variant(variant: Variant) -> PlanVariant:
    return PlanVariant(
        name=variant.name,
        target_dir=variant.target_dir,
        artifact=variant.artifact,
        run=variant.run.argv,
        shell=variant.run.shell,
        warm=variant.warm,
        env=dict(variant.env),
        builds=variant.build is not None,
    )


def _plan_module(module: Module) -> PlanModule:
    return PlanModule(
        name=module.name,
        weight=module.weight,
        seed_policy=module.seed_policy,
        first_seed=module.first_seed,
        seeds=module.seeds,
        timeout_s=module.timeout_s,
        retries=module.retries,
        leaks=module.leaks,
        env=dict(module.env),
        slots=module.slots,
        exclusive=module.exclusive,
        locks=module.locks,
    )
