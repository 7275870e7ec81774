"""The command of a unit, and its reproducer: the line that a user pastes to run it again."""

import os
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.debug_ports import port_shift, shifted_command
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.placeholders import expand, names
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.plan_parts import SCENARIO_SETTINGS
from longpole.rts_tests.contracts.seeds import Seeds, seed_text
from longpole.rts_tests.forks.arguments import CLASSES, ForkArguments, expanded_words
from longpole.rts_tests.machine.processes import usable_cores

CASES = "{cases}"
"""The placeholder that is a word of its own, and stands for a word for each case."""
_SPECIAL = re.compile(r"[][\\.^$*+?(){}|]")
_ESCAPED = r"\\\g<0>"


def unit_command(
    plan: Plan,
    unit: Unit,
    seeds: Seeds,
    make: str,
    python: str,
    *,
    share: ForkArguments | None = None,
    cases: tuple[str, ...] = (),
    state: str | os.PathLike[str] = ".longpole",
) -> tuple[str, ...]:
    """Return the argument list of a unit, without placeholders; their values are quoted if the suite uses a shell.

    `make` and `python` are the programs that `{make}` and `{python}` stand for. Paths are relative to the suite's
    folder; they are absolute for a unit with another working directory. `share` is what a fork is given; as long as
    that is not known, its placeholders stay as they are. With `cases`, it runs only the cases of these names. `state`
    is the state directory, which has the settings of scenarios.
    """
    command = plan.list_command(unit.variant, unit.module) if unit.listing else plan.command_of(unit)
    select = plan.select_command(unit) if cases else None
    if select is not None:
        command = select
    if unit.fork is not None and (by := port_shift(plan, unit)) > 0:
        command, _ = shifted_command(command, by)
    values = _values(plan, unit, seeds, make, python)
    if plan.modules[unit.module].scenario is not None:
        values["scenarios"] = os.path.join(state, SCENARIO_SETTINGS)
    many: dict[str, tuple[str, ...]] = {CLASSES: (CLASSES,)}
    if select is not None:
        many[CASES], values["cases_regex"] = cases, exactly(cases)
    if unit.fork is not None or unit.listing:
        unknown = {name: f"{{{name}}}" for word in (*command.words, *command.args) for name in names(word)}
        known = share.values if share else _known(plan, unit)
        values = {**unknown, **values, **known}
        many[CLASSES] = share.classes if share else many[CLASSES]
    if command.shell:
        args = " ".join(shlex.quote(expand(word, values)) for word in command.args)
        values = {**{name: shlex.quote(value) for name, value in values.items()}, "args": args}
    return expanded_words(command.words, values, many, shell=command.shell)


def exactly(names: Iterable[str]) -> str:
    """A regular expression, extended or of any newer kind, that matches exactly these names."""
    return f"^({'|'.join(_SPECIAL.sub(_ESCAPED, name) for name in names)})$"


def _known(plan: Plan, unit: Unit) -> dict[str, str]:
    """The values of a fork's placeholders that are known before its classes are listed."""
    forks = plan.modules[unit.module].forks
    if unit.fork is None or forks is None:
        return {}
    return {"fork": str(unit.fork), "threads": str(forks.threads or usable_cores())}


def _values(plan: Plan, unit: Unit, seeds: Seeds, make: str, python: str) -> dict[str, str]:
    """The values of the placeholders that all units may use."""
    variant = plan.variants[unit.variant]
    artifact, target_dir = variant.artifact or "", variant.target_dir
    if plan.cwd_of(unit) is not None:
        artifact, target_dir = artifact and os.path.abspath(artifact), os.path.abspath(target_dir)
        make = os.path.abspath(make) if "/" in make else make
    return {
        "make": make,
        "python": python,
        "longpole_python": sys.executable,
        "clients": clients_folder(),
        "artifact": artifact,
        "target_dir": target_dir,
        "variant": unit.variant,
        "module": unit.module,
        "chunk": "" if unit.chunk is None else str(unit.chunk),
        "first_seed": str(seeds.first or 0),
        "seed_count": str(len(seeds.values)),
        "seeds": ",".join(map(str, seeds.values)),
    }


def reproducer(unit: Unit, seeds: Seeds, sha: str | None, call: str, *, failed: bool = False) -> str:
    """Return the line that runs the unit again with the same seeds on the same commit; it calls make as `call` does.

    For a fork that `failed` it runs all forks of the module, because a class may be in another fork next time.
    """
    all_forks = failed and unit.fork is not None
    line = f"{call} {f'test-{unit.variant}-{unit.module}' if all_forks else unit.planned.target}"
    if seeds.source == "SEED" or (seeds.source in ("commit", "fallback") and len(seeds.values) == 1):
        return f"{line} SEED={seed_text(seeds.values)}"
    if seeds.source == "commit":
        return f"LONGPOLE_REV={sha} {line}"
    return line


def refuse_scattered(plan: Plan, units: Iterable[Unit], override: Sequence[int] | None) -> None:
    """Raise `UseError` if the seeds in `override` are not one range, but the command of a unit takes a range."""
    if override is None or all(after == before + 1 for before, after in pairwise(override)):
        return
    groups = {(unit.variant, unit.module): unit for unit in units if unit.seed_count}
    for unit in groups.values():
        used = frozenset[str]().union(*(names(word) for word in plan.command_of(unit).words))
        if "seeds" not in used and used & {"first_seed", "seed_count"}:
            what = f"the units of {unit.variant} take a range of seeds, and {seed_text(override)} is not a range"
            raise UseError.at("SEED", what, "give one seed or one range, as in SEED=30-35")
