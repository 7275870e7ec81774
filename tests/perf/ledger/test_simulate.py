"""Arrivals against the gate: the queue stays bounded, more is covered for the same runs, and equal seeds are equal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.perf.commits import Commits
from longpole.perf.ledger.arrivals import START, by_rate, of_history
from longpole.perf.ledger.gate import Rules, Trigger
from longpole.perf.ledger.replay import replay
from longpole.perf.ledger.simulate import Arrival, Machines, Outcome, simulate
from tests.perf.ledger.made import NOON, PLATFORMS, branch, run, sha
from tests.tiers import slow

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
P = PLATFORMS[0]


def simulated(per_hour: float, hours: float, machines: Machines, *, seed: int = 1, platforms: int = 1) -> Outcome:
    commits, arrivals = by_rate(per_hour, hours * HOUR, 30 * MINUTE, seed)
    names = [sha(position) for position in range(len(commits))]
    return simulate(
        names,
        commits,
        arrivals,
        platforms=[f"p{number}" for number in range(platforms)],
        machines=machines,
        rules=Rules(),
    )


@pytest.mark.parametrize("run_time", [10 * MINUTE, *slow(3 * MINUTE, HOUR)])
@pytest.mark.parametrize(("per_hour", "hours"), [(60, 24), (600, 8), (6000, 1)])
def test_the_queue_stays_bounded_at_any_rate_however_long_it_goes_on(
    per_hour: int, hours: int, run_time: timedelta
) -> None:
    machines = Machines(run_time=run_time)
    under_way = per_hour * (machines.gate_time / HOUR)
    longest = [simulated(per_hour, part * hours, machines, platforms=2).max_queue for part in (0.25, 0.5, 1)]
    assert max(longest) <= 40 + 2 * under_way
    assert longest[-1] <= longest[0] * 1.5 + 5


def test_without_the_gate_the_queue_grows_for_as_long_as_commits_come() -> None:
    """The test above can fail: runs by hand, which no gate stops, make a queue that grows."""
    commits, arrivals = by_rate(60, 12 * HOUR, None, 1)
    by_hand = [replace(arrival, trigger=Trigger.MANUAL) for arrival in arrivals]
    names = [sha(position) for position in range(len(commits))]
    outcome = simulate(names, commits, by_hand, platforms=[P], machines=Machines(), rules=Rules())
    assert outcome.max_queue > 500


def test_a_quiet_project_has_every_commit_measured_soon() -> None:
    outcome = simulated(0.5, 240, Machines())
    (only,) = outcome.platforms
    assert only.covered == outcome.commits
    assert only.measured == outcome.commits
    assert max(only.samples.values()) == 3
    assert only.median_latency_s == pytest.approx(620)


def test_equal_seeds_are_equal_and_others_differ() -> None:
    first, again, other = (simulated(60, 6, Machines(), seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_commits_come_at_the_rate_and_schedules_are_of_the_newest() -> None:
    commits, arrivals = by_rate(60, 100 * HOUR, HOUR, 1)
    assert 5_700 < len(commits) < 6_300
    scheduled = [arrival for arrival in arrivals if arrival.trigger is Trigger.SCHEDULE]
    assert len(scheduled) == 99
    for arrival in scheduled:
        assert commits[arrival.position] <= arrival.at
        assert arrival.position + 1 == len(commits) or commits[arrival.position + 1] > arrival.at
    assert arrivals == sorted(arrivals, key=lambda arrival: arrival.at)
    late, few = by_rate(0.2, 24 * HOUR, HOUR / 6, 1)
    scheduled = [arrival for arrival in few if arrival.trigger is Trigger.SCHEDULE]
    assert late[0] > START + HOUR / 2
    assert {arrival.position for arrival in scheduled} == set(range(len(late)))
    assert min(arrival.at for arrival in scheduled) >= late[0]
    assert by_rate(1, HOUR / 1000, None, 1) == ([], [])
    assert all(at > START for at in commits)


def arrival(minute: float, position: int, trigger: Trigger = Trigger.PUSH) -> Arrival:
    return Arrival(NOON + minute * MINUTE, position, trigger)


def test_what_becomes_of_each_arrival() -> None:
    commits = [NOON + minute * MINUTE for minute in (0, 20, 21, 40)]
    names = [sha(position) for position in range(4)]
    arrivals = [arrival(0, 0), arrival(20, 1), arrival(21, 2), arrival(40, 3), arrival(60, 3, Trigger.SCHEDULE)]
    machines = Machines(run_time=10 * MINUTE, gate_time=timedelta(0))
    outcome = simulate(names, commits, arrivals, platforms=[P], machines=machines, rules=Rules(samples=1))
    (only,) = outcome.platforms
    assert only.samples == {sha(0): 1, sha(1): 1, sha(2): 1, sha(3): 1}
    assert (only.runs, only.skipped, only.covered) == (4, 1, 4)
    assert only.median_latency_s == 600
    assert outcome.max_queue == 2
    assert outcome.mean_queue == pytest.approx(40 / 70)


def test_a_result_that_is_known_closes_the_window_for_its_platform() -> None:
    names, commits = [sha(0), sha(1)], [NOON, NOON + 5 * MINUTE]
    machines = Machines(run_time=MINUTE, gate_time=timedelta(0))

    def at(minute: int) -> int:
        arrivals = [arrival(0, 0), arrival(minute, 1)]
        outcome = simulate(names, commits, arrivals, platforms=[P], machines=machines, rules=Rules())
        return outcome.platforms[0].runs

    assert (at(5), at(14), at(15)) == (1, 1, 2)


def test_machines_and_gates_that_are_taken_are_waited_for() -> None:
    commits = [NOON, NOON + MINUTE]
    arrivals = [arrival(0, 0, Trigger.MANUAL), arrival(1, 1, Trigger.MANUAL)]
    names = [sha(0), sha(1)]

    def last_latency(machines: Machines) -> float | None:
        outcome = simulate(names, commits, arrivals, platforms=[P], machines=machines, rules=Rules())
        return outcome.platforms[0].p90_latency_s

    quick = timedelta(0)
    assert last_latency(Machines(2, 10 * MINUTE, quick)) == pytest.approx(600)
    assert last_latency(Machines(1, 10 * MINUTE, quick)) == pytest.approx(1086)
    one_gate = simulate(
        names, commits, arrivals, platforms=[P], machines=Machines(2, MINUTE, 5 * MINUTE, 1), rules=Rules()
    )
    assert one_gate.platforms[0].p90_latency_s == pytest.approx(576)


def test_a_history_with_the_same_runs_covers_several_times_as_many_commits() -> None:
    """As in a real history: a push now and then, and schedules that measure the newest commit again and again."""
    commits = branch(200)
    runs = [run(position, minutes=60 * position + 30 * again) for position in range(0, 200, 8) for again in range(16)]
    replayed = replay(commits, runs, P, Machines(), Rules())
    assert (replayed.runs, replayed.measured, replayed.elsewhere) == (400, 25, 0)
    assert replayed.coverage.runs <= replayed.runs
    assert replayed.times > 3
    assert max(replayed.coverage.samples.values()) <= 3


def test_runs_of_other_branches_and_platforms_are_left_out_of_a_replay() -> None:
    runs = [run(1), run(70), run(2, PLATFORMS[1]), run(1, minutes=30)]
    arrivals = of_history(branch(5), runs, P)
    assert [(each.position, each.trigger) for each in arrivals] == [(1, Trigger.PUSH), (1, Trigger.SCHEDULE)]
    assert replay(branch(5), runs, P, Machines(), Rules()).elsewhere == 1
    nothing = replay(Commits((), "none"), runs, P, Machines(), Rules())
    assert (nothing.coverage.runs, nothing.outcome.mean_queue, nothing.times) == (0, 0.0, 0.0)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 500), st.sampled_from(Trigger)), min_size=1, max_size=40),
    st.integers(1, 3),
    st.integers(1, 40),
)
def test_runs_are_spent_on_commits_that_have_come(
    triggers: list[tuple[float, Trigger]], runners: int, run_minutes: int
) -> None:
    triggers.sort(key=lambda trigger: trigger[0])
    arrivals = [arrival(minute, position, trigger) for position, (minute, trigger) in enumerate(triggers)]
    names = [sha(position) for position in range(len(arrivals))]
    commits = [each.at for each in arrivals]
    machines = Machines(runners, run_minutes * MINUTE)
    outcome = simulate(names, commits, arrivals, platforms=PLATFORMS, machines=machines, rules=Rules())
    for each in outcome.platforms:
        assert each.runs + each.skipped == len(arrivals)
        assert each.measured <= each.covered <= len(arrivals)
        assert each.samples.keys() <= set(names)
        if each.median_latency_s is not None:
            assert each.median_latency_s >= run_minutes * 60
    assert 0 <= outcome.mean_queue <= outcome.max_queue <= len(arrivals)
