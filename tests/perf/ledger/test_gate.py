"""The gate's decision: trigger, window, depth of the queue, and which commit tells most."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.ledger.gate import Decision, Job, Known, Line, Queue, Rules, Trigger, decide, latest
from tests.perf.ledger.made import NOON, PLATFORMS, branch, run, sha

P = PLATFORMS[0]
LINE = Line.of(branch(20))
RULES = Rules()
QUIET = Queue(depth=0)
MINUTE = timedelta(minutes=1)


def known(runs: Mapping[int, int], **others: Any) -> Known:
    return Known(P, {sha(at): times for at, times in runs.items()}, **others)


def asked(
    at: int, what: Known, queue: Queue = QUIET, trigger: Trigger = Trigger.PUSH, rules: Rules = RULES
) -> Decision:
    return decide(what, LINE, asked=sha(at), trigger=trigger, now=NOON, queue=queue, rules=rules)


def job(minutes: int, platform: str = P, *, waits: bool = False) -> Job:
    """A job that measures, of a run that has started some minutes ago."""
    return Job(f"benchmarks on {platform}", NOON - minutes * MINUTE, waits)


def chosen(decision: Decision) -> int | None:
    return None if decision.commit is None else int(decision.commit, 16)


def test_a_commit_that_was_never_measured_is() -> None:
    assert asked(19, known({})) == Decision(P, sha(19), "the commit that triggered, not measured yet")


@pytest.mark.parametrize("trigger", [Trigger.PUSH, Trigger.SCHEDULE])
@pytest.mark.parametrize(
    ("minutes", "depth", "measures"),
    [(14, 0, False), (15, 0, True), (15, 10, True), (15, 11, False), (29, 11, False), (30, 11, True), (0, 0, False)],
)
def test_the_window_is_15_minutes_and_30_above_10_queued(
    trigger: Trigger, minutes: int, depth: int, measures: bool
) -> None:
    decision = asked(19, known({}, last_at=NOON - minutes * MINUTE), Queue(depth), trigger)
    assert (chosen(decision) == 19) is measures
    if not measures:
        window = 30 if depth > 10 else 15
        assert f"{minutes} min ago; the window is {window} min" in decision.why
        assert ("with more than 10 runs queued" in decision.why) is (depth > 10)


def test_above_20_queued_only_the_newest_is_measured() -> None:
    assert chosen(asked(19, known({}), Queue(20, newer=True))) == 19
    skipped = asked(19, known({}), Queue(21, newer=True))
    assert skipped.why == "21 runs queued, more than 20: only the newest commit is measured, and a newer one waits"
    assert chosen(asked(19, known({}), Queue(21))) == 19
    assert chosen(asked(19, known({}), Queue(21, jobs=(job(40),)))) is None


def test_above_20_queued_the_newest_is_measured_only_if_it_was_not() -> None:
    decision = asked(19, known({0: 1, 19: 1}), Queue(21))
    assert decision == Decision(P, None, "the newest commit is measured, and more than 20 runs are queued")


def test_with_20_queued_another_commit_may_still_tell_more() -> None:
    assert chosen(asked(19, known({0: 1, 19: 1}), Queue(20))) is not None


def test_only_what_is_checked_out_is_chosen() -> None:
    line = replace(LINE, length=10)
    what = known({0: 3, 9: 3, 10: 1, 19: 1})
    decision = decide(what, line, asked=sha(9), trigger=Trigger.PUSH, now=NOON, queue=QUIET, rules=RULES)
    assert chosen(decision) == 4
    full = known({**dict.fromkeys(range(10), 3), 10: 1})
    assert decide(full, line, asked=sha(9), trigger=Trigger.PUSH, now=NOON, queue=QUIET, rules=RULES).commit is None


def test_a_measurement_under_way_counts_for_the_window() -> None:
    assert chosen(asked(19, known({}), Queue(1, jobs=(job(5),)))) is None
    assert chosen(asked(19, known({}), Queue(1, jobs=(job(15),)))) == 19


@pytest.mark.parametrize(
    ("name", "measures"),
    [
        (f"benchmarks ({P})", True),
        (P, True),
        (f"{P}, cold", True),
        (f"benchmarks on {P}-musl", False),
        (f"benchmarks on new-{P}", False),
        ("collect", False),
        ("benchmarks on ${{ matrix.platform }}", False),
    ],
)
def test_a_job_measures_the_platform_in_its_name(name: str, measures: bool) -> None:
    """A run that measures nothing has jobs, too: they collect its skips, and must not close the window."""
    assert bool(Queue(1, jobs=(Job(name, NOON),)).measuring(P)) is measures


def test_a_measurement_that_would_only_wait_for_a_machine_is_left_to_a_newer_commit() -> None:
    queue = Queue(3, jobs=(job(40), job(40, waits=True)))
    assert asked(19, known({}), queue).why == "another measurement waits for a machine of this platform"
    assert chosen(asked(19, known({}), Queue(3, jobs=(job(1, PLATFORMS[1], waits=True),)))) == 19
    assert chosen(asked(19, known({}), queue, Trigger.MANUAL)) == 19


def test_a_person_always_gets_the_commit_that_was_asked_for() -> None:
    crowded = Queue(100, newer=True, jobs=(job(0),))
    decision = asked(3, known({3: 90}, last_at=NOON), crowded, Trigger.MANUAL)
    assert decision == Decision(P, sha(3), "asked for by hand")


def test_a_queue_that_is_not_known_leads_to_a_measurement_and_the_reason_is_said() -> None:
    unknown = Queue(problem="GitHub's API: HTTP 500")
    decision = asked(19, known({}, last_at=NOON), unknown)
    assert chosen(decision) == 19
    assert decision.why.endswith("not measured yet (the queue is not known: GitHub's API: HTTP 500)")
    assert chosen(asked(19, known({at: 3 for at in range(20)}), unknown)) is None


def test_nobody_asked_is_an_empty_queue() -> None:
    assert chosen(asked(19, known({}, last_at=NOON - MINUTE), Queue())) is None


def test_instead_of_a_measured_commit_the_middle_of_the_widest_gap() -> None:
    decision = asked(19, known({0: 1, 4: 1, 14: 2, 19: 90}), trigger=Trigger.SCHEDULE)
    assert chosen(decision) == 9
    assert decision.why == f"the middle of the widest unmeasured range, 9 commits of {sha(4)[:12]}..{sha(14)[:12]}"


def test_of_equal_gaps_the_newest_and_a_failed_commit_is_passed_over() -> None:
    what = known({0: 1, 4: 1, 8: 1, 19: 3, **dict.fromkeys(range(9, 19), 3)})
    assert chosen(asked(19, what)) == 6
    assert chosen(asked(19, replace(what, failures={sha(6): 1}))) == 2
    failures = {sha(at): 1 for at in (1, 2, 3, 6)}
    assert chosen(asked(19, replace(what, failures=failures))) == 5


def test_the_range_of_a_change_point_comes_before_a_wider_gap_the_newest_first() -> None:
    what = known({0: 1, 10: 1, 13: 1, 16: 1, 19: 3}, changes=((sha(10), sha(13)), (sha(13), sha(16)), ("x", sha(1))))
    decision = asked(19, what)
    assert chosen(decision) == 14
    assert decision.why == f"the middle of a range with a change point, 2 commits of {sha(13)[:12]}..{sha(16)[:12]}"


def test_a_range_that_was_measured_since_is_divided_again() -> None:
    what = known({0: 1, 10: 1, 11: 1, 18: 1, 19: 3}, changes=((sha(10), sha(18)),))
    assert chosen(asked(19, what)) == 14


def test_commits_before_the_first_measurement_are_no_gap() -> None:
    assert chosen(asked(19, known({18: 1, 19: 3}))) == 18


def test_with_every_commit_measured_a_repeat_that_calibrates() -> None:
    every = dict.fromkeys(range(20), 1)
    decision = asked(7, known({**every, 7: 2}))
    assert decision == Decision(P, sha(7), "a repeat that calibrates: 2 samples of 3")
    assert chosen(asked(7, known({**every, 7: 3}))) == 19
    assert chosen(asked(7, known({**every, 7: 3}, changes=((sha(4), sha(5)),)))) == 5
    last_good = known({**every, 5: 3}, changes=((sha(4), sha(5)),))
    assert chosen(asked(7, last_good)) == 4
    assert chosen(asked(7, known({**every, 7: 1}), rules=Rules(samples=1))) is None


def test_nothing_is_measured_more_often_than_is_enough() -> None:
    decision = asked(19, known({at: 3 for at in range(5, 20)}, failures={sha(7): 2}))
    assert decision == Decision(P, None, "every commit since the first measurement has 3 samples, or failed")


def test_a_commit_that_failed_is_tried_again_but_not_for_ever() -> None:
    failed_once = known({0: 1}, failures={sha(19): 1})
    assert asked(19, failed_once).why == "the commit that triggered, failed 1 time and never measured"
    assert chosen(asked(19, replace(failed_once, failures={sha(19): 3}))) == 9
    assert chosen(asked(19, known({}, failures={sha(19): 3}))) is None


def test_a_newer_commit_than_the_one_that_triggered_a_schedule() -> None:
    decision = asked(10, known({10: 1}), trigger=Trigger.SCHEDULE)
    assert decision == Decision(P, sha(19), "the newest commit, not measured yet")


def test_a_commit_of_another_branch_is_measured_once() -> None:
    other = "f" * 40
    decision = decide(known({0: 3}), LINE, asked=other, trigger=Trigger.PUSH, now=NOON, queue=QUIET, rules=RULES)
    assert decision.commit == other
    again = known({at: 3 for at in range(20)})
    again = replace(again, runs={**again.runs, other: 3})
    assert decide(again, LINE, asked=other, trigger=Trigger.PUSH, now=NOON, queue=QUIET, rules=RULES).commit is None


def test_a_clock_that_is_ahead_does_not_close_the_window() -> None:
    assert latest([NOON + timedelta(days=900), NOON - MINUTE], NOON) == NOON - MINUTE
    assert latest([NOON + 5 * MINUTE], NOON) == NOON
    assert latest([NOON + 5 * MINUTE + timedelta(seconds=1)], NOON) is None
    assert latest([], NOON) is None


def test_what_results_tell() -> None:
    runs = [run(1), run(1, minutes=5), run(2, failed=True), run(3, PLATFORMS[1], minutes=9)]
    found = Known.of(P, runs, NOON + timedelta(hours=1))
    assert (found.runs, found.failures, found.last_at) == ({sha(1): 2}, {sha(2): 1}, NOON + 5 * MINUTE)


COUNTS = st.dictionaries(st.integers(0, 19).map(sha), st.integers(1, 5))
PAIRS = st.lists(st.tuples(st.integers(0, 19).map(sha), st.integers(0, 19).map(sha)), max_size=3)


@given(
    COUNTS,
    COUNTS,
    PAIRS,
    st.integers(0, 19),
    st.sampled_from([Trigger.PUSH, Trigger.SCHEDULE]),
    st.builds(Queue, st.none() | st.integers(0, 40), st.booleans(), st.just(()), st.sampled_from(["", "down"])),
    st.none() | st.integers(0, 40).map(lambda n: NOON - n * MINUTE),
)
def test_never_a_commit_with_enough_samples(
    runs: dict[str, int],
    failures: dict[str, int],
    changes: list[tuple[str, str]],
    at: int,
    trigger: Trigger,
    queue: Queue,
    last_at: Any,
) -> None:
    what = Known(P, runs, failures, last_at, changes)
    decision = decide(what, LINE, asked=sha(at), trigger=trigger, now=NOON, queue=queue, rules=RULES)
    assert decision.why
    if decision.commit is not None:
        assert runs.get(decision.commit, 0) < RULES.samples
        assert decision.commit in LINE.positions
        assert queue.problem or last_at is None or NOON - last_at >= RULES.window
    elif queue.problem:
        assert all(runs.get(sha(n), 0) >= 3 or failures.get(sha(n), 0) for n in range(20) if sha(n) in runs)
