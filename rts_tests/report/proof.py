"""The proof that shards together ran the plan, each unit exactly once.

Every shard is cut from the plan by the same pure function, so shards agree if they saw the same plan. The proof does
not rely on that. It checks that all shards have the same plan, commit, seeds, platform and artifacts; that each of the
n parts is present once and planned its own units; and that each planned unit left exactly one record, in its own shard,
with the seeds that the plan gives it. For modules with forks, `proof_forks` checks the classes. `union` writes the
shards as one run afterwards.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.partition import parse_shard, partition
from longpole.rts_tests.contracts.plan import Plan, Unit, read_plan
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.record_file import all_records
from longpole.rts_tests.contracts.records import Record, RunInfo, read_run_info
from longpole.rts_tests.contracts.seeds import parse_override, seed_text, unit_seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.proof_forks import classes_proven, fork_reasons
from longpole.rts_tests.state.retention import read_ending

MAX_LISTED = 10
"""Units or shards named in one reason; more are counted."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A run that may be one of several parts; `records` holds all that it left, planned or not."""

    folder: Path
    info: RunInfo
    records: tuple[Record, ...]
    part: tuple[int, int]
    """(k, n) of `SHARD=k/n`; (1, 1) for a run of the whole plan."""
    plan: Plan | None
    """The plan in its folder; None if there is none, as in folders of older versions."""
    ended: bool
    """Whether the run came to its end, so that units without a record were not just cut off."""

    @property
    def name(self) -> str:
        """Its name in messages."""
        return f"shard {self.info.shard}" if self.info.shard else "the run"

    @property
    def platform(self) -> str:
        """The kind of platform: system and processor, without the release of the kernel."""
        words = self.info.machine.split()
        return " ".join(dict.fromkeys((words[0], words[-1]))) if words else "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is wrong with the shards, one line per reason: `lost` names what is missing, `wrong` what must not be there.

    Shards that only lost something still have a union, in which the lost units are `not run`.
    """

    lost: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons; none if the shards ran the plan, each unit exactly once."""
        return (*self.wrong, *self.lost)


def read_shard(folder: Path) -> Shard:
    """The run in `folder` with every readable record in it. Raises `UseError` if there is no run."""
    info = read_run_info(folder)
    _refuse_unsound(folder, info)
    plan = read_plan(folder / "plan.json") if (folder / "plan.json").exists() else None
    ending = read_ending(folder)
    return Shard(
        folder=folder,
        info=info,
        records=tuple(all_records(folder).values()),
        part=parse_shard(info.shard) or (1, 1),
        plan=plan,
        ended=ending is not None and ending.counts is not None,
    )


def _refuse_unsound(folder: Path, info: RunInfo) -> None:
    """Raise `UseError` if a field that the proof or the union uses has no possible value: the file may be anyone's."""
    try:
        texts = (info.suite, info.plan_hash, info.host, info.machine, info.commit or "", info.shard or "")
        numbers = (info.cores, 0 if info.jobs is None else info.jobs)
        sound = (
            all(type(text) is str for text in texts)
            and all(type(number) is int and 0 <= number < 10**6 for number in numbers)
            and all(type(name) is str for name, _, _ in info.planned)
        )
        _override(info)
        parse_shard(info.shard)
    except (TypeError, ValueError, UseError):
        sound = False
    if not sound:
        what = "not a readable run (a field has an impossible value)"
        raise UseError.at(str(folder / "run.json"), what, "give the folder of a run as Longpole wrote it")


def _override(info: RunInfo) -> tuple[int, ...] | None:
    return None if info.seed_override is None else parse_override(str(info.seed_override))


def plan_of(shards: Sequence[Shard], plan_file: str | None) -> Plan:
    """The plan to prove: that in `plan_file`, else the one that a shard carries. Raises `UseError` if there is none."""
    if plan_file is not None:
        return read_plan(plan_file)
    carried = next((shard.plan for shard in shards if shard.plan is not None), None)
    return carried or read_plan(shards[0].folder / "plan.json")


def prove(plan: Plan, shards: Sequence[Shard], suite: Plan, suite_file: str) -> Proof:
    """Why the shards are not the plan, or why it is not the plan of the suite in `suite_file` as it is now, `suite`."""
    lost: list[str] = []
    wrong = _differences(plan, shards)
    if not wrong:
        lost, wrong = _counted(plan, shards)
    if _essence(plan) != _essence(suite):
        wrong = [*wrong, f"the units of the plan are not those of {suite_file}"]
    return Proof(tuple(lost), tuple(wrong))


