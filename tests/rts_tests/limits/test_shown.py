"""What a run shows to others: it is read as it was written, and what cannot be read is nothing."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.limits.admission import LOOK_S, SHOW_S
from longpole.rts_tests.limits.slots import STALE_S, Shared, Shown, decode
from longpole.rts_tests.limits.turns import NOTHING, Capacity, Need, Waiting

COUNTS = st.integers(0, 2**50)
NEEDS = st.builds(Need, COUNTS, COUNTS, st.lists(st.text(max_size=5), max_size=3).map(tuple), st.booleans())
CAPACITIES = st.builds(Capacity, st.none() | COUNTS, st.none() | COUNTS)
SHOWN = st.builds(
    Shown,
    st.just(100.0),
    NEEDS,
    st.lists(st.builds(Waiting, st.floats(0, 1e9), NEEDS, CAPACITIES), max_size=4).map(tuple),
)


@given(SHOWN)
def test_what_is_shown_is_seen(shown: Shown) -> None:
    assert decode(shown.encode(), 100.0) == shown


@given(SHOWN)
def test_units_of_a_run_that_does_not_look_wait_in_nobodys_way_and_keep_what_they_have(shown: Shown) -> None:
    seen = decode(shown.encode(), 100.0 + STALE_S)
    assert seen.taken == shown.taken
    assert seen.waiting == ()


WHOLE = Shown(1.0, Need(1, 2, ("a",)), (Waiting(0.5, Need(1), Capacity(2, None)),)).encode()


def test_the_format_is_version_1_and_this() -> None:
    text = '{"version": 1, "at": 1.0, "taken": [1, 2, ["a"], false], "waiting": [[0.5, [1, 0, [], false], [2, null]]]}'
    assert WHOLE.decode() == text
    assert decode(text.replace("1", "2", 1).encode(), 1.0) == Shown(0.0)


def test_units_wait_in_line_until_their_run_has_not_looked_for_five_seconds() -> None:
    assert len(decode(WHOLE, 1.0 + 4.99).waiting) == 1
    assert decode(WHOLE, 1.0 + 5.0).waiting == ()
    assert STALE_S > 3 * (SHOW_S + LOOK_S), "a run that looks on a busy machine is not taken for a stopped one"


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_file_that_was_cut_off_shows_nothing(length: int) -> None:
    assert decode(WHOLE[:length], 1.0) == Shown(0.0)


VALUES: list[object] = [None, "x", [], [1], [1, 2, 3, 4], {}, 99]
FINE: list[tuple[str, object]] = [("at", 99), ("waiting", []), ("waiting", {})]
OTHER_KINDS = [
    (key, value) for key in ("version", "at", "taken", "waiting") for value in VALUES if (key, value) not in FINE
]


@pytest.mark.parametrize(("key", "value"), OTHER_KINDS)
def test_a_file_of_another_kind_is_refused_and_one_of_another_version_shows_nothing(key: str, value: object) -> None:
    data = json.dumps({**json.loads(WHOLE), key: value}).encode()
    if key == "version":
        assert decode(data, 1.0) == Shown(0.0)
    else:
        with pytest.raises(ValueError, match=r"\S"):
            decode(data, 1.0)


@pytest.mark.parametrize("need", [["1", 2, [], False], [1, "2", [], False], [1, 2, "ab", False], [None, 2, [], False]])
def test_needs_of_another_kind_are_refused(need: list[object]) -> None:
    with pytest.raises(ValueError, match="not what a unit takes"):
        decode(json.dumps({**json.loads(WHOLE), "taken": need}).encode(), 1.0)


ABSURD = ["1e999", "-1", "-1e999", "1" + "0" * 400, "true", "1" + "0" * 18 + "0"]


@pytest.mark.parametrize("number", ABSURD)
@pytest.mark.parametrize("place", ["at", "since", "slots", "memory", "capacity"])
def test_absurd_numbers_are_refused(number: str, place: str) -> None:
    row = {"at": "1.0", "since": "0.5", "slots": "1", "memory": "2", "capacity": "2", place: number}
    text = (
        '{"version": 1, "at": %(at)s, "taken": [%(slots)s, %(memory)s, ["a"], false], '
        '"waiting": [[%(since)s, [1, 0, [], false], [%(capacity)s, null]]]}'
    )
    with pytest.raises(ValueError, match="not "):
        decode((text % row).encode(), 1.0)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": 1, "at": NaN}', "", "\0", "9" * 5000])
def test_what_is_no_json_shows_nothing(text: str) -> None:
    assert decode(text.encode(), 1.0) == Shown(0.0)


def test_a_run_whose_file_is_absurd_is_ignored_and_named(tmp_path: Path) -> None:
    one, other = Shared(tmp_path / "slots"), Shared(tmp_path / "slots")
    other.show(Shown(7.0, Need(3, 0, ("a",))))
    (tmp_path / "slots" / f"run-{other.name}").write_text('{"version": 1, "at": 1e999, "taken": [], "waiting": []}')
    assert one.others(7.0) == {}
    assert one.odd == {f"run-{other.name}": "not a moment"}
    one.close()
    other.close()


def test_runs_see_each_other_while_they_are_there(tmp_path: Path) -> None:
    one, other = Shared(tmp_path / "slots"), Shared(tmp_path / "slots")
    shown = Shown(7.0, Need(3, 0, ("a",)))
    other.show(shown)
    assert one.others(7.0) == {other.name: shown}
    assert other.others(7.0) == {one.name: Shown(0.0)}
    other.show(Shown(8.0, NOTHING))
    assert one.others(8.0) == {other.name: Shown(8.0)}
    other.close()
    assert one.others(8.0) == {}
    one.close()
    assert sorted(os.listdir(tmp_path / "slots")) == ["exclusive", "gate", "mutex"]


def test_only_those_who_are_told_hear(tmp_path: Path) -> None:
    runs = [Shared(tmp_path / "slots") for _ in range(3)]
    runs[0].wake_up([runs[1].name, "gone"])
    assert os.read(runs[1].wake, 9) == b"."
    with pytest.raises(BlockingIOError):
        os.read(runs[2].wake, 9)
    for run in runs:
        run.clear_wake()
        run.close()


def test_one_at_a_time_decides(tmp_path: Path) -> None:
    one, other = Shared(tmp_path / "slots"), Shared(tmp_path / "slots")
    assert one.enter()
    assert not other.enter()
    one.leave()
    assert other.enter()
    other.close()
    assert one.enter(), "what a run held is free when it has ended"
    one.close()
