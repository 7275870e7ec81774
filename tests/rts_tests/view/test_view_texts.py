"""What a view says, as pure functions: names that fit, times, pictures of a run, lines of a unit, and their order."""

import itertools
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.view.frame import MAX_ROWS, Picture, frame, room_for
from longpole.rts_tests.view.lines import Lines
from longpole.rts_tests.view.order import InPlanOrder
from longpole.rts_tests.view.plain import Plain
from longpole.rts_tests.view.settings import Settings, is_ci, settings
from longpole.rts_tests.view.shorten import duration, left, middle
from tests.made_up import record

SECONDS = st.floats(0, 1e6)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@given(st.text(max_size=300), st.integers(0, 300))
def test_what_is_shortened_fits_and_keeps_both_ends(text: str, room: int) -> None:
    short = middle(text, room)
    assert len(short) == min(len(text), room)
    if len(text) > room >= 5:
        head = (room - 3) // 2
        assert short == f"{text[:head]}...{text[len(text) - (room - 3 - head) :]}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (0.99, "0 s"), (59.9, "59 s"), (60, "1 min 00 s"), (3599, "59 min 59 s"), (7320, "2 h 02 min")],
)
def test_a_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "almost done"),
        (1.1, "about 2 s left"),
        (41, "about 45 s left"),
        (58, "about 60 s left"),
        (61, "about 2 min left"),
        (5400, "about 90 min left"),
        (5401, "about 2 h left"),
        (1e6, "about 278 h left"),
    ],
)
def test_the_time_left_in_words(seconds: float, text: str) -> None:
    assert left(seconds) == text


def _said_s(text: str) -> int:
    match = re.fullmatch(r"about ([0-9]+) (s|min|h) left", text)
    return int(match[1]) * {"s": 1, "min": 60, "h": 3600}[match[2]] if match else 1


