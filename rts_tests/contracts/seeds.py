"""Seeds: pure functions of the commit, the module and the seed's index, never of a unit's position or variant."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import PlanModule, Unit

FALLBACK = 4711
"""The seed if no commit is known."""
MAX_SEEDS = 100_000
"""Seeds that `SEED=` may name: a mistyped range must not fill the memory."""

_SEED_OR_RANGE = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds of one unit, in order; empty for a module that takes no seeds."""

    values: tuple[int, ...]
    source: str
    """`fixed`, `commit`, `fallback` or `takes none`, by policy; `SEED` if SEED= gave or can give them; or `other`."""

    @property
    def first(self) -> int | None:
        """The first seed; None if there is none."""
        return self.values[0] if self.values else None


def commit_seed(sha: str | None, module: str, index: int) -> int:
    """Return the first 4 bytes, big-endian, of SHA-256("<sha>:<module>:<index>"); `FALLBACK` without a commit."""
    if sha is None:
        return FALLBACK
    return int.from_bytes(hashlib.sha256(f"{sha}:{module}:{index}".encode()).digest()[:4], "big")


def other_seeds(seeds: Seeds) -> Seeds:
    """Return as many other seeds, to find out whether the seed matters: a range that depends only on the first seed."""
    count = len(seeds.values)
    digest = hashlib.sha256(f"other than {seeds.first}".encode()).digest()
    first = int.from_bytes(digest[:4], "big") % (2**32 - count + 1)
    return Seeds(tuple(range(first, first + count)), "other")


def execution_seeds(sha: str | None, module: str, number: int, count: int) -> Seeds:
    """Return the `count` seeds of an execution with its own seeds: a range that depends on the number and commit."""
    digest = hashlib.sha256(f"{sha or FALLBACK}:{module}:execution {number}".encode()).digest()
    first = int.from_bytes(digest[:4], "big") % (2**32 - count + 1)
    return Seeds(tuple(range(first, first + count)), "SEED")


def parse_override(text: str | None) -> tuple[int, ...] | None:
    """Parse the value of `SEED=`: 32-bit numbers and ranges, `7`, `30-35` or `5,9`; None if unset or empty.

    Raises `UseError`.
    """
    if not text:
        return None
    values: list[int] = []
    for part in text.split(","):
        match = _SEED_OR_RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < 2**32:
            what, remedy = (
                f"{text!r} is not a seed",
                "give whole numbers from 0 to 4294967295, as in SEED=7 or SEED=30-35",
            )
            raise UseError.at("SEED", what, remedy)
        if len(values) + last - first >= MAX_SEEDS:
            what, remedy = f"{text!r} names more than {MAX_SEEDS} seeds", "give fewer seeds"
            raise UseError.at("SEED", what, remedy)
        values += range(first, last + 1)
    return tuple(values)


def seed_text(values: Sequence[int]) -> str:
    """Return the shortest text that `parse_override` parses to these seeds, in their order."""
    parts: list[list[int]] = []
    for value in values:
        if parts and value == parts[-1][1] + 1:
            parts[-1][1] = value
        else:
            parts.append([value, value])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def unit_seeds(unit: Unit, module: PlanModule, sha: str | None, override: Sequence[int] | None) -> Seeds:
    """Return the seeds of `unit`; an `override` replaces them all."""
    if not unit.seed_count:
        return Seeds((), "takes none")
    if override is not None:
        return Seeds(tuple(override), "SEED")
    indexes = range(unit.first_index, unit.first_index + unit.seed_count)
    if module.seed_policy == "commit":
        source = "commit" if sha else "fallback"
        return Seeds(tuple(commit_seed(sha, module.name, index) for index in indexes), source)
    return Seeds(tuple(module.first_seed + index for index in indexes), "fixed")
