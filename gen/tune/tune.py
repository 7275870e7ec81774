"""Better numbers of chunks, from history: `longpole tune`.

No schedule on `jobs` places is shorter than total / jobs, nor than the longest unit. So the longest unit is brought
under total / jobs, where it can be: a module's seeds are cut into more chunks. Each unit costs something of its own, so
no chunk gets shorter than a floor for that, and modules cut much finer than the floor are cut less finely, as long as
that does not make the longest unit the limit. Where something that cannot be cut is longer than total / jobs anyway,
nothing is gained by cutting the rest finer than that.

What a chunk of another size will take is read off what the chunks there are have taken, each spread evenly over its
seeds: a range of seeds that is slow stays slow.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from types import MappingProxyType

from longpole.gen.plan.plan import chunk_ranges, make_plan
from longpole.gen.suite.dialect import SUITE
from longpole.gen.suite.model import Command, Module, Suite, Variant
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.tune import edit
from longpole.gen.tune.regrouping import propose_groups
from longpole.gen.tune.relearn import relearn
from longpole.gen.tune.relearn_groups import relearn_groups, with_new_groups
from longpole.rts_tests.contracts import placeholders, yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.order import ordered
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.quantities import count, seconds

FLOOR_S = 0.5
TINY_S = FLOOR_S / 2
"""A module whose chunks are shorter than that on average is cut less finely; the gap to FLOOR_S keeps it there."""
AIM = 0.8
"""A new longest unit is to be this part of what it may be, so that noise does not ask for another change at once."""
WORTH = 1.01
"""What is that much too long is cut; less is not worth a change."""
_EXACT = 1 + 1e-9
_RANGE = frozenset({"first_seed", "seed_count"})
_SEEDS = _RANGE | {"seeds"}


@dataclass(frozen=True, slots=True)
class Change:
    """Another number of chunks for a module, and its longest unit before and after, in seconds."""

    module: str
    old: int | None
    new: int
    longest_before_s: float
    longest_after_s: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is proposed and what it is expected to do. Seconds; `units` are those without a history of their own."""

    suite: str
    jobs: int
    total_s: float
    changes: tuple[Change, ...]
    longest_before: tuple[float, str]
    longest_after: tuple[float, str]
    unknown: int
    notes: tuple[str, ...]
    groups: tuple[str, ...] = ()
    """Lines that say which groups of tests are joined and split."""

    @property
    def bounds_s(self) -> tuple[float, float]:
        """The least possible makespan before and after."""
        share = self.total_s / self.jobs
        return max(share, self.longest_before[0]), max(share, self.longest_after[0])


class Costs:
    """What the seeds of a module cost: in each variant, seconds as a function of the seeds up to an index."""

    def __init__(self, module: Module, units: Sequence[Unit]) -> None:
        self._seeds = module.seeds
        self._curves = []
        for variant in module.variants:
            mine = sorted((unit for unit in units if unit.variant == variant), key=lambda unit: unit.first_index)
            borders = [*(unit.first_index for unit in mine), module.seeds]
            self._curves.append((borders, list(accumulate((unit.estimate_s for unit in mine), initial=0.0))))
        self.total_s = max(curve[1][-1] for curve in self._curves)

    def longest_s(self, chunks: int) -> float:
        """The longest of that many chunks, in any variant."""
        borders = [*(first for first, _ in chunk_ranges(self._seeds, chunks)), self._seeds]
        return max(b - a for curve in self._curves for a, b in pairwise(_up_to(*curve, borders)))

    def fewest(self, longest_s: float, most: int) -> int:
        """The smallest number of chunks, at most `most`, none of which takes longer; `most` where there is none."""
        low, high = 0, 1
        while high < most and self.longest_s(high) > longest_s * _EXACT:
            low, high = high, min(2 * high, most)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.longest_s(middle) > longest_s * _EXACT else (low, middle)
        return high


def _up_to(borders: Sequence[int], sums: Sequence[float], points: Sequence[int]) -> list[float]:
    """The piecewise linear curve through (border, sum) at the given points."""
    found = []
    for point in points:
        at = min(bisect_right(borders, point), len(borders) - 1) - 1
        part = (point - borders[at]) / (borders[at + 1] - borders[at])
        found.append(sums[at] + part * (sums[at + 1] - sums[at]))
    return found


