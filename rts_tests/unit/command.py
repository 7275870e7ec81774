"""The command of a unit, and its reproducer: the line that a user pastes to run it again."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.placeholders import expand, names
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.seeds import Seeds, seed_text


def unit_command(plan: Plan, unit: Unit, seeds: Seeds, make: str) -> tuple[str, ...]:
    """Return the argument list of a unit, without placeholders; their values are quoted if the suite uses a shell."""
    variant = plan.variants[unit.variant]
    values = {
        "make": make,
        "python": sys.executable,
        "artifact": variant.artifact or "",
        "target_dir": variant.target_dir,
        "variant": unit.variant,
        "module": unit.module,
        "chunk": "" if unit.chunk is None else str(unit.chunk),
        "first_seed": str(seeds.first or 0),
        "seed_count": str(len(seeds.values)),
        "seeds": ",".join(map(str, seeds.values)),
    }
    if variant.shell:
        values = {name: shlex.quote(value) for name, value in values.items()}
    return tuple(expand(word, values) for word in variant.run)


def reproducer(unit: Unit, seeds: Seeds, sha: str | None, call: str) -> str:
    """Return the line that runs the unit again with the same seeds on the same commit; it calls make as `call` does."""
    line = f"{call} {unit.planned.target}"
    if seeds.source == "SEED" or (seeds.source in ("commit", "fallback") and len(seeds.values) == 1):
        return f"{line} SEED={seed_text(seeds.values)}"
    if seeds.source == "commit":
        return f"LONGPOLE_REV={sha} {line}"
    return line


def refuse_scattered(plan: Plan, units: Iterable[Unit], override: Sequence[int] | None) -> None:
    """Raise `UseError` if the seeds in `override` are not one range, but the command of a unit takes a range."""
    if override is None or all(after == before + 1 for before, after in pairwise(override)):
        return
    for name in dict.fromkeys(unit.variant for unit in units if unit.seed_count):
        used = frozenset[str]().union(*(names(word) for word in plan.variants[name].run))
        if "seeds" not in used and used & {"first_seed", "seed_count"}:
            what = f"the units of {name} take a range of seeds, and {seed_text(override)} is not a range"
            raise UseError.at("SEED", what, "give one seed or one range, as in SEED=30-35")
