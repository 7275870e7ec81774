"""Seeds: pure functions of the commit, the module and the seed's index, never of a unit's position or variant."""

import hashlib
from dataclasses import dataclass

from rts_tests.errors import Problem, UseError
from rts_tests.plan import PlanModule, Unit

FALLBACK = 4711
"""The seed where no commit is known."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds of one unit, in order; empty for a module that takes none."""

    values: tuple[int, ...]
    source: str

    @property
    def first(self) -> int | None:
        """The first one."""
        return self.values[0] if self.values else None


def commit_seed(sha: str | None, module: str, index: int) -> int:
    """The first 4 bytes, big-endian, of SHA-256("<sha>:<module>:<index>"); the fallback without a commit."""
    if sha is None:
        return FALLBACK
    return int.from_bytes(hashlib.sha256(f"{sha}:{module}:{index}".encode()).digest()[:4], "big")


def other_seeds(seeds: Seeds) -> Seeds:
    """As many seeds, in a range that starts elsewhere, always the same elsewhere: to see whether the seed matters."""
    count = len(seeds.values)
    digest = hashlib.sha256(f"other than {seeds.first}".encode()).digest()
    first = int.from_bytes(digest[:4], "big") % (2**32 - count + 1)
    return Seeds(tuple(range(first, first + count)), "other")


def parse_override(text: str | None) -> int | None:
    """The value of `SEED=`: a decimal number that fits 32 bits, or None when it is unset or empty."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < 2**32):
        what, remedy = f"{text!r} is not a seed", "give a whole number from 0 to 4294967295, as in SEED=7"
        raise UseError(Problem(file="SEED", line=None, column=None, what=what, remedy=remedy))
    return int(text)


def unit_seeds(unit: Unit, module: PlanModule, sha: str | None, override: int | None) -> Seeds:
    """The seeds that `unit` runs with. An override is that one seed and no other."""
    if not unit.seed_count:
        return Seeds((), "takes none")
    if override is not None:
        return Seeds((override,), "SEED")
    indexes = range(unit.first_index, unit.first_index + unit.seed_count)
    if module.seed_policy == "commit":
        source = "commit" if sha else "fallback"
        return Seeds(tuple(commit_seed(sha, module.name, index) for index in indexes), source)
    return Seeds(tuple(module.first_seed + index for index in indexes), "fixed")
