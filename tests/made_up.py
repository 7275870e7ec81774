"""Made-up records and summaries, for what is a pure function of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.records import Record, RunInfo
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.summary import Summary, summarize
from longpole.rts_tests.unit.attempts import Attempt


def record(name: str, wall_s: float = 1.0, status: str = "passed", **changes: Any) -> Record:
    """A unit's record, its times and its lane as a test wants them."""
    fields: dict[str, Any] = {
        "id": name,
        "target": f"test-{name.replace('/', '-')}",
        "variant": "v",
        "module": name,
        "chunk": None,
        "seed": None,
        "first_seed": None,
        "seed_count": 0,
        "command": ("true",),
        "status": status,
        "exit_code": 0,
        "signal": None,
        "started_at": "2027-01-15T08:00:00.000Z",
        "started_s": 0.0,
        "wall_s": wall_s,
        "user_s": wall_s,
        "sys_s": 0.0,
        "max_rss_bytes": 0,
        "attempts": 1,
        "lane": 0,
        "host": "here",
        "artifact_sha256": None,
        "reproducer": f"make test-{name}",
        **changes,
    }
    return Record(**fields)


def attempt(kind: str, status: Status) -> Attempt:
    """An attempt of this kind that came to this status, in no time."""
    times = {"started_s": 0.0, "wall_s": 0.0, "user_s": 0.0, "sys_s": 0.0}
    return Attempt(
        kind=kind,
        seed=1,
        status=status,
        exit_code=0,
        signal=None,
        note=None,
        stable_note=None,
        max_rss_bytes=0,
        **times,
    )


def made_up(
    records: Sequence[Record | str], name: str = "run", *, expected: Mapping[str, float] | None = None, **changes: Any
) -> Summary:
    """The summary of a run that left these records; a string is the id of a unit that left none."""
    ids = [each if isinstance(each, str) else each.id for each in records]
    fields: dict[str, Any] = {
        "suite": "tiny",
        "started_at": "2027-01-15T08:00:00.000Z",
        "plan_hash": "a" * 64,
        "commit": "c" * 40,
        "commit_source": "git",
        "seed_override": None,
        "jobs": 2,
        "host": "here",
        "machine": "Linux",
        "cores": 2,
        "goals": ("test",),
        "filter": None,
        "shard": None,
        "planned": tuple((each, f"test-{each.replace('/', '-')}", (expected or {}).get(each, 1.0)) for each in ids),
        **changes,
    }
    found = {each.target: each for each in records if isinstance(each, Record)}
    return summarize(Path(name), RunInfo(**fields), found)