def _counted(plan: Plan, shards: Sequence[Shard]) -> tuple[list[str], list[str]]:
    """Reasons about parts, plans and records: what is missing, and what is wrong."""
    totals = sorted({total for _, total in (shard.part for shard in shards)})
    if len(totals) != 1:
        return [], [f"these are shards of different partitions: {', '.join(f'k of {total}' for total in totals)}"]
    own = partition(plan, totals[0])
    parts_lost, parts_wrong = _parts(totals[0], shards)
    records_lost, records_wrong = _records(plan, own, shards)
    forks_lost, forks_wrong = fork_reasons(plan, [(shard.name, shard.folder, shard.records) for shard in shards])
    wrong = [*parts_wrong, *_planned_otherwise(own, shards), *records_wrong, *forks_wrong]
    return [*parts_lost, *records_lost, *forks_lost], wrong


def verdict(plan: Plan, shards: Sequence[Shard]) -> str:
    """What was proven, in one line."""
    parts = "1 run" if len(shards) == 1 else f"{len(shards)} shards"
    classes = classes_proven(plan, [record for shard in shards for record in shard.records])
    and_classes = f", and {classes:,} {'class' if classes == 1 else 'classes'}" if classes else ""
    return f"{count(len(plan.units), 'unit')}{and_classes} in {parts}, each run exactly once"


def _names(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MAX_LISTED} more" if len(ids) > MAX_LISTED else ""
    return ", ".join(ids[:MAX_LISTED]) + more


# -- what all shards must have in common ------------------------------------------------------------------------------


def _essence(plan: Plan) -> dict[str, tuple[object, ...]]:
    """What must be the same wherever a plan is used: units, seeds and weights, but neither order nor estimates."""
    modules = plan.modules
    return {
        unit.id: (
            unit.target,
            unit.first_index,
            unit.seed_count,
            modules[unit.module].seed_policy,
            modules[unit.module].first_seed,
            modules[unit.module].weight,
        )
        for unit in plan.units
    }


