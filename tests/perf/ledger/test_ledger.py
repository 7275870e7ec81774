"""The ledger: one state for each commit and platform, exact ranges, and nothing dropped."""

from datetime import date, timedelta

from hypothesis import given

from longpole.perf.index import Run
from longpole.perf.ledger.ledger import (
    Day,
    Elsewhere,
    Entry,
    Range,
    State,
    elsewhere,
    ledger,
    per_day,
    ranges,
    widest_gaps,
)
from longpole.perf.ledger.verify import verify
from longpole.perf.model import Skip
from tests.perf.ledger.made import LENGTHS, NOON, PLATFORMS, RUNS, SKIPS, branch, run, sha, skip

ARM, X86 = PLATFORMS


def states(entries: tuple[Entry, ...]) -> str:
    """The first letter of each state."""
    return "".join(entry.state.value[0] for entry in entries)


def test_every_state() -> None:
    runs = [run(2), run(2, minutes=9), run(6), run(4, failed=True, reason="push"), run(3, X86)]
    entries = ledger(branch(9), runs, [skip(3), skip(8, minutes=5)], ARM)
    assert states(entries) == "uumsfrmus"
    assert [entry.by for entry in entries] == [None, None, sha(2), *[sha(6)] * 4, None, None]
    assert entries[0].why == "before the first measurement"
    assert entries[2] == Entry(sha(2), ARM, State.MEASURED, sha(2), "", None, NOON + timedelta(minutes=9), 2, 0)
    assert entries[3] == Entry(sha(3), ARM, State.SKIPPED, sha(6), "busy", 30, NOON)
    assert entries[4] == Entry(sha(4), ARM, State.FAILED, sha(6), "push", None, NOON, 0, 1)
    assert entries[5] == Entry(sha(5), ARM, State.REPRESENTED, sha(6))
    assert entries[7].why == "since the last measurement"
    assert entries[8] == Entry(sha(8), ARM, State.SKIPPED, None, "busy", 30, NOON + timedelta(minutes=5))


def test_evidence_of_the_commit_comes_before_that_of_a_later_one_and_the_latest_counts() -> None:
    skips = [skip(0), skip(1), skip(2, why="new", depth=None, minutes=2), skip(2, why="old")]
    entries = ledger(branch(3), [run(0), run(0, failed=True), run(1, failed=True)], skips, ARM)
    assert states(entries) == "mfs"
    assert (entries[0].runs, entries[0].failures) == (1, 1)
    assert (entries[2].why, entries[2].queue_depth) == ("new", None)


def test_a_platform_that_was_never_measured_and_a_branch_without_commits() -> None:
    assert {entry.why for entry in ledger(branch(3), [run(1, X86)], [], ARM)} == {"never measured"}
    assert ledger(branch(0), [run(1)], [], ARM) == ()


def test_ranges_are_from_one_measurement_to_the_next() -> None:
    entries = ledger(branch(9), [run(1), run(2), run(6)], [], ARM)
    assert ranges(entries) == (
        Range(ARM, None, sha(1), (sha(1),)),
        Range(ARM, sha(1), sha(2), (sha(2),)),
        Range(ARM, sha(2), sha(6), (sha(3), sha(4), sha(5), sha(6))),
    )


def test_the_widest_gaps_come_first_of_equal_ones_the_newest() -> None:
    entries = ledger(branch(20), [run(n) for n in (0, 3, 4, 9, 12)], [], ARM)
    assert [gap.commit for gap in widest_gaps(entries, 9)] == [sha(9), sha(12), sha(3)]
    assert [gap.commit for gap in widest_gaps(entries, 1)] == [sha(9)]
    assert widest_gaps(ledger(branch(3), [run(n) for n in range(3)], [], ARM), 9) == ()


def test_commits_of_other_branches_are_named() -> None:
    runs = [run(1), run(7), run(7, failed=True), run(6, X86)]
    assert elsewhere(branch(3), runs, [skip(7), skip(9)], ARM) == (
        Elsewhere(sha(7), ARM, 1, 1, 1),
        Elsewhere(sha(9), ARM, 0, 0, 1),
    )


def test_coverage_of_each_day() -> None:
    commits = branch(30)
    days = per_day(commits, ledger(commits, [run(2), run(20)], [], ARM))
    assert days == (Day(date(2026, 5, 1), 12, 1, 10), Day(date(2026, 5, 2), 18, 1, 9))


@given(LENGTHS, RUNS, SKIPS)
def test_every_commit_has_one_entry_and_every_result_is_accounted_for(
    length: int, runs: list[Run], skips: list[Skip]
) -> None:
    commits = branch(length)
    for platform in PLATFORMS:
        entries = ledger(commits, runs, skips, platform)
        assert [entry.commit for entry in entries] == [commit.sha for commit in commits.commits]
        others = elsewhere(commits, runs, skips, platform)
        mine = [each for each in runs if each.platform == platform]
        assert sum(entry.runs + entry.failures for entry in entries) + sum(
            each.runs + each.failures for each in others
        ) == len(mine)
        assert {each.commit for each in skips if each.platform == platform} <= {
            *(entry.commit for entry in entries if entry.state in (State.SKIPPED, State.MEASURED, State.FAILED)),
            *(each.commit for each in others),
        }
        inside = [each for one in ranges(entries) for each in one.commits]
        assert len(inside) == len(set(inside))
        assert inside == [entry.commit for entry in entries if entry.by is not None]


@given(LENGTHS, RUNS, SKIPS)
def test_what_is_computed_is_proven(length: int, runs: list[Run], skips: list[Skip]) -> None:
    commits = branch(length)
    names = [commit.sha for commit in reversed(commits.commits)]
    parents = dict(zip(names, [*names[1:], None], strict=False))
    for platform in PLATFORMS:
        mine = [each for each in runs if each.platform == platform]
        entries = ledger(commits, runs, skips, platform)
        assert verify(entries, ranges(entries), parents, mine) == []
