"""The levels of a prediction: what caps them, where more stop paying, shards and builders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from longpole.perf.predict.predict import Cap, Level, Over, predict, stops_paying
from longpole.perf.predict.text import as_json, text
from longpole.perf.predict.work import RunRead, Suite, Work
from longpole.rts_tests.contracts.plan import Plan, PlanModule, PlanVariant, Unit
from longpole.rts_tests.contracts.records import RunInfo

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


EQUAL = {f"m{number}": 10.0 for number in range(16)}


def levels_of(
    made: Suite, over: Over = Over.JOBS, *, cores: int | None = None, jobs: int | None = None
) -> tuple[Level, ...]:
    return predict(made, (1, 2, 4, 8, 16), kinds=[over], cores=cores, jobs=jobs).levels


def test_units_that_compute_are_capped_by_the_cores() -> None:
    levels = levels_of(suite(EQUAL))
    assert [level.makespan_s for level in levels] == pytest.approx([160, 80, 40, 40, 40], rel=1e-3)
    assert [level.cap for level in levels] == [Cap.PLACES, Cap.PLACES, Cap.CORES, Cap.CORES, Cap.CORES]
    assert [level.efficiency for level in levels] == pytest.approx([1, 1, 1, 0.5, 0.25], rel=1e-3)
    stop = stops_paying(levels)
    assert stop is not None
    assert (stop[0].count, stop[1].count) == (4, 8)
    assert stops_paying(levels[:3]) is None
    assert levels_of(suite(EQUAL), cores=16)[-1].makespan_s == pytest.approx(10, rel=1e-3)


def test_a_long_pole_caps_more_jobs() -> None:
    levels = levels_of(suite({"pole": 60.0, **EQUAL}, part=0.0))
    assert [level.cap for level in levels] == [Cap.PLACES, Cap.PLACES, Cap.POLE, Cap.POLE, Cap.POLE]
    assert {level.pole for level in levels} == {"v/pole"}
    assert levels[-1].makespan_s == levels[-1].pole_s == 60


def test_shards_build_each_and_builders_share_the_builds() -> None:
    made = suite(EQUAL, builds=True)
    shards, builders = levels_of(made, Over.SHARDS), levels_of(made, Over.BUILDERS)
    assert [level.makespan_s for level in shards] == pytest.approx([84, 44, 24, 14, 14], rel=1e-3)
    assert [level.makespan_s for level in builders] == pytest.approx([84, 44, 24, 14, 14], rel=1e-3)
    assert [level.cpu_s for level in shards] == pytest.approx([164, 168, 176, 192, 224])
    assert [level.cpu_s for level in builders] == pytest.approx([164] * 5)
    assert levels_of(made, Over.SHARDS, jobs=4)[0].makespan_s == pytest.approx(44, rel=1e-3)


def test_the_jobs_of_a_run_that_was_not_told_are_its_cores() -> None:
    assert predict(suite(EQUAL, jobs=None), (1,)).jobs == 4


def test_progress_is_shown_for_each_level() -> None:
    seen = []

    def through(asked: Sequence[tuple[Over, int]]) -> Iterator[tuple[Over, int]]:
        for each in asked:
            seen.append(each)
            yield each

    predict(suite(EQUAL), (1, 2), kinds=[Over.JOBS, Over.SHARDS], through=through)
    assert seen == [(Over.JOBS, 1), (Over.JOBS, 2), (Over.SHARDS, 1), (Over.SHARDS, 2)]


def test_the_text_is_narrow_and_says_where_it_stops_paying() -> None:
    made = suite({"pole": 60.0, **EQUAL}, builds=True)
    prediction = predict(made, (1, 2, 4, 8, 64))
    shown = text(made, prediction)
    assert max(map(len, shown.splitlines())) <= 60
    assert "made up: predicted from 1 run of 17 units" in shown
    assert "  8 pay; 64 would save 0 % more" in shown or "  4 pay; 8 would save" in shown
    assert "long pole: v/pole, 1 min 04 s" in shown
    assert as_json(made, prediction)["levels"][0]["over"] == "jobs"