def _differences(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    reasons = []
    essence = _essence(plan)
    for shard in shards:
        if shard.info.suite != plan.suite:
            reasons.append(f"{shard.name} is a run of the suite {shard.info.suite!r}, not of {plan.suite!r}")
        elif plan.shared_history and shard.info.plan_hash != plan.hash:
            what = f"{shard.name} ran another plan ({shard.info.plan_hash[:12]}, not {plan.hash[:12]})"
            reasons.append(f"{what}; suite and history must be the same everywhere")
        elif shard.plan is not None and _essence(shard.plan) != essence:
            reasons.append(f"{shard.name} ran another plan; the suite must be the same everywhere")
    for what, values in (
        ("with different commits", [shard.info.commit or "none" for shard in shards]),
        ("with different seeds given by SEED", [str(shard.info.seed_override) for shard in shards]),
        ("on different platforms", [shard.platform for shard in shards]),
    ):
        if len(set(values)) > 1:
            reasons.append(f"the shards ran {what}: {_who(shards, values)}")
    return [*reasons, *_artifacts(shards)]


def _artifacts(shards: Sequence[Shard]) -> list[str]:
    """A reason for each variant of which two shards tested different artifacts."""
    tested: dict[str, list[tuple[Shard, str]]] = defaultdict(list)
    for shard in shards:
        pairs = {(record.variant, record.artifact_sha256) for record in shard.records}
        for variant, sha in sorted((variant, sha) for variant, sha in pairs if sha is not None):
            tested[variant].append((shard, sha[:12]))
    reasons = []
    for variant, pairs_of in sorted(tested.items()):
        if len({sha for _, sha in pairs_of}) > 1:
            who = _who([shard for shard, _ in pairs_of], [sha for _, sha in pairs_of])
            reasons.append(f"the shards tested different artifacts of {variant}: {who}")
    return reasons


def _who(shards: Sequence[Shard], values: Sequence[str]) -> str:
    """`a (shard 1/3, shard 2/3), b (shard 3/3)`."""
    names: dict[str, list[str]] = defaultdict(list)
    for shard, value in zip(shards, values, strict=True):
        names[value].append(shard.name)
    return ", ".join(f"{value} ({_names(names[value])})" for value in sorted(names))


# -- what each shard must have ----------------------------------------------------------------------------------------


def _parts(total: int, shards: Sequence[Shard]) -> tuple[list[str], list[str]]:
    """Reasons about the parts as a whole: those that are missing, and those that are there several times."""
    times = [0] * (total + 1)
    for shard in shards:
        times[shard.part[0]] += 1
    missing = [f"{number}/{total}" for number in range(1, total + 1) if not times[number]]
    lost = [f"shard {name} is missing" for name in missing[:MAX_LISTED]]
    lost += [f"{len(missing) - MAX_LISTED} more shards are missing"] if len(missing) > MAX_LISTED else []
    several = [number for number in range(1, total + 1) if times[number] > 1]
    return lost, [f"shard {number}/{total} is present {times[number]} times" for number in several]


def _planned_otherwise(own: Sequence[Sequence[Unit]], shards: Sequence[Shard]) -> list[str]:
    reasons = []
    for shard in shards:
        planned = {name for name, _, _ in shard.info.planned}
        wanted = {unit.id for unit in own[shard.part[0] - 1]}
        if not_planned := sorted(wanted - planned):
            reasons.append(f"{shard.name} did not plan {_names(not_planned)}")
        if strange := sorted(planned - wanted):
            reasons.append(f"{shard.name} planned {_names(strange)}, which are not its own")
    return reasons


def _records(plan: Plan, own: Sequence[Sequence[Unit]], shards: Sequence[Shard]) -> tuple[list[str], list[str]]:
    """Reasons about records: those that are missing, and those that are wrong."""
    units = {unit.id: unit for unit in plan.units}
    number_of = {unit.id: number for number, part in enumerate(own, 1) for unit in part}
    times = dict.fromkeys(units, 0)
    foreign: list[str] = []
    wrong: list[str] = []
    for shard in shards:
        strange = [record.id for record in shard.records if record.id not in units]
        if strange:
            foreign.append(f"run and not planned: {_names(strange)} ({shard.name})")
        known = [record for record in shard.records if record.id in units]
        for record in known:
            times[record.id] += 1
        if others := [record.id for record in known if number_of[record.id] != shard.part[0]]:
            wrong.append(f"{shard.name} ran {_names(others)}, which {'is' if len(others) == 1 else 'are'} not its own")
        wrong += _otherwise(plan, shard, [(units[record.id], record) for record in known])
    if twice := [name for name, number in times.items() if number > 1]:
        wrong.append(f"run more than once: {_names(twice)}")
    return _lost(times, own, shards), [*foreign, *wrong]


def _otherwise(plan: Plan, shard: Shard, pairs: Sequence[tuple[Unit, Record]]) -> list[str]:
    """A reason if records are not of the unit whose id they have, and one if units ran with other seeds."""
    override = _override(shard.info)
    misplaced, reseeded = [], []
    for unit, record in pairs:
        own = (unit.target, unit.variant, unit.module, unit.chunk, unit.fork)
        if (record.target, record.variant, record.module, record.chunk, record.fork) != own:
            misplaced.append(unit.id)
        seeds = unit_seeds(unit, plan.modules[unit.module], shard.info.commit, override)
        text = seed_text(seeds.values) or None
        known = record.seeds if record.seeds is not None else text  # older records have no such field
        if (record.first_seed, record.seed_count, known) != (seeds.first, len(seeds.values), text):
            reseeded.append(unit.id)
    reasons = [f"{shard.name} has records that are not of their unit: {_names(misplaced)}"] if misplaced else []
    if reseeded:
        reasons.append(f"{shard.name} ran with other seeds than the plan gives: {_names(reseeded)}")
    return reasons


def _lost(times: dict[str, int], own: Sequence[Sequence[Unit]], shards: Sequence[Shard]) -> list[str]:
    reasons = []
    by_number = {shard.part[0]: shard for shard in shards}
    for number, part in enumerate(own, 1):
        shard = by_number.get(number)
        where = f" in shard {number}/{len(own)}" if len(own) > 1 else ""
        lost = [unit.id for unit in part if not times[unit.id]]
        cut = [record.id for record in shard.records if record.status == Status.CANCELLED] if shard else []
        if shard is not None and (lost or cut) and not shard.ended:
            reasons.append(f"{shard.name} did not end: it was cancelled, killed or out of time")
        if lost:
            reasons.append(f"planned and not run{where}: {_names(lost)}")
        if cut:
            reasons.append(f"interrupted{where}: {_names(cut)}")
    return reasons
