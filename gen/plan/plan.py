"""From a suite to a plan: the units, the expected cost of each, and their order."""

from collections.abc import Iterator

from longpole.gen.suite.model import Command, Forks, Module, Suite, Variant
from longpole.rts_tests.contracts.exit_status import SKIPPED
from longpole.rts_tests.contracts.order import order_key
from longpole.rts_tests.contracts.placeholders import escape
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit
from longpole.rts_tests.contracts.plan_parts import (
    SCENARIO_UNIT,
    PlanCommand,
    PlanForks,
    PlanResults,
    PlanStep,
    PlanVariant,
)

_RUN_SCENARIO = ("{longpole_python}", "-EPm", SCENARIO_UNIT)


def chunk_ranges(seeds: int, chunks: int) -> Iterator[tuple[int, int]]:
    """Split `seeds` into `chunks` contiguous ranges `(first, count)` whose counts differ by at most one."""
    for number in range(chunks):
        first = number * seeds // chunks
        yield first, (number + 1) * seeds // chunks - first


def _units_of(variant: Variant, module: Module) -> Iterator[Unit]:
    if module.forks is not None:
        weight = module.weight / module.forks.count
        for number in range(module.forks.count):
            yield Unit(variant.name, module.name, None, 0, module.seeds, weight, "weight", False, fork=number)
        return
    if module.chunks is None:
        yield Unit(variant.name, module.name, None, 0, module.seeds, module.weight, "weight", False)
        return
    for number, (first, count) in enumerate(chunk_ranges(module.seeds, module.chunks)):
        weight = module.weight * count / module.seeds
        yield Unit(variant.name, module.name, number, first, count, weight, "weight", False)


def make_plan(suite: Suite) -> Plan:
    """All units of the suite, each expected to cost its weight; the heaviest first.

    It depends only on the suite. `contracts.order` adds the estimates from history when a run begins.
    """
    by_name = {variant.name: variant for variant in suite.variants}
    units = [unit for module in suite.modules for name in module.variants for unit in _units_of(by_name[name], module)]
    return Plan(
        suite=suite.name,
        jobs=suite.limits.jobs,
        grace_s=suite.limits.grace_s,
        log_bytes=suite.limits.log_bytes,
        flaky=suite.limits.flaky,
        keep=suite.limits.keep,
        variants={variant.name: _plan_variant(variant) for variant in suite.variants},
        modules={module.name: _plan_module(module) for module in suite.modules},
        units=tuple(sorted(units, key=order_key)),
        slots=suite.limits.slots,
        memory=suite.limits.memory,
        python=suite.limits.python,
        guard=suite.scenarios.guard if suite.scenarios is not None else (),
        steps={step.name: PlanStep(step.name, step.output, step.needs) for step in suite.steps},
    )


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
        needs=variant.needs,
        args=variant.args,
        skip_status=variant.skip_status,
        cwd=variant.cwd,
        cold=variant.cold,
        labels=variant.labels,
        select=_plan_command(variant.select),
    )


def _plan_module(module: Module) -> PlanModule:
    if module.scenario is not None:
        return scenario_module(module, module.scenario)
    return PlanModule(
        name=module.name,
        weight=module.weight,
        seed_policy=module.seed_policy,
        first_seed=module.first_seed,
        seeds=module.seeds,
        timeout_s=module.timeout_s,
        timeout_cpu_s=module.timeout_cpu_s,
        retries=module.retries,
        leaks=module.leaks,
        env=dict(module.env),
        slots=module.slots,
        exclusive=module.exclusive,
        locks=module.locks,
        memory_bytes=module.memory_bytes or 0,
        skip_status=module.skip_status,
        run=module.run.argv if module.run else None,
        shell=module.run is not None and module.run.shell,
        warm=module.warm,
        cwd=module.cwd,
        labels=module.labels,
        needs=module.needs,
        args=module.args,
        forks=_plan_forks(module.forks) if module.forks else None,
        results=PlanResults(module.results.source, module.results.path) if module.results else None,
        select=_plan_command(module.select),
    )


def _plan_command(command: Command | None) -> PlanCommand | None:
    return None if command is None else PlanCommand(command.argv, command.shell)


def scenario_module(module: Module, path: str, config: str = "{scenarios}") -> PlanModule:
    """The module of the scenario in the file at `path`, whose units read the settings in the file `config`.

    A unit tells of its steps. What it leaves running it has ended itself.
    """
    return PlanModule(
        name=module.name,
        weight=module.weight,
        seed_policy=None,
        first_seed=0,
        seeds=0,
        timeout_s=module.timeout_s,
        timeout_cpu_s=module.timeout_cpu_s,
        env={},
        retries=module.retries,
        leaks=module.leaks,
        slots=module.slots,
        locks=module.locks,
        skip_status=(SKIPPED,),
        run=(*_RUN_SCENARIO, config, "{variant}", escape(path), *((module.cell,) if module.cell else ())),
        warm=True,
        cwd=".",
        labels=module.labels,
        results=PlanResults("protocol"),
        scenario=path,
        cell=module.cell,
    )


def _plan_forks(forks: Forks) -> PlanForks:
    return PlanForks(
        list_words=forks.list.argv,
        list_shell=forks.list.shell,
        run_words=forks.run.argv,
        run_shell=forks.run.shell,
        count=forks.count,
        threads=forks.threads,
        stealing=forks.stealing,
        warm=forks.warm,
        shift_ports=forks.shift_ports,
    )
