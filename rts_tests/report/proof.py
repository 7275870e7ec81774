"""The proof that shards together ran the plan, each unit exactly once; and their union as one run.

Every shard is cut from the plan by the same pure function, so shards agree if they saw the same plan. The proof does
not rely on that. It checks that all shards have the same commit and seed, and the same plan if it was cut by a shared
history; that each of the n parts is present once and planned its own units; and that each planned unit left exactly
one record in all shards together.
"""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.partition import parse_shard, partition
from longpole.rts_tests.contracts.plan import Plan, write_plan
from longpole.rts_tests.contracts.record_file import RecordWriter, all_records, read_records
from longpole.rts_tests.contracts.records import Record, RunInfo, log_path, read_run_info, write_run_info
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.formats.junit import junit_xml
from longpole.rts_tests.report.formats.text import report_text
from longpole.rts_tests.report.formats.trace import trace_json
from longpole.rts_tests.report.summary import summarize

MAX_LISTED = 10
"""Units named in one reason; more are counted."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A run that may be one of several parts; `records` holds all that it left, planned or not."""

    folder: Path
    info: RunInfo
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        """Its name in messages."""
        return f"shard {self.info.shard}" if self.info.shard else "the run"


def read_shard(folder: Path) -> Shard:
    """The run in `folder` with every readable record in it. Raises `UseError` if there is no run."""
    return Shard(folder, read_run_info(folder), tuple(all_records(folder).values()))


def _names(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MAX_LISTED} more" if len(ids) > MAX_LISTED else ""
    return ", ".join(ids[:MAX_LISTED]) + more


def disproof(plan: Plan, shards: Sequence[Shard], ids: Collection[str], suite_file: str) -> list[str]:
    """Why the shards are not the plan, or the plan is not that of the suite with the units `ids`: one line per reason.

    Empty if the shards ran the plan, each unit exactly once.
    """
    reasons = _differences(plan, shards) or [*_wrong_parts(plan, shards), *_wrong_records(plan, shards)]
    strange = {unit.id for unit in plan.units} != set(ids)
    return [*reasons, *([f"the units of the plan are not those of {suite_file}"] if strange else [])]


def verdict(plan: Plan, shards: Sequence[Shard]) -> str:
    """What was proven, in one line."""
    parts = "1 run" if len(shards) == 1 else f"{len(shards)} shards"
    return f"{len(plan.units)} units in {parts}, each run exactly once"


def _differences(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    reasons = []
    for shard in shards:
        if plan.shared_history and shard.info.plan_hash != plan.hash:
            what = f"{shard.name} ran another plan ({shard.info.plan_hash[:12]}, not {plan.hash[:12]})"
            reasons.append(f"{what}; suite and history must be the same everywhere")
    for what, values in (
        ("commits", {shard.info.commit or "none" for shard in shards}),
        ("seeds given by SEED", {str(shard.info.seed_override) for shard in shards}),
    ):
        if len(values) > 1:
            reasons.append(f"the shards ran with different {what}: {', '.join(sorted(values))}")
    return reasons


def _wrong_parts(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    parts = [parse_shard(shard.info.shard) or (1, 1) for shard in shards]
    totals = sorted({total for _, total in parts})
    if len(totals) != 1:
        return [f"these are shards of different partitions: {', '.join(f'k of {total}' for total in totals)}"]
    reasons = []
    total = totals[0]
    for number in range(1, total + 1):
        times = sum(part == (number, total) for part in parts)
        if times != 1:
            reasons.append(f"shard {number}/{total} is {'missing' if not times else f'present {times} times'}")
    expected = partition(plan, total)
    for (number, _), shard in zip(parts, shards, strict=True):
        planned = {name for name, _, _ in shard.info.planned}
        wanted = {unit.id for unit in expected[number - 1]}
        if lost := sorted(wanted - planned):
            reasons.append(f"{shard.name} did not plan {_names(lost)}")
        if strange := sorted(planned - wanted):
            reasons.append(f"{shard.name} planned {_names(strange)}, which are not its own")
    return reasons


def _wrong_records(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    times = dict.fromkeys((unit.id for unit in plan.units), 0)
    strange = []
    for shard in shards:
        for record in shard.records:
            if record.id in times:
                times[record.id] += 1
            else:
                strange.append(record.id)
    reasons = []
    if lost := [name for name, number in times.items() if not number]:
        reasons.append(f"planned and not run: {_names(lost)}")
    if twice := [name for name, number in times.items() if number > 1]:
        reasons.append(f"run more than once: {_names(twice)}")
    if strange:
        reasons.append(f"run and not planned: {_names(strange)}")
    return reasons


def merge(plan: Plan, shards: Sequence[Shard], into: Path) -> RunInfo:
    """Write the union of the shards to `into`, as one run of the whole plan; a unit that ran twice is kept once.

    Each shard keeps its own lanes, and its start time as far as the machines' clocks agree. Raises `OSError`.
    """
    (into / "units").mkdir(parents=True, exist_ok=True)
    begun = [datetime.fromisoformat(shard.info.started_at) for shard in shards]
    writer = RecordWriter(into)
    lanes = 0
    for shard, start in zip(shards, begun, strict=True):
        later = (start - min(begun)).total_seconds()
        for record in shard.records:
            moved = replace(record, lane=record.lane + lanes, started_s=round(record.started_s + later, 6))
            writer.write(moved)
            try:
                shutil.copyfile(log_path(shard.folder, record.target), log_path(into, record.target))
            except FileNotFoundError:
                pass  # most units that pass print nothing
        lanes += max((record.lane + 1 for record in shard.records), default=0)
    writer.close()
    first = shards[begun.index(min(begun))].info
    jobs = [shard.info.jobs for shard in shards]
    info = replace(
        first,
        jobs=None if None in jobs else sum(number or 0 for number in jobs),
        cores=sum(shard.info.cores for shard in shards),
        host=", ".join(dict.fromkeys(shard.info.host for shard in shards)),
        shard=None,
        planned=tuple((unit.id, unit.target, unit.estimate_s) for unit in plan.units),
    )
    write_run_info(into, info)
    return info


def publish_union(plan: Plan, shards: Sequence[Shard], into: Path) -> None:
    """`merge`, then write the plan, the report as text and HTML, JUnit and trace beside it. Raises `OSError`."""
    info = merge(plan, shards, into)
    summary = summarize(into, info, read_records(into, info))
    write_plan(into / "plan.json", plan)
    write_atomic(into / "report.txt", report_text(summary).encode(errors="replace"))
    write_atomic(into / "junit.xml", junit_xml(summary))
    write_atomic(into / "trace.json", trace_json(summary))
    write_atomic(into / "report.html", report_html(summary))
