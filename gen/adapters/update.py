"""`longpole init --update`: the suite as it is, and what came and went since.

suite.yaml + project ─▶ draft ─▶ comparison ─▶ suite.yaml, changed where it must be
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from longpole.gen.adapters.compare import compare, is_of
from longpole.gen.adapters.edit import edited
from longpole.gen.adapters.init import SUITE, draft_of
from longpole.gen.adapters.model import NamesTests, Settings
from longpole.gen.adapters.registry import Found
from longpole.gen.suite.dialect import SUITE as DIALECT
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.tune.edit import write_suite
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import Problem, UseError


@dataclass(frozen=True, slots=True)
class Update:
    """The suite before and after, a line for each module that changes, what cannot be mapped, and what to look at."""

    before: bytes
    after: bytes
    lines: tuple[str, ...]
    contents: str
    unmapped: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = (data.decode().splitlines(keepends=True) for data in (self.before, self.after))
        lines = difflib.unified_diff(old, new, SUITE, SUITE)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def read_present() -> bytes:
    """The suite of the current folder. Raises `UseError` if there is none, or it is none."""
    if not Path(SUITE).exists():
        raise UseError.at(SUITE, "there is no suite to update", "type `longpole init`, which writes one")
    data = yamltree.read(SUITE, DIALECT)
    suite_from_bytes(data, SUITE)
    return data


def propose_update(root: Path, found: Found, settings: Settings, data: bytes) -> Update:
    """Ask the runner for its tests, and change the suite `data` to hold them. Raises `UseError`."""
    draft, contents = draft_of(root, found, settings)
    present = suite_from_bytes(data, SUITE)
    if not is_of(draft, present):
        what = f"no variant runs the tests as `init --from {found.adapter.name}` would: its `run` is another"
        raise UseError.at(SUITE, what, "`longpole init --dry-run` prints what it would write; put it in by hand")
    adapter = found.adapter
    result = compare(draft, present, adapter.with_tests if isinstance(adapter, NamesTests) else None)
    after = edited(data, SUITE, result.edit)
    return Update(data, after, result.lines, contents, draft.unmapped, result.notes)


def write_update(update: Update) -> list[str]:
    """Write the suite if it changes; return lines about it. Raises `UseError` if it has changed meanwhile."""
    if update.before == update.after:
        return [f"{SUITE} has {update.contents}; nothing to do"]
    write_suite(SUITE, update.before, update.after)
    return [*update.lines, f"wrote {SUITE}; the next `make` renders from it"]
