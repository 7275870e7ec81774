"""What a run amounts to: counts, failures, the slowest, and the bound that its makespan is held against."""

import json
from dataclasses import replace

import pytest

from longpole.rts_tests.contracts.load import Load
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.as_json import json_report
from longpole.rts_tests.report.formats.text import load_line, makespan_line, report_text
from tests.made_up import made_up, record


def test_counts_are_in_the_order_of_statuses_and_only_of_those_that_occur() -> None:
    summary = made_up([record("a", status="crashed"), "b", record("c"), record("d", status="crashed")])
    assert list(summary.counts.items()) == [("passed", 1), ("crashed", 2), ("not run", 1)]


def test_every_outcome_but_a_pass_fails_the_run() -> None:
    summary = made_up([record("a"), record("b", status="flaky"), "c", record("d", status="cancelled")])
    assert [outcome.id for outcome in summary.failures] == ["b", "d", "c"]


def test_the_slowest_are_the_longest_first_ties_by_id_and_only_those_that_ran() -> None:
    summary = made_up([record("b", 1), record("c", 3), "never", record("a", 1)])
    assert [outcome.id for outcome in summary.slowest(3)] == ["c", "a", "b"]
    assert [outcome.id for outcome in summary.slowest(1)] == ["c"]


def test_the_makespan_is_from_the_first_start_to_the_last_end() -> None:
    span = made_up([record("a", 2, started_s=1.0), record("b", 1, started_s=4.0), "c"]).makespan
    assert (span.wall_s, span.cpu_s) == (4.0, 3.0)


def test_a_run_of_nothing_took_no_time() -> None:
    span = made_up(["a"]).makespan
    assert (span.wall_s, span.cpu_s, span.longest, span.longest_s, span.bound_s) == (0.0, 0.0, None, 0.0, 0.0)


@pytest.mark.parametrize(("jobs", "cores", "places"), [(1, 4, 1), (8, 4, 4), (None, 4, 4), (3, 4, 3), (0, 4, 4)])
def test_places_are_the_jobs_but_no_more_than_cores(jobs: int | None, cores: int, places: int) -> None:
    assert made_up([record("a")], jobs=jobs, cores=cores).makespan.places == places


@pytest.mark.parametrize(("jobs", "at_once"), [(1, 1), (8, 8), (None, 3), (0, 3)])
def test_as_many_units_run_at_once_as_there_are_jobs_or_as_ever_did(jobs: int | None, at_once: int) -> None:
    units = [record(name, lane=lane) for lane, name in enumerate("abc")]
    assert made_up(units, jobs=jobs, cores=4).makespan.at_once == at_once


def test_the_bound_is_the_longest_unit_or_the_work_shared_out() -> None:
    long = made_up([record("a", 5), record("b", 1)]).makespan
    assert (long.bound_s, long.limited_by_longest, long.longest and long.longest.id) == (5.0, True, "a")
    even = made_up([record(name, 2, started_s=2.0 * at) for at, name in enumerate("abc")]).makespan
    assert (even.bound_s, even.limited_by_longest) == (4.0, False), "one of three follows another"
    assert made_up([record("a", 2), record("b", 2)]).makespan.limited_by_longest


def test_time_that_others_took_from_the_units_is_no_loss_of_the_schedule() -> None:
    units = [
        record(name, 10, started_s=10.0 * at, lane=lane, user_s=0.5)
        for at in (0, 1)
        for lane, name in enumerate((f"a{at}", f"b{at}"))
    ]
    span = made_up(units).makespan
    assert (span.wall_s, span.bound_s, span.cpu_bound_s) == (20.0, 20.0, 10.0)
    assert makespan_line(made_up(units)) == (
        "makespan: 20.00 s, 1.00 x 20.00 s, the least for units of these durations (40.00 s of units, 2 at a time)"
    )


def test_units_that_could_not_be_started_are_no_makespan() -> None:
    assert makespan_line(made_up(["a"])) == "makespan: no unit ran"
    units = [record("a", 0.0001, "error"), record("b", 0.00015, "error", started_s=0.001)]
    assert makespan_line(made_up(units)) == "makespan: no unit ran"
    mixed = made_up([*units, record("c", 2.0, started_s=5.0)]).makespan
    assert (mixed.wall_s, mixed.bound_s, mixed.longest and mixed.longest.id) == (2.0, 2.0, "c")


def test_units_whose_results_are_an_error_ran() -> None:
    told = record("a", 2.0, "error", exit_code=0, max_rss_bytes=1 << 20)
    assert made_up([told]).makespan.wall_s == 2.0


def test_forks_without_a_class_did_not_run() -> None:
    empty = record("a", 0.0, Status.SKIPPED, exit_code=None, started_s=9.0, fork=1)
    assert made_up([record("b", 2.0), empty]).makespan.wall_s == 2.0
    assert made_up([record("b", 2.0), record("c", 1.0, "skipped", exit_code=77, started_s=9.0)]).makespan.wall_s == 10.0


def test_there_is_no_ratio_to_a_bound_that_is_shown_as_nothing() -> None:
    line = makespan_line(made_up([record("a", 0.002), record("b", 0.002, started_s=0.01)]))
    assert line == "makespan: 0.01 s (the longest unit, a)"


LOAD = Load(cores=2, busy_s=18.0, idle_s=0.0, stolen_s=2.0, own_s=4.0)


def test_cpu_time_that_others_had_is_told_apart() -> None:
    summary = replace(made_up([record("a", 10, user_s=4.0)]), load=LOAD)
    assert load_line(summary) == "other programs had 80 % of 2 cores; units took 10.00 s for 4.00 s of CPU"
    assert "machine:  other programs had 80 % of 2 cores" in report_text(summary)
    assert json.loads(json_report(summary))["load"]["others_s"] == 16.0


def test_where_others_had_little_or_nobody_knows_nothing_is_said() -> None:
    quiet = replace(LOAD, busy_s=4.5, idle_s=13.5, stolen_s=0.0)
    for load in (quiet, None):
        summary = replace(made_up([record("a", 10, user_s=4.0)]), load=load)
        assert load_line(summary) is None
        assert "machine:" not in report_text(summary)
    assert json.loads(json_report(made_up(["a"])))["load"] is None
    assert load_line(replace(made_up(["a"]), load=LOAD)) is None
