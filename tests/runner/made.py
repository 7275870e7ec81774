"""Runs that never ran: a folder with records and logs as a run would have left them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rts_tests.records import Record, RunInfo, log_path
from rts_tests.summary import Summary, summarize

_RECORD = Record(
    id="",
    target="",
    variant="",
    module="",
    chunk=None,
    seed=None,
    first_seed=None,
    seed_count=0,
    command=("sh", "units/a.sh"),
    status="passed",
    exit_code=0,
    signal=None,
    started_at="2026-01-02T03:04:05.000006Z",
    started_s=0.0,
    wall_s=1.0,
    user_s=0.5,
    sys_s=0.1,
    max_rss_bytes=30_000_000,
    attempts=1,
    lane=0,
    host="builder",
    artifact_sha256=None,
    reproducer="",
)


def made_record(name: str, **fields: Any) -> Record:
    """A record of a unit that passed after a second, but for what `fields` say."""
    variant, _, module = name.partition("/")
    target = fields.pop("target", f"test-{variant}-{module}")
    record = replace(_RECORD, id=name, target=target, variant=variant, module=module, reproducer=f"make {target}")
    return replace(record, **fields)


def made_run(
    run: Path,
    records: Sequence[Record],
    *,
    planned: Sequence[str] = (),
    logs: Mapping[str, bytes] | None = None,
    **fields: Any,
) -> Summary:
    """The summary of a run in the folder `run`, with the logs in it; `planned` where not every unit left a record."""
    targets = {record.id: record.target for record in records}
    names = planned or [record.id for record in records]
    info = RunInfo(
        suite=fields.pop("suite", "made"),
        started_at="2026-01-02T03:04:05.000006Z",
        plan_hash="0" * 64,
        commit=fields.pop("commit", "0123456789abcdef"),
        commit_source="git rev-parse HEAD",
        seed_override=None,
        jobs=2,
        host="builder",
        machine="Linux 6.1 x86_64",
        cores=2,
        goals=("test",),
        filter=None,
        shard=None,
        planned=tuple((name, targets.get(name, f"test-{name.replace('/', '-')}"), 1.0) for name in names),
    )
    (run / "units").mkdir(parents=True, exist_ok=True)
    for name, data in (logs or {}).items():
        Path(log_path(run, targets[name])).write_bytes(data)
    return summarize(run, replace(info, **fields), {record.target: record for record in records})
