"""The plan: everything that is decided before a unit starts. `gen` writes it, the runner reads it."""

import hashlib
import json
import os
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json, read_json, read_regular, write_atomic
from longpole.rts_tests.contracts.placeholders import expand
from longpole.rts_tests.contracts.plan_parts import PlanCommand, PlanForks, PlanResults, PlanStep, PlanVariant
from longpole.rts_tests.contracts.unit_ids import module_goal, unit_id

VERSION = 1


@dataclass(frozen=True, slots=True)
class PlanModule:
    """What all units of a module share. `seeds` 0: the module takes no seeds; `weight` is that of all its units."""

    name: str
    weight: float
    seed_policy: str | None
    first_seed: int
    seeds: int
    timeout_s: float
    env: Mapping[str, str]
    retries: int = 0
    leaks: str = "fail"
    slots: int = 1
    exclusive: bool = False
    locks: tuple[str, ...] = ()
    timeout_cpu_s: float | None = None
    """Seconds of CPU that one of its units may use; None: no limit."""
    memory_bytes: int = 0
    """Memory of one of its units according to the suite, until runs have measured it; 0 if the suite does not say."""
    skip_status: tuple[int, ...] | None = None
    """Those of its units; None: those of the variant."""
    run: tuple[str, ...] | None = None
    """The command of its units; None: that of the variant."""
    shell: bool = False
    warm: bool = False
    cwd: str | None = None
    """The working directory of its units; None: that of the variant."""
    labels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """The steps that are built before its units run, besides those of the variant."""
    args: tuple[str, ...] = ()
    forks: PlanForks | None = None
    """Set if its units are forks; `run` is then None."""
    results: PlanResults | None = None
    """Where its units tell of their cases; None if they do not."""
    scenario: str | None = None
    """The file of its scenario, if it is one; its name is then that of the file, after its group and a `/`."""
    cell: str = ""
    """The cell of its scenario's matrix; `--` and this end its name."""
    select: PlanCommand | None = None
    """The command that runs only some cases of its units; None: that of the variant, unless the module has a `run`."""


