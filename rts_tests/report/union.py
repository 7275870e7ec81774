"""The union of shards as one run: records, logs, plan, the classes of forks, and the reports of a run.

The folders of shards may come from anywhere, so nothing in them decides where something is written, and links in them
are not followed. The union is made beside its place and renamed to it: it is there as a whole, or not at all.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.plan import Plan, write_plan
from longpole.rts_tests.contracts.record_file import RecordWriter, read_records
from longpole.rts_tests.contracts.records import LogState, Record, RunInfo, log_path, write_run_info
from longpole.rts_tests.forks.assignment import write_assignment
from longpole.rts_tests.report.formats.html import report_html
from longpole.rts_tests.report.formats.junit import junit_xml
from longpole.rts_tests.report.formats.text import report_text
from longpole.rts_tests.report.formats.trace import trace_json
from longpole.rts_tests.report.proof import Shard
from longpole.rts_tests.report.proof_forks import assigned
from longpole.rts_tests.report.summary import Summary, summarize


def refuse_used(into: Path) -> None:
    """Raise `UseError` if `into` is not a new or empty folder: what is there is not ours to replace."""
    try:
        used = any(into.iterdir())
    except FileNotFoundError:
        used = into.is_symlink()
    except OSError:
        used = True
    if used:
        raise UseError.at(str(into), "there is something already", "name a new or an empty folder for --into")


def publish_union(plan: Plan, shards: Sequence[Shard], into: Path) -> Summary:
    """Write the union of proven shards, and all reports of it, to `into`; return its summary.

    A unit without a record is `not run` there. Raises `UseError`; then nothing is written.
    """
    refuse_used(into)
    place = into.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        try:
            _write(plan, shards, made, into)
            made.chmod(0o777 & ~_umask())
            os.replace(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        what = f"the union cannot be written: {error.strerror}"
        raise UseError.at(str(into), what, "name a folder that can be written") from None
    return summarize(into, *_read(into, plan, shards))


def _read(run: Path, plan: Plan, shards: Sequence[Shard]) -> tuple[RunInfo, dict[str, Record]]:
    info = _info(plan, shards)
    return info, read_records(run, info)


def _write(plan: Plan, shards: Sequence[Shard], made: Path, into: Path) -> None:
    """Fill the folder `made`, which will be `into`. Raises `OSError`."""
    (made / "units").mkdir()
    _merge(plan, shards, made)
    write_run_info(made, _info(plan, shards))
    write_plan(made / "plan.json", plan)
    for assignment in assigned(plan, [shard.folder for shard in shards]):
        write_assignment(made, assignment)
    summary = summarize(made, *_read(made, plan, shards))
    write_atomic(made / "junit.xml", junit_xml(summary))
    write_atomic(made / "trace.json", trace_json(summary))
    write_atomic(made / "report.html", report_html(summary))
    text = report_text(replace(summary, run=into))
    write_atomic(made / "report.txt", text.replace(f"{made}/", f"{into}/").encode(errors="replace"))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _merge(plan: Plan, shards: Sequence[Shard], into: Path) -> None:
    """Write the records and logs of planned units.

    Each shard keeps its own lanes, and its start time as far as the machines' clocks agree.
    """
    targets = {unit.id: unit.target for unit in plan.units}
    first = min(_begun(shard) for shard in shards)
    writer = RecordWriter(into)
    lanes = 0
    try:
        for shard in shards:
            later = (_begun(shard) - first).total_seconds()
            for record in shard.records:
                if targets.get(record.id) != record.target:
                    continue
                started_s = round(record.started_s + later, 6)
                kept = record.log is LogState.KEPT and _copy_log(shard.folder, into, record.target)
                state = LogState.KEPT if kept else LogState.EMPTY if record.log is LogState.KEPT else record.log
                writer.write(replace(record, lane=record.lane + lanes, started_s=started_s, log=state))
            lanes += max((record.lane + 1 for record in shard.records), default=0)
    finally:
        writer.close()


def _copy_log(shard: Path, into: Path, target: str) -> bool:
    """Copy a log if it is a file, not a link or a pipe; return whether it was copied."""
    try:
        folder = os.open(shard / "units", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(f"{target}.log", flags, dir_fd=folder)
    except OSError:
        return False  # older records do not say that their unit printed nothing
    finally:
        os.close(folder)
    with open(descriptor, "rb") as source:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        with open(log_path(into, target), "xb") as copy:
            shutil.copyfileobj(source, copy)
    return True


def _begun(shard: Shard) -> datetime:
    return datetime.fromisoformat(shard.info.started_at)


def _info(plan: Plan, shards: Sequence[Shard]) -> RunInfo:
    """`run.json` of the union: the first shard's, with the machines of all and the units of the whole plan."""
    jobs = [shard.info.jobs for shard in shards]
    return replace(
        min(shards, key=_begun).info,
        jobs=None if None in jobs else sum(number or 0 for number in jobs),
        cores=sum(shard.info.cores for shard in shards),
        host=", ".join(dict.fromkeys(shard.info.host for shard in shards)),
        shard=None,
        planned=tuple((unit.id, unit.target, unit.estimate_s) for unit in plan.units),
    )
