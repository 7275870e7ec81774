"""Suites, runs and records for tests of predictions."""

from pathlib import Path

from longpole.perf.predict.work import RunRead, Suite, Work
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit
from longpole.rts_tests.contracts.plan_parts import PlanVariant
from longpole.rts_tests.contracts.records import Record, RunInfo
from longpole.rts_tests.contracts.status import Status

BUILD_S = 4.0


def run_info() -> RunInfo:
    return RunInfo(
        suite="made up", started_at="2026-01-01T00:00:00.000Z", plan_hash="", commit=None, commit_source="none",
        seed_override=None, jobs=2, host="h", machine="m", cores=4, goals=("test",), filter=None, shard=None,
        planned=(),
    )  # fmt: skip


def suite(seconds: dict[str, float], *, part: float = 1.0, builds: bool = False, jobs: int | None = 2) -> Suite:
    """A suite of one variant; its units compute for that part of their time."""
    modules = {name: PlanModule(name, each, None, 0, 0, 60.0, {}) for name, each in seconds.items()}
    units = tuple(Unit("v", name, None, 0, 0, each, "history", False) for name, each in seconds.items())
    variants = {"v": PlanVariant("v", "t", None, (), False, False, {}, builds)}
    plan = Plan("made up", 2, 1.0, 1, "fail", "none", variants, modules, units)
    after = ("v",) if builds else ()
    works = tuple(Work(unit.id, unit.estimate_s, part * unit.estimate_s, after=after) for unit in units)
    run = RunRead(Path("runs/r"), run_info(), {}, {})
    return Suite(plan, works, {"v": BUILD_S} if builds else {}, 0.0, 4, jobs, (run,), 0)


def record(name: str, **fields: object) -> Record:
    whole: dict[str, object] = {
        "id": f"v/{name}", "target": f"test-v-{name}", "variant": "v", "module": name, "chunk": None, "seed": None,
        "first_seed": None, "seed_count": 0, "command": ("x",), "status": Status.PASSED, "exit_code": 0, "signal": None,
        "started_at": "2026-01-01T00:00:00.000Z", "started_s": 0.0, "wall_s": 1.0, "user_s": 0.0, "sys_s": 0.0,
        "max_rss_bytes": 0, "attempts": 1, "lane": 0, "host": "h", "artifact_sha256": None, "reproducer": "", **fields,
    }  # fmt: skip
    return Record(**whole)  # type: ignore[arg-type]
