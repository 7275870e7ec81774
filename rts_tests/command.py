"""From a unit to the words that are executed, and to the line that a person pastes to run it again."""

import shlex
import sys

from rts_tests.placeholders import expand
from rts_tests.plan import Plan, Unit
from rts_tests.seeds import Seeds


def unit_command(plan: Plan, unit: Unit, seeds: Seeds, make: str) -> tuple[str, ...]:
    """The argument list of a unit, every placeholder filled in; quoted where the suite asked for a shell."""
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


def reproducer(unit: Unit, seeds: Seeds, sha: str | None) -> str:
    """One line that runs the unit again with the same seeds on the same commit."""
    line = f"make {unit.target}"
    if seeds.source in ("SEED", "commit", "fallback"):
        if len(seeds.values) == 1:
            return f"{line} SEED={seeds.values[0]}"
        if sha is not None:
            return f"LONGPOLE_REV={sha} {line}"
    return line
