"""Whether measurements still arrive, by the newest commits."""

from datetime import timedelta

import pytest

from longpole.perf.ledger.ledger import ledger
from longpole.perf.ledger.stall import Progress, progress_json, progress_of, progress_text
from tests.perf.ledger.made import NOON, PLATFORMS, branch, run, sha, skip

P = PLATFORMS[0]


def progress(limit: int, *runs: object, commits: int = 10, skips: object = ()) -> Progress:
    return progress_of(P, ledger(branch(commits), runs, skips, P), limit)  # type: ignore[arg-type]


@pytest.mark.parametrize(("newest", "stalled"), [(9, False), (7, False), (6, True), (0, True)])
def test_it_is_stalled_if_none_of_the_newest_three_is_measured(newest: int, stalled: bool) -> None:
    found = progress(3, run(newest), run(0))
    assert (found.stalled, found.behind, found.commit) == (stalled, 9 - newest, sha(newest))


def test_failures_and_results_of_other_platforms_are_no_points() -> None:
    found = progress(3, run(1), run(9, failed=True), run(9, PLATFORMS[1]), skips=[skip(8), skip(7)])
    assert found == Progress(P, 3, 8, sha(1), NOON, 1, 2)
    assert progress_text(found) == (
        f"{P}: stalled: none of the newest 3 commits is measured: the last is {sha(1)[:12]}, 8 commits ago, "
        "measured on 2026-05-01 12:00 UTC; of the 8 since then 1 failed, 2 skipped"
    )


def test_a_platform_without_results_is_stalled_once_there_are_enough_commits() -> None:
    young = progress(11)
    assert (young.stalled, progress_text(young)) == (False, f"{P}: not measured yet, 10 commits of 11")
    old = progress(10)
    assert old.stalled
    assert progress_text(old) == f"{P}: stalled: none of the newest 10 commits is measured: none ever was"
    assert not progress(3, commits=0).stalled


def test_text_and_json_of_one_that_goes_on() -> None:
    found = progress(3, run(8, minutes=5))
    assert progress_text(found) == f"{P}: the last is {sha(8)[:12]}, 1 commit ago, measured on 2026-05-01 12:05 UTC"
    assert progress_json(found) == {
        "platform": P,
        "limit": 3,
        "behind": 1,
        "commit": sha(8),
        "measured_at": (NOON + timedelta(minutes=5)).isoformat(),
        "failures": 0,
        "skips": 0,
        "stalled": False,
    }


def test_the_newest_commit_alone() -> None:
    assert progress_text(progress(1, run(8))).startswith(f"{P}: stalled: the newest commit is not measured: the last")