@dataclass(frozen=True, slots=True)
class UnitCommand:
    """The command of a unit. Its words still contain placeholders, and so do `args`, which `{args}` stands for.

    `args` are empty unless it is a shell command: the words of any other command include them.
    """

    words: tuple[str, ...]
    shell: bool
    warm: bool
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest part of a suite that is scheduled, run and recorded. `first_index` counts the module's seeds from 0.

    `memory_bytes` is the expected memory, 0 if it is unknown or memory is not limited. `spread_s` is how much longer
    than expected it takes at its upper quantile (`contracts.order.UPPER`), 0 if nothing is known. `computes` is the
    part of its time for which it needs a core, 1 if nothing is known.
    """

    variant: str
    module: str
    chunk: int | None
    first_index: int
    seed_count: int
    estimate_s: float
    estimate_from: str
    failed_before: bool
    memory_bytes: int = 0
    spread_s: float = 0.0
    computes: float = 1.0
    fork: int | None = None
    """The number of the fork, from 0; None for units that are none."""
    execution: int | None = None
    """The number of the execution, from 1, if `longpole stress` or `shrink` executes the unit; else None."""
    listing: bool = False
    """Whether it only lists the classes of its module, whose forks wait for that. Not planned, and not recorded."""

    @property
    def id(self) -> str:
        """As `unit_id` says; `#17` follows for the 17th execution. A listing is `variant/module[list]`."""
        if self.listing:
            return f"{self.variant}/{self.module}[list]"
        name = unit_id(self.variant, self.module, self.chunk, self.fork)
        return name if self.execution is None else f"{name}#{self.execution}"

    @property
    def target(self) -> str:
        """The make target that runs the unit; `+17` follows in file names of the 17th execution.

        No target runs a listing; its name is that of no other unit.
        """
        if self.listing:
            return f"list-{self.variant}-{self.module}"
        name = module_goal(self.variant, self.module)
        if self.fork is not None:
            name = f"{name}-fork-{self.fork}"
        elif self.chunk is not None:
            name = f"{name}-{self.chunk}"
        return name if self.execution is None else f"{name}+{self.execution}"

    @property
    def upper_s(self) -> float:
        """How long it takes at its upper quantile, in seconds: which it exceeds once in five times."""
        return self.estimate_s + self.spread_s

    @property
    def listed_by(self) -> "Unit":
        """The listing for which it waits if it is a fork."""
        return Unit(self.variant, self.module, None, 0, 0, 0.0, "weight", False, listing=True)

    @property
    def planned(self) -> "Unit":
        """The planned unit of which this is an execution, or the unit itself."""
        return self if self.execution is None else replace(self, execution=None)


@dataclass(frozen=True)
class Plan:
    """The units in the order in which make starts them, and all that is needed to run them."""

    suite: str
    jobs: int | None
    grace_s: float
    log_bytes: int
    flaky: str
    keep: str
    variants: Mapping[str, PlanVariant]
    modules: Mapping[str, PlanModule]
    units: tuple[Unit, ...]
    shared_history: bool = False
    """Whether every machine has the same shipped history, so that the split into shards may use estimates."""
    slots: int | Literal["auto"] | None = None
    memory: int | Literal["auto"] | None = None
    """Slots and bytes of memory for the units of all runs on a machine; None: no limit; `auto`: the machine's own."""
    python: str | None = None
    """The project's Python where it has no environment: a program, or a path relative to the root."""
    steps: Mapping[str, PlanStep] = field(default_factory=dict)
    guard: tuple[str, ...] = ()
    """Folders and files of the user that a run with scenarios must not change, as the suite names them."""
    """Each after those that it needs."""

    def builds_of(self, unit: Unit) -> tuple[str, ...]:
        """What is built before a unit runs: all steps that it needs, in their order, and its variant."""
        return self._builds[unit.variant, unit.module]

    @cached_property
    def _builds(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        builds = {}
        for variant, module in {(unit.variant, unit.module) for unit in self.units}:
            needed = {*self.variants[variant].needs, *self.modules[module].needs}
            for step in reversed(list(self.steps.values())):
                if step.name in needed:
                    needed.update(step.needs)
            own = (variant,) if self.variants[variant].builds else ()
            builds[variant, module] = (*(name for name in self.steps if name in needed), *own)
        return builds

    def skips(self, unit: Unit) -> tuple[int, ...]:
        """The exit statuses with which a unit says that it was skipped."""
        own = self.modules[unit.module].skip_status
        return self.variants[unit.variant].skip_status if own is None else own

    def labels_of(self, unit: Unit) -> tuple[str, ...]:
        """The labels of a unit, sorted: those of its variant and of its module."""
        labels = (*self.variants[unit.variant].labels, *self.modules[unit.module].labels)
        return tuple(sorted(set(labels)))

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels that units have."""
        labels = [variant.labels for variant in self.variants.values()]
        labels += [module.labels for module in self.modules.values()]
        return frozenset().union(*labels)

    def command_of(self, unit: Unit) -> UnitCommand:
        """The command of a unit: its module's own, else its variant's."""
        module, variant = self.modules[unit.module], self.variants[unit.variant]
        words, shell, warm = variant.run, variant.shell, variant.warm
        if module.forks is not None:
            words, shell = module.forks.run_words, module.forks.run_shell
            warm = module.forks.warm is not None and not variant.cold
        elif module.run is not None:
            words, shell, warm = module.run, module.shell, module.warm and not variant.cold
        return self._with_args(unit.variant, unit.module, words, shell=shell, warm=warm)

    def select_command(self, unit: Unit) -> UnitCommand | None:
        """The command that runs only some cases of a unit; None if nothing can."""
        module, variant = self.modules[unit.module], self.variants[unit.variant]
        if module.forks is not None or module.results is None:
            return None
        select = variant.select if module.select is None and module.run is None else module.select
        if select is None:
            return None
        return self._with_args(unit.variant, unit.module, select.words, shell=select.shell, warm=False)

    def list_command(self, variant: str, module: str) -> UnitCommand:
        """The command that lists the classes of a module with forks."""
        forks = self.modules[module].forks
        assert forks is not None
        return self._with_args(variant, module, forks.list_words, shell=forks.list_shell, warm=False)

    def _with_args(self, variant: str, module: str, words: tuple[str, ...], *, shell: bool, warm: bool) -> UnitCommand:
        args = (*self.variants[variant].args, *self.modules[module].args)
        if shell:
            return UnitCommand(words, shell, warm, args)
        if "{args}" in words:
            words = tuple(each for word in words for each in (args if word == "{args}" else (word,)))
        return UnitCommand(words, shell, warm)

    def cwd_of(self, unit: Unit) -> str | None:
        """The working directory of a unit, relative to the root; None if it is the root."""
        own, variant = self.modules[unit.module].cwd, self.variants[unit.variant]
        cwd = variant.cwd if own is None else own
        if cwd == ".":
            return None
        values = {"variant": unit.variant, "target_dir": variant.target_dir, "module": unit.module}
        path = posixpath.normpath(expand(cwd, values))
        return None if path == "." else path

    @cached_property
    def text(self) -> str:
        """The text of the plan file."""
        return to_text(self)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the plan's text: two runs with the same hash planned the same units in the same order."""
        return hashlib.sha256(self.text.encode()).hexdigest()


Module = tuple[str, str]
"""The name of a variant and of a module: the units of a module in a variant."""


def forks_by_module(units: Iterable[Unit]) -> dict[Module, tuple[Unit, ...]]:
    """The forks among `units`, in their order, by their variant and module."""
    modules: dict[Module, list[Unit]] = {}
    for unit in units:
        if unit.fork is not None:
            modules.setdefault((unit.variant, unit.module), []).append(unit)
    return {module: tuple(forks) for module, forks in modules.items()}


def to_text(plan: Plan) -> str:
    """Return the text of the plan file: JSON with units as rows, so that 100,000 units stay small."""
    variant_index = {name: index for index, name in enumerate(plan.variants)}
    module_index = {name: index for index, name in enumerate(plan.modules)}
    head: dict[str, Any] = {
        "version": VERSION,
        "suite": plan.suite,
        "jobs": plan.jobs,
        "grace_s": plan.grace_s,
        "log_bytes": plan.log_bytes,
        "flaky": plan.flaky,
        "keep": plan.keep,
        "shared_history": plan.shared_history,
        "slots": plan.slots,
        "memory": plan.memory,
        "python": plan.python,
        **({"guard": plan.guard} if plan.guard else {}),
        "steps": [asdict(step) for step in plan.steps.values()],
        "variants": [_row(variant) for variant in plan.variants.values()],
        "modules": [_row(module) for module in plan.modules.values()],
        "units": [
            (
                variant_index[unit.variant],
                module_index[unit.module],
                unit.chunk,
                unit.first_index,
                unit.seed_count,
                round(unit.estimate_s, 4),
                unit.estimate_from,
                unit.failed_before,
                unit.memory_bytes,
                round(unit.spread_s, 4),
                unit.computes,
                unit.fork,
            )
            for unit in plan.units
        ],
    }
    return json.dumps(head, separators=(",", ":"), ensure_ascii=False) + "\n"


def _row(part: PlanVariant | PlanModule) -> dict[str, Any]:
    row = asdict(part)
    if row["select"] is None:
        del row["select"]
    return row


def from_text(text: str) -> Plan:
    """Return the plan from its file's text; raises `ValueError`, `KeyError` or `TypeError` for any other text."""
    data = parse_json(text)
    if data["version"] != VERSION:
        raise ValueError(f"version {data['version']}, not {VERSION}")
    variants = [PlanVariant(**_with_select(_with_tuples(row))) for row in data["variants"]]
    modules = [_module_in(row) for row in data["modules"]]
    units = tuple(Unit(variants[row[0]].name, modules[row[1]].name, *row[2:]) for row in data["units"])
    return Plan(
        suite=data["suite"],
        jobs=data["jobs"],
        grace_s=data["grace_s"],
        log_bytes=data["log_bytes"],
        flaky=data["flaky"],
        keep=data["keep"],
        shared_history=data.get("shared_history", False),
        slots=data.get("slots"),
        memory=data.get("memory"),
        python=data.get("python"),
        guard=tuple(data.get("guard", ())),
        variants={variant.name: variant for variant in variants},
        modules={module.name: module for module in modules},
        units=units,
        steps={row["name"]: PlanStep(**_with_tuples(row)) for row in data.get("steps", ())},
    )


def _module_in(row: Mapping[str, Any]) -> PlanModule:
    fields = _with_select(_with_tuples(row))
    if fields.get("forks"):
        fields["forks"] = PlanForks(**_with_tuples(fields["forks"]))
    if fields.get("results"):
        fields["results"] = PlanResults(**fields["results"])
    return PlanModule(**fields)


def _with_select(fields: dict[str, Any]) -> dict[str, Any]:
    if fields.get("select"):
        fields["select"] = PlanCommand(**_with_tuples(fields["select"]))
    return fields


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the file, its lists as the tuples that they were."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in dict(row).items()}


def write_plan(path: Path, plan: Plan) -> None:
    """Write the plan file by rename; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, plan.text.encode())


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read the plan file; raises `UseError` if it is missing, of another version, or damaged."""
    name = os.fspath(path)
    try:
        return from_text(read_regular(name).decode())
    except FileNotFoundError:
        what = "no plan here"
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OSError) as error:
        what = f"not a plan of this version ({error})"
    raise UseError.at(name, what, "run `longpole render`")


def planned_jobs(path: str | os.PathLike[str]) -> int | None:
    """The suite's number of jobs; None if it sets none, or if no plan can be read."""
    try:
        jobs = read_json(path)["jobs"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return jobs if isinstance(jobs, int) else None
