"""The proof that shards which ran apart are together the plan, each unit exactly once; and their union as one run.

Every shard is cut from the plan by the same pure function, so shards agree if they saw the same plan. That is what is
proven here instead of believed: commit and seed are the same in all shards, and the plan where it was cut by a shared
history; each of the n parts is there once, each planned what the plan gives it, and each planned unit left exactly one
record in all of them together.
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

LISTED = 10
"""Units named in one complaint; more are counted."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A run that may be one part of several; `records` are those it left, whoever planned them."""

    folder: Path
    info: RunInfo
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"shard {self.info.shard}" if self.info.shard else "the run"


def read_shard(folder: Path) -> Shard:
    """The run in `folder` with every readable record in it. Raises `UseError` when it is no run."""
    return Shard(folder, read_run_info(folder), tuple(all_records(folder).values()))


def _names(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - LISTED} more" if len(ids) > LISTED else ""
    return ", ".join(ids[:LISTED]) + more


def disproof(plan: Plan, shards: Sequence[Shard], ids: Collection[str], suite_file: str) -> list[str]:
    """Why the shards are not the plan, or the plan not that of the suite, whose units are `ids`: one line a reason.

    Empty when the shards are the plan, each unit exactly once.
    """
    found = _unlike_each_other(plan, shards) or [*_wrong_parts(plan, shards), *_wrong_records(plan, shards)]
    strange = {unit.id for unit in plan.units} != set(ids)
    return [*found, *([f"the plan's units are not those of {suite_file}"] if strange else [])]


def verdict(plan: Plan, shards: Sequence[Shard]) -> str:
    """What was proven, in one line."""
    parts = "1 run" if len(shards) == 1 else f"{len(shards)} shards"
    return f"{len(plan.units)} units in {parts}, each run exactly once"


def _unlike_each_other(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    found = []
    for shard in shards:
        if plan.shared_history and shard.info.plan_hash != plan.hash:
            what = f"{shard.name} ran another plan ({shard.info.plan_hash[:12]}, not {plan.hash[:12]})"
            found.append(f"{what}; suite and history must be the same everywhere")
    for what, values in (
        ("commits", {shard.info.commit or "none" for shard in shards}),
        ("seeds given by SEED", {str(shard.info.seed_override) for shard in shards}),
    ):
        if len(values) > 1:
            found.append(f"the shards ran with different {what}: {', '.join(sorted(values))}")
    return found


def _wrong_parts(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    parts = [parse_shard(shard.info.shard) or (1, 1) for shard in shards]
    totals = sorted({total for _, total in parts})
    if len(totals) != 1:
        return [f"these are shards of different partitions: {', '.join(f'k of {total}' for total in totals)}"]
    found = []
    total = totals[0]
    for number in range(1, total + 1):
        times = sum(part == (number, total) for part in parts)
        if times != 1:
            found.append(f"shard {number}/{total} is {'missing' if not times else f'there {times} times'}")
    expected = partition(plan, total)
    for (number, _), shard in zip(parts, shards, strict=True):
        planned = {name for name, _, _ in shard.info.planned}
        wanted = {unit.id for unit in expected[number - 1]}
        if lost := sorted(wanted - planned):
            found.append(f"{shard.name} did not plan {_names(lost)}")
        if strange := sorted(planned - wanted):
            found.append(f"{shard.name} planned {_names(strange)}, which are not its own")
    return found


def _wrong_records(plan: Plan, shards: Sequence[Shard]) -> list[str]:
    times = dict.fromkeys((unit.id for unit in plan.units), 0)
    strange = []
    for shard in shards:
        for record in shard.records:
            if record.id in times:
                times[record.id] += 1
            else:
                strange.append(record.id)
    found = []
    if lost := [name for name, number in times.items() if not number]:
        found.append(f"planned and not run: {_names(lost)}")
    if twice := [name for name, number in times.items() if number > 1]:
        found.append(f"run more than once: {_names(twice)}")
    if strange:
        found.append(f"run and not planned: {_names(strange)}")
    return found


def merge(plan: Plan, shards: Sequence[Shard], into: Path) -> RunInfo:
    """Write the shards' union to `into`, as one run of the whole plan; a unit run twice is kept once.

    Each shard keeps its own lanes, and its place on the clock as far as the machines' clocks agree. Raises `OSError`.
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
    """`merge`, and beside the records the plan, the report as text and HTML, JUnit and trace. Raises `OSError`."""
    info = merge(plan, shards, into)
    summary = summarize(into, info, read_records(into, info))
    write_plan(into / "plan.json", plan)
    write_atomic(into / "report.txt", report_text(summary).encode())
    write_atomic(into / "junit.xml", junit_xml(summary))
    write_atomic(into / "trace.json", trace_json(summary))
    write_atomic(into / "report.html", report_html(summary))