def obstacle(module: Module, variants: Mapping[str, Variant], units: Sequence[Unit]) -> str | None:
    """Why the number of chunks of a module cannot be chosen; None where it can."""
    if module.forks is not None:
        return f"has {count(module.forks.count, 'fork')}; a larger `max_forks` would make them shorter"
    if module.seeds < 2:
        return "has one seed" if module.seeds else "takes no seeds"
    used = [_names(module.run or variants[name].run) for name in module.variants]
    if not all(names & _SEEDS for names in used):
        return "is not told its seeds by `run`"
    if module.seed_policy == "commit" and any(names & _RANGE for names in used):
        return "takes its seeds from the commit, and `run` takes a range"
    if not any(unit.estimate_from == "history" for unit in units):
        return "has no history yet"
    return None


def _names(command: Command) -> frozenset[str]:
    return frozenset(name for word in command.argv for name in placeholders.names(word))


def propose(suite: Suite, plan: Plan, jobs: int) -> dict[str, int]:
    """Module to another number of chunks, in the suite's order; a pure function, which changes only what it should."""
    units, costs = _costs(suite, plan)
    target_s = sum(unit.estimate_s for unit in plan.units) / jobs
    fixed = [unit.estimate_s for module in suite.modules if module.name not in costs for unit in units[module.name]]
    finest = {module.name: _finest(module, costs[module.name]) for module in suite.modules if module.name in costs}
    target_s = max([target_s, *fixed, *(costs[name].longest_s(number) for name, number in finest.items())])
    found = {}
    for module in suite.modules:
        if module.name in costs:
            number = _better(module, costs[module.name], target_s, finest[module.name])
            if number is not None:
                found[module.name] = number
    return found


def _costs(suite: Suite, plan: Plan) -> tuple[dict[str, list[Unit]], dict[str, Costs]]:
    """Every module's units, and the costs of those modules whose number of chunks can be chosen."""
    units: dict[str, list[Unit]] = {module.name: [] for module in suite.modules}
    for unit in plan.units:
        units[unit.module].append(unit)
    variants = {variant.name: variant for variant in suite.variants}
    return units, {
        module.name: Costs(module, units[module.name])
        for module in suite.modules
        if obstacle(module, variants, units[module.name]) is None
    }


def _above_floor(module: Module, costs: Costs) -> int:
    return max(1, min(module.seeds, int(costs.total_s / FLOOR_S * _EXACT)))


def _finest(module: Module, costs: Costs) -> int:
    return max(_above_floor(module, costs), module.chunks or 1)


def _better(module: Module, costs: Costs, target_s: float, finest: int) -> int | None:
    now, floor = module.chunks or 1, _above_floor(module, costs)
    longest_s = costs.longest_s(now)
    if longest_s > target_s * WORTH:
        number = costs.fewest(AIM * target_s, finest)
        return number if number > now and costs.longest_s(number) < longest_s else None
    if costs.total_s / now < TINY_S:
        number = max(floor, costs.fewest(target_s, now))
        return number if number < now and costs.longest_s(number) <= target_s * _EXACT else None
    return None


def outcome(
    suite: Suite,
    plan: Plan,
    jobs: int,
    chunks: Mapping[str, int],
    refused: Sequence[str] = (),
    *,
    why: Mapping[str, str] = MappingProxyType({}),
) -> Tuning:
    """What the changes `chunks` are expected to do, and why what is still too long is so.

    `why` says that of groups of tests, by their names.
    """
    units, costs = _costs(suite, plan)
    total_s = sum(unit.estimate_s for unit in plan.units)
    before = max((unit.estimate_s, unit.id) for unit in plan.units)
    after, changes, notes = [], [], []
    variants = {variant.name: variant for variant in suite.variants}
    for module in suite.modules:
        longest_s, name = max((unit.estimate_s, unit.id) for unit in units[module.name])
        if module.name in chunks:
            new_s = costs[module.name].longest_s(chunks[module.name])
            changes.append(Change(module.name, module.chunks, chunks[module.name], longest_s, new_s))
            longest_s, name = new_s, f"a chunk of {module.name}"
        after.append((longest_s, name))
        if longest_s > total_s / jobs * WORTH:
            reason = why.get(module.name) or obstacle(module, variants, units[module.name])
            reason = reason or _limit(module, costs[module.name], chunks)
            notes.append(f"{name}, {seconds(longest_s)}: {module.name} {reason}")
    return Tuning(
        suite=suite.name,
        jobs=jobs,
        total_s=total_s,
        changes=tuple(changes),
        longest_before=before,
        longest_after=max(after),
        unknown=sum(unit.estimate_from != "history" for unit in plan.units),
        notes=(*notes, *refused),
    )


