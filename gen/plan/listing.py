"""The plan as a table and as JSON: `longpole list`."""

from collections.abc import Sequence
from typing import Any

from longpole.rts_tests.contracts.commit import Commit
from longpole.rts_tests.contracts.filter import LABEL, Filter
from longpole.rts_tests.contracts.plan import Plan
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.seeds import unit_seeds

FAR = 1.1
"""The upper quantile of a unit's durations is shown if it exceeds the estimate by more than this factor."""

NOTEWORTHY_S = 0.1
"""... and by more than these seconds."""


def rows(plan: Plan, commit: Commit, override: Sequence[int] | None, only: Filter | None) -> list[dict[str, Any]]:
    """One object per unit, in plan order; `first_seed` is the one in force on this commit. Times in seconds."""
    listed = []
    for unit in plan.units:
        labels = plan.labels_of(unit)
        if only is not None and not only.matches(unit.id, labels):
            continue
        seeds = unit_seeds(unit, plan.modules[unit.module], commit.sha, override)
        listed.append(
            {
                "id": unit.id,
                "target": unit.target,
                "variant": unit.variant,
                "module": unit.module,
                "chunk": unit.chunk,
                "fork": unit.fork,
                "labels": labels,
                "cwd": plan.cwd_of(unit),
                "estimate_s": unit.estimate_s,
                "upper_s": round(unit.upper_s, 4),
                "estimate_from": unit.estimate_from,
                "memory_bytes": unit.memory_bytes,
                "seed_policy": plan.modules[unit.module].seed_policy,
                "first_seed": seeds.first,
                "seed_count": len(seeds.values),
            }
        )
    return listed


def table(units: list[dict[str, Any]]) -> str:
    """Lines of columns: estimate in seconds, its source, id, seeds, upper quantile if far above, labels; the total."""
    lines = []
    for row in units:
        if row["first_seed"] is None:
            seeds = ""
        elif row["seed_count"] == 1:
            seeds = f"  seed {row['first_seed']}"
        else:
            seeds = f"  {row['seed_count']} seeds from {row['first_seed']}"
        if row["upper_s"] > max(FAR * row["estimate_s"], row["estimate_s"] + NOTEWORTHY_S):
            seeds += f"  at times {seconds(row['upper_s'])}"
        labels = "".join(f"  {LABEL}{label}" for label in row["labels"])
        lines.append(f"{seconds(row['estimate_s']):>11}  {row['estimate_from']:8}  {row['id']}{seeds}{labels}")
    total = sum(row["estimate_s"] for row in units)
    return "\n".join([*lines, f"{seconds(total):>11}  in all, {count(len(units), 'unit')}"])