@given(SECONDS, SECONDS)
def test_more_time_never_reads_as_less(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert _said_s(left(less)) <= _said_s(left(more))
    assert _said_s(left(more)) >= min(more, 5e5) * 0.99


NAMES = st.integers(1, 204).map("n".__mul__)


@given(
    st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)).map(sorted),
    st.integers(0, 100_000),
    st.lists(st.tuples(NAMES, SECONDS, SECONDS), max_size=30),
    st.integers(1, 300),
    st.integers(1, 100),
)
def test_a_picture_fits_any_terminal(
    counts: list[int], failed: int, units: list[tuple[str, float, float]], columns: int, rows: int
) -> None:
    shown = units[: room_for(rows)]
    lines = [
        COLOURS.sub("", line) for line in frame(Picture(counts[0], failed, counts[1], 5.0, shown, len(units)), columns)
    ]
    assert all(len(line) < max(2, columns) and line.isprintable() for line in lines)
    assert len(lines) <= max(1, rows // 2)
    assert len(shown) <= MAX_ROWS


def test_a_picture_on_sixty_columns() -> None:
    units: list[tuple[str, float, float]] = [(f"{'v' * 100}/{'m' * 100}[7]", 65, 70), ("eop/gc[3]", 3.9, 0.2)]
    assert [COLOURS.sub("", line) for line in frame(Picture(31, 1, 72, 100, units, 5), 60)] == [
        "[#########..............] 31/72  1 failed  about 2 min left",
        "  vvvvvvvvvvvvvv...mmmmmmmmmmm[7]  1 min 05 s of 1 min 10 s",
        "  eop/gc[3]                                      3 s of 1 s",
        "  and 3 more",
    ]


def _log(lines: Sequence[str]) -> Callable[[int | None], list[str]]:
    return lambda count: list(lines if count is None else lines[-count:])


LONG = [f"line {number}" for number in range(30)]


def test_lines_of_a_unit() -> None:
    lines = Lines(colour=False)
    assert lines.unit(record("v/a", 1.234), _log(LONG)) == "PASS v/a  1.23 s"
    assert lines.unit(record("v/a", status="cancelled", note="x"), _log(LONG)) == "CANCEL v/a  1.00 s"
    failed = lines.unit(record("v/a", status="failed", note="exit status 3"), _log(LONG))
    assert failed is not None
    assert failed.splitlines() == ["FAIL v/a  1.00 s", "    exit status 3", *(f"  | {line}" for line in LONG[10:])]
    assert lines.started("v/a", ["true"]) is None


def test_lines_of_a_quiet_run() -> None:
    lines = Lines(colour=False, verbosity=-1)
    assert lines.unit(record("v/a"), _log([])) is None
    assert lines.unit(record("v/a", status="flaky"), _log([])) == "FLAKY v/a  1.00 s"


def test_lines_of_a_verbose_run() -> None:
    lines = Lines(colour=False, verbosity=1)
    assert lines.started("v/a", ["sh", "-c", "echo a\necho '\x1b[2J'"]) == (
        "START v/a\n    $ sh -c 'echo a\\necho '\"'\"''\"'\"''"
    )
    assert lines.unit(record("v/a"), _log(LONG)) == "PASS v/a  1.00 s"


def test_a_long_command_is_shortened() -> None:
    said = Lines(colour=False, verbosity=1).started("v/a", ["x" * 100_000])
    assert said is not None
    assert len(said) < 1100


def test_whole_logs_are_shown_and_harmless() -> None:
    lines = Lines(colour=False, verbosity=2)
    said = lines.unit(record("v/a"), _log([*LONG, "\x1b[2Jx\ry\x1b[31m"]))
    assert said is not None
    assert said.splitlines() == ["PASS v/a  1.00 s", *(f"  | {line}" for line in LONG), "  | xy"]


def test_colours_end_with_the_unit() -> None:
    said = Lines(colour=True).unit(record("v/a", status="failed"), _log(["\x1b[31mred"]))
    assert said == "\x1b[31mFAIL\x1b[0m v/a  1.00 s\n  | \x1b[31mred\x1b[0m"


def test_lines_without_times_are_the_same_in_every_run() -> None:
    lines = Lines(colour=False, verbosity=1, timed=False)
    texts = {
        lines.unit(record("v/a", wall_s, "leaked", lane=lane, note=note, stable_note="left running: sleep 9"), _log([]))
        for wall_s, lane, note in ((1.0, 0, "left running: 10 sleep 9"), (2.0, 7, "left running: 4711 sleep 9"))
    }
    assert texts == {"LEAK v/a\n    $ true\n    left running: sleep 9"}
    assert lines.started("v/a", ["true"]) is None


@given(st.permutations(range(6)), st.integers(0, 6))
def test_texts_are_let_go_in_plan_order_and_as_early_as_can_be(ended: list[int], count: int) -> None:
    order = InPlanOrder()
    order.begin(str(number) for number in range(6))
    out: list[str] = []
    for number in ended[:count]:
        said = (lambda number=number: str(number)) if number % 2 else str(number)
        out += order.add(str(number), said)
        gone = set(ended[: ended.index(number) + 1])
        assert out == [str(each) for each in itertools.takewhile(gone.__contains__, range(6))]
    out += order.rest()
    assert out == sorted(map(str, ended[:count]))
    assert list(order.rest()) == []


def test_what_never_got_its_turn_is_printed_at_the_end(tmp_path: Path) -> None:
    out = os.memfd_create("out")
    plain = Plain(out, Lines(colour=False, timed=False), tmp_path)
    plain.begin([Unit("v", name, None, 0, 0, 1.0, "weight", False) for name in "abc"])
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "test-v-b.log").write_text("of b\n")
    for name, status in (("c", "passed"), ("b", "failed")):
        plain.finished(record(f"v/{name}", status=status, target=f"test-v-{name}"), _log(["not this"]))
    assert os.fstat(out).st_size == 0
    plain.close()
    plain.close()
    assert os.pread(out, 1000, 0).decode() == "FAIL v/b\n  | of b\nPASS v/c\n"
    os.close(out)


def test_what_says_nothing_holds_nothing_up() -> None:
    order = InPlanOrder()
    order.begin("ab")
    assert list(order.add("b", "b")) == []
    assert list(order.add("a", None)) == ["b"]


def test_settings() -> None:
    assert settings({}) == settings({"LONGPOLE_VIEW": "", "LONGPOLE_ORDER": "completion"}) == Settings()
    environ = {"LONGPOLE_VIEW": "live", "LONGPOLE_ORDER": "input", "LONGPOLE_VERBOSE": "-1"}
    assert settings(environ) == Settings(True, True, -1)


@pytest.mark.parametrize("name", ["LONGPOLE_VIEW", "LONGPOLE_ORDER", "LONGPOLE_VERBOSE"])
def test_a_setting_that_is_not_known(name: str) -> None:
    with pytest.raises(UseError, match=rf"{name}: 'x' is not one of .*; use one of these"):
        settings({name: "x"})


@pytest.mark.parametrize(("value", "yes"), [("true", True), ("1", True), ("", False), ("false", False), ("0", False)])
def test_ci(value: str, yes: bool) -> None:
    assert is_ci({"CI": value}) is yes