def _limit(module: Module, costs: Costs, chunks: Mapping[str, int]) -> str:
    if chunks.get(module.name, module.chunks or 1) >= module.seeds:
        return "has one seed a chunk"
    if _above_floor(module, costs) <= chunks.get(module.name, module.chunks or 1):
        return f"would get chunks shorter than {FLOOR_S} s"
    return "need not be cut finer while something else is longer"


def tune(suite_file: str, state: Path, jobs: int | None, cores: int, *, write: bool) -> str:
    """What is proposed, as text; with `write`, it is also done. Raises `UseError`."""
    data = yamltree.read(suite_file, SUITE)
    before = suite_from_bytes(data, suite_file)
    history = read_history(state)
    plan = ordered(make_plan(before), history)
    if not any(unit.estimate_from == "history" for unit in plan.units):
        raise UseError.at(str(state), "there is no history to tune from", "type `make test` first")
    places = jobs or before.limits.jobs or cores
    groups = propose_groups(data, suite_file, before, plan, state, jobs=places, cuttable=_costs(before, plan)[1])
    suite = suite_from_bytes(groups.data, suite_file)
    regrouped = ordered(make_plan(suite), with_new_groups(history, state, groups.changes))
    changed, chunks, refused = _possible(groups.data, suite_file, propose(suite, regrouped, places))
    found = outcome(suite, regrouped, places, chunks, (*groups.notes, *refused), why=groups.why)
    longest = max((unit.estimate_s, unit.id) for unit in plan.units)
    text = table(replace(found, longest_before=longest, groups=tuple(groups.lines)))
    if changed == data:
        return text
    if not write:
        return f"{text}\n`longpole tune --write` changes {suite_file}"
    edit.write_suite(suite_file, data, changed)
    relearn_groups(state, groups.changes)
    relearn(state, suite, suite_from_bytes(changed, suite_file))
    return f"{text}\nwrote {suite_file}; the next `make` renders from it"


def _possible(data: bytes, path: str, wanted: Mapping[str, int]) -> tuple[bytes, dict[str, int], list[str]]:
    """The file changed as far as it can be, what was changed, and what was not and why."""
    try:
        return edit.with_chunks(data, path, wanted), dict(wanted), []
    except (edit.ByHand, UseError):
        pass  # one of them; now one by one
    changed = data
    chunks: dict[str, int] = {}
    refused = []
    for module, number in wanted.items():
        try:
            changed = edit.with_chunks(data, path, {**chunks, module: number})
        except edit.ByHand:
            refused.append(f"write `chunks: {number}` of {module} yourself: its text is shared by others")
        except UseError as error:
            refused.append(f"{module} cannot have {number} chunks: {error.problems[0].what}")
        else:
            chunks[module] = number
    return changed, chunks, refused


def table(found: Tuning) -> str:
    """A line a change, then what all of them do together."""
    share = found.total_s / found.jobs
    lines = [
        f"{found.suite}: {seconds(found.total_s)} of units, {seconds(share)} for each of {count(found.jobs, 'job')}"
    ]
    lines += found.groups
    rows = [("module", "chunks", "longest unit")] if found.changes else []
    for each in found.changes:
        chunks = f"{each.old or 'none'} -> {each.new}"
        rows.append((each.module, chunks, f"{seconds(each.longest_before_s)} -> {seconds(each.longest_after_s)}"))
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines += [f"  {row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}" for row in rows]
    before, after = found.longest_before, found.longest_after
    if found.changes or found.groups:
        lines.append(f"longest unit:   {seconds(before[0])} -> {seconds(after[0])} ({after[1]})")
        lines.append(f"least makespan: {seconds(found.bounds_s[0])} -> {seconds(found.bounds_s[1])}")
    else:
        lines.append(f"longest unit:   {seconds(before[0])} ({before[1]})")
        lines.append(f"least makespan: {seconds(found.bounds_s[0])}; no change of chunks or groups would help")
    lines += [f"note: {note}" for note in found.notes]
    if found.unknown:
        lines.append(f"note: {count(found.unknown, 'unit')} {'have' if found.unknown > 1 else 'has'} no history yet")
    return "\n".join(lines)
