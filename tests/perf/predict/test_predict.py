"""The levels of a prediction: what caps them, where more stop paying, shards and builders."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from longpole.perf.predict.others import slowdown_of, usual_others
from longpole.perf.predict.predict import Cap, Level, Over, predict, stops_paying
from longpole.perf.predict.text import as_json, text
from longpole.perf.predict.work import Suite
from tests.perf.predict.made_up import record, suite

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


def test_other_programs_slow_down_what_computes_and_are_learnt_from_the_slowdown() -> None:
    made = suite(EQUAL)
    records = {unit.target: record(unit.module, user_s=10.0, wall_s=30.0, slowdown=3.0) for unit in made.plan.units}
    busy = replace(made.runs[0], records=records)
    learnt = replace(made, runs=(busy,))
    assert slowdown_of(busy) == pytest.approx(3)
    others = usual_others(learnt)
    assert others == pytest.approx(10, rel=0.05)  # with the two jobs, twelve threads want four cores
    assert predict(learnt, (2,), kinds=[Over.JOBS], others=others).levels[0].makespan_s == pytest.approx(240, rel=0.03)
    idle = replace(busy, records={name: replace(each, slowdown=1.0) for name, each in records.items()})
    untold = replace(busy, records={name: replace(each, slowdown=None) for name, each in records.items()})
    assert usual_others(replace(made, runs=(idle, untold, busy))) == 0
    assert usual_others(replace(suite(EQUAL, builds=True), runs=(busy,))) == pytest.approx(others)
    assert "other programs, as in these runs: 4.0 threads" in text(made, predict(made, (1,), others=4.0))
