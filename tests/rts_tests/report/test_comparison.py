"""Two runs beside each other: outcomes, and durations only where they differ by more than noise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.report import comparison
from longpole.rts_tests.report.comparison import Comparison, Pair, compare
from longpole.rts_tests.report.noise import spread
from tests.made_up import made_up, record
from tests.project import Project


def changes(found: Comparison) -> dict[str, str]:
    return {pair.id: pair.change for pair in found.pairs}


def between(before_s: float, after_s: float, durations: list[float]) -> str:
    """How one unit is called that took so long in two runs, by a history of these durations."""
    return compared(before_s, after_s, durations).change


def compared(before_s: float, after_s: float, durations: list[float]) -> Pair:
    """One unit in two runs, by a history of durations of which the last such ones are those of the two runs."""
    runs = [""] * len(durations)
    for name, seconds in (("1", before_s), ("2", after_s)):
        if seconds in durations:
            runs[len(durations) - 1 - durations[::-1].index(seconds)] = name
    known = History({"a": UnitHistory(tuple(durations), "passed", runs=tuple(runs))})
    (pair,) = compare(made_up([record("a", before_s)], "1"), made_up([record("a", after_s)], "2"), known).pairs
    return pair


# -- durations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_s", "after_s", "durations", "change"),
    [
        (1.0, 2.0, [1.0, 1.1, 0.9, 1.0, 2.0], "slower"),
        (2.0, 1.0, [2.0, 2.1, 1.9, 2.0, 1.0], "faster"),
        (1.0, 1.1, [1.0, 1.0, 1.0, 1.0, 1.1], "same"),  # more than its spread, less than a fifth
        (1.0, 2.0, [1.0, 2.5, 0.9, 1.0, 2.0], "same"),  # twice, and no more than it varied by before
        (5.0, 1.0, [1.0, 1.0, 1.0, 5.0, 1.0], "same"),  # it was the first of the two that stood out
        (0.001, 0.009, [0.001, 0.001, 0.001, 0.001, 0.009], "same"),  # eight milliseconds are the machine's
        (1.0, 2.0, [1.0, 1.1, 0.9, 1.0, 2.0, 2.1, 2.0], "slower"),  # it has been so for three runs
        (1.05, 2.0, [1.0, 1.1, 0.9, 2.0], "slower"),  # only the second of the two is among the last ten
        (1.0, 2.0, [], "slower"),
        (1.0, 1.4, [], "same"),  # a history too short asks for a half
        (1.0, 1.4, [1.0, 1.4], "same"),
        (0.05, 0.14, [], "same"),
        (1.0, 1.2, [1.0] * 5, "same"),  # a fifth is not more than a fifth
        (1.2, 1.0, [1.0] * 5, "same"),
        (1.0, 1.5, [], "same"),
        (1.5, 1.0, [], "same"),
        (1.0, 1.21, [1.0] * 5, "slower"),
        (0.02, 0.03, [0.02] * 5, "same"),
        (0.2, 0.1, [], "same"),
        (3.0, 1.0, [1.01, 1.02, 0.98], "faster"),  # neither run is among the last ten
    ],
)
def test_a_difference_is_one_that_is_larger_than_noise(
    before_s: float, after_s: float, durations: list[float], change: str
) -> None:
    assert between(before_s, after_s, durations) == change


DURATIONS = st.lists(st.floats(0.001, 100).map(lambda value: round(value, 4)), max_size=10)
SECONDS = st.floats(0.001, 100).map(lambda value: round(value, 4))


@given(DURATIONS, SECONDS, SECONDS)
def test_whatever_is_flagged_is_larger_than_a_ratio_and_the_spread(
    durations: list[float], before_s: float, after_s: float
) -> None:
    pair = compared(before_s, after_s, durations)
    if pair.change != "same":
        assert max(before_s / after_s, after_s / before_s) > 1.2
        assert abs(after_s - before_s) > (0.1 if pair.spread_s is None else pair.spread_s)
        assert (pair.change == "slower") == (after_s > before_s)


@given(DURATIONS, SECONDS, SECONDS)
def test_the_other_way_round_slower_is_faster(durations: list[float], before_s: float, after_s: float) -> None:
    opposite = {"slower": "faster", "faster": "slower", "same": "same"}
    assert between(before_s, after_s, durations) == opposite[between(after_s, before_s, durations)]


@given(DURATIONS, st.sets(st.integers(0, 9), max_size=2))
def test_a_spread_is_never_wider_than_all_durations(durations: list[float], compared: set[int]) -> None:
    width, samples = spread(durations, {index for index in compared if index < len(durations)})
    if width is not None:
        assert samples >= 3
        assert 0 <= width <= max(durations) - min(durations)


def test_a_unit_with_another_number_of_seeds_is_not_compared() -> None:
    before, after = (made_up([record("a", wall_s, seed_count=n)]) for wall_s, n in ((1.0, 10), (2.0, 20)))
    assert changes(compare(before, after, History())) == {"a": "resized"}


# -- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("passed", "failed", "worse"),
        ("passed", "not run", "worse"),
        ("timeout", "passed", "better"),
        ("failed", "crashed", "changed"),
        ("failed", "failed", "same"),
        ("not run", "not run", "same"),
    ],
)
def test_outcomes(before: str, after: str, change: str) -> None:
    runs = [
        made_up(["a"]) if status == "not run" else made_up([record("a", 9.0 - number, status)])
        for number, status in enumerate((before, after))
    ]
    found = compare(runs[0], runs[1], History())
    assert changes(found) == {"a": change}
    assert found.got_worse == (change == "worse")


def test_another_failure_is_told_and_is_no_worse() -> None:
    text = comparison.text(
        compare(made_up([record("a", 1, "failed")]), made_up([record("a", 1, "crashed")]), History())
    )
    assert "different outcome:\n  a: failed -> crashed\n" in text
    assert "1 unit in both: 1 with a different outcome\n" in text


def test_a_failures_duration_says_nothing() -> None:
    found = compare(made_up([record("a", 9.0, "failed")]), made_up([record("a", 1.0, "failed")]), History())
    assert changes(found) == {"a": "same"}
    assert found.pairs[0].ratio is None


def test_units_of_one_run_alone_are_listed_and_make_nothing_worse() -> None:
    found = compare(made_up([record("a"), "b"]), made_up([record("a"), record("c", 1, "failed")]), History())
    assert [outcome.id for outcome in found.only_before] == ["b"]
    assert [outcome.id for outcome in found.only_after] == ["c"]
    assert not found.got_worse
    text = comparison.text(found)
    assert "only before:\n  b: not run\n" in text
    assert "only after:\n  c: failed\n" in text


# -- text and JSON ----------------------------------------------------------------------------------------------------


def test_the_text_says_what_is_known_and_how_well() -> None:
    before = made_up([record("a", 1.0), record("b", 1.0), record("c"), record("d")], "one")
    after = made_up(
        [record("a", 3.0), record("b", 2.0), record("c"), record("d", 1, "failed", note="exit status 3")],
        "two",
        jobs=8,
        commit="d" * 40,
    )
    known = History({"a": UnitHistory((1.1, 1.0, 1.0, 3.0), "passed", runs=("", "", "one", "two"))})
    assert comparison.text(compare(before, after, known)) == (
        "before: one\n"
        "after:  two\n"
        "note:   the number of jobs differs, -j2 and -j8: units that share cores take longer\n"
        "note:   the commits differ: units with commit seeds ran with other inputs\n"
        "\n"
        "got worse:\n"
        "  d: passed -> failed: exit status 3\n"
        "\n"
        "slower:\n"
        "  a: 1.00 s -> 3.00 s, 3.0 x (it varied by 0.10 s in 3 runs)\n"
        "  b: 1.00 s -> 2.00 s, 2.0 x (one run each; its history is too short to tell how much it varies)\n"
        "\n"
        "makespan: 1.00 s -> 3.00 s\n"
        "CPU:      4.00 s -> 7.00 s\n"
        "4 units in both: 1 got worse, 2 slower, 1 the same, or within their usual variation\n"
    )


def test_a_ratio_is_told_only_where_both_passed_and_the_first_took_any_time() -> None:
    before = [record("a", 3.0), record("b", 1.0, "failed"), record("c", 0.0)]
    after = [record("a", 4.0), record("b", 1.0, "failed"), record("c", 1.0)]
    rows = comparison.as_json(compare(made_up(before), made_up(after), History()))["units"]
    assert [(row["id"], row["ratio"], row["samples"]) for row in rows] == [
        ("a", 1.3333, 0),
        ("b", None, 0),
        ("c", None, 0),
    ]


def test_a_long_list_is_cut_in_the_text_and_whole_in_json() -> None:
    before = made_up([record(f"u{number}", 1.0) for number in range(50)])
    after = made_up([record(f"u{number}", 9.0) for number in range(50)])
    found = compare(before, after, History())
    assert comparison.text(found).count("\n  u") == 20
    assert "  and 30 more; --json lists all\n" in comparison.text(found)
    assert len(comparison.as_json(found)["units"]) == 50


def test_notes_cannot_command_a_terminal() -> None:
    after = made_up([record("a", 1, "failed", note="\x1b[2Jgone")])
    assert "\x1b" not in comparison.text(compare(made_up([record("a")]), after, History()))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two real runs, the second with one failure; nothing changes it."""
    made = Project(tmp_path_factory.mktemp("compare") / "project")
    made.write({"good": "", "bad": "test ! -e fails"})
    made.make("test")
    (made.root / "fails").touch()
    made.make("test")
    return made


def test_the_status_is_1_when_an_outcome_got_worse(project: Project) -> None:
    worse = project.longpole("compare")
    assert worse.status == 1
    assert "got worse:\n  v/bad: passed -> failed: exit status 1\n" in worse.out
    assert worse.out.startswith(f"before: {project.runs[0].name}\nafter:  {project.runs[1].name}\n")
    better = project.longpole("compare", "last", "-2")
    assert better.status == 0
    assert "got better:\n  v/bad: failed -> passed\n" in better.out


def test_json(project: Project) -> None:
    done = project.longpole("compare", "previous", "last", "--json")
    data = json.loads(done.out)
    assert done.status == 1
    assert data["got_worse"] is True
    assert {unit["id"]: unit["status"] for unit in data["units"]} == {
        "v/good": ["passed", "passed"],
        "v/bad": ["passed", "failed"],
    }


def test_runs_that_there_are_not_are_a_mistake(project: Project) -> None:
    done = project.longpole("compare", "-3", "last")
    assert (done.status, done.err) == (2, "longpole: -3: only 2 runs are kept; `longpole runs` lists them\n")
    assert project.longpole("compare", "--jsn").status == 2
