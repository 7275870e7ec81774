"""The seeds in force, as a table and as JSON: `longpole seed`."""

from collections.abc import Sequence
from typing import Any

from longpole.gen.suite.model import Module
from longpole.gen.suite.read import load_suite
from longpole.rts_tests.contracts.commit import Commit
from longpole.rts_tests.contracts.seeds import commit_seed


def rows(suite_file: str, commit: Commit, override: Sequence[int] | None) -> list[dict[str, Any]]:
    """One object per module: its policy, its first seed, the number of seeds and their source."""
    return [_row(module, commit, override) for module in load_suite(suite_file).modules]


def _row(module: Module, commit: Commit, override: Sequence[int] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"module": module.name, "seed_policy": module.seed_policy, "first_seed": None}
    row |= {"seed_count": module.seeds, "source": "takes no seeds"}
    if not module.seeds:
        return row
    if override is not None:
        return row | {"first_seed": override[0], "seed_count": len(override), "source": "SEED"}
    if module.seed_policy == "fixed":
        return row | {"first_seed": module.first_seed, "source": "suite"}
    first = commit_seed(commit.sha, module.name, 0)
    source = f"commit {commit.sha} ({commit.source})" if commit.sha else f"fallback ({commit.source})"
    return row | {"first_seed": first, "source": source}


def table(modules: list[dict[str, Any]]) -> str:
    """Lines of columns: module, first seed, count, source."""
    width = max(len(row["module"]) for row in modules)
    lines = []
    for row in modules:
        first = "-" if row["first_seed"] is None else str(row["first_seed"])
        lines.append(f"{row['module']:{width}}  {first:>10}  x {row['seed_count']:<5} {row['source']}")
    return "\n".join(lines)
