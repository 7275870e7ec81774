"""Which class is in which fork, and the file that keeps it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.forks.assignment import (
    Assignment,
    assign,
    assignment_path,
    read_assignment,
    write_assignment,
)

NAMES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), unique=True, max_size=8)
SECONDS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(allow_nan=True, allow_infinity=True))


def of(*forks: tuple[str, ...], **changes: object) -> Assignment:
    fields: dict[str, object] = {"variant": "v", "module": "m", "forks": forks, **changes}
    return Assignment(**fields)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from("abcdefgh")), SECONDS, st.integers(1, 6))
def test_every_fork_has_a_class_and_every_class_a_fork(
    classes: list[str], seconds: dict[str, float], forks: int
) -> None:
    made = assign("v", "m", classes, forks=forks, seconds=seconds)
    assert len(made.forks) == min(forks, len(set(classes)))
    assert all(made.forks)
    assert sorted(name for fork in made.forks for name in fork) == sorted(set(classes))
    assert sorted(made.queue) == sorted(set(classes))
    assert all(0 <= value < 1e400 for value in made.seconds.values())


def test_the_heaviest_class_is_first_in_the_queue_and_unknown_ones_weigh_the_median() -> None:
    made = assign("v", "m", "abcde", forks=2, seconds={"b": 5.0, "c": 1.0, "d": 2.0, "gone": 9.0})
    assert made.queue == ("b", "a", "d", "e", "c")
    assert made.seconds == {"b": 5.0, "c": 1.0, "d": 2.0}
    assert made.expected_s(("a", "b")) == 7.0
    assert assign("v", "m", "ba", forks=1, seconds={}).expected_s("ab") == 0.0
    assert assign("v", "m", "ba", forks=1, seconds={}).queue == ("a", "b")


@given(st.lists(NAMES.map(tuple), max_size=4).map(tuple), NAMES, st.booleans())
def test_what_is_written_is_read_again(forks: tuple[tuple[str, ...], ...], left_out: list[str], claimed: bool) -> None:
    import tempfile

    seconds = {name: 0.25 for fork in forks for name in fork[:1]}
    made = of(*forks, seconds=seconds, left_out=tuple(left_out), stealing=claimed, claimed=forks if claimed else None)
    with tempfile.TemporaryDirectory() as folder:
        write_assignment(Path(folder), made)
        assert read_assignment(folder, "v", "m") == made


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"forks": [["a"]]},
        {"forks": [[["a", "x"]]]},
        {"forks": [[["a", -1.0]]]},
        {"forks": [[[1, None]]]},
        {"forks": None},
        {"left_out": [None]},
        {"claimed": [1]},
        {"variant": 1},
    ],
)
def test_a_file_that_says_something_else_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    write_assignment(tmp_path, of(("a",)))
    path = Path(assignment_path(tmp_path, "v", "m"))
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert read_assignment(tmp_path, "v", "m") is None


@given(st.binary(max_size=50))
def test_no_content_is_an_exception(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_assignment(Path(folder), of(("a",)))
        Path(assignment_path(folder, "v", "m")).write_bytes(content)
        assert read_assignment(folder, "v", "m") is None


def test_a_run_without_the_file_has_none(tmp_path: Path) -> None:
    assert read_assignment(tmp_path, "v", "m") is None


def test_the_classes_of_a_fork_are_those_that_it_took_if_that_is_known() -> None:
    planned = of(("a", "b"), ("c",))
    assert [planned.of_fork(number) for number in range(3)] == [("a", "b"), ("c",), ()]
    taken = of(("a", "b"), ("c",), stealing=True, claimed=((), ("a", "b", "c")))
    assert [taken.of_fork(number) for number in range(3)] == [(), ("a", "b", "c"), ()]


def test_classes_are_given_unless_they_are_taken() -> None:
    assert of(("a",)).stealing is False
    made = assign("v", "m", "a", forks=1, seconds={"a": 0.0}, left_out={"c", "b"})
    assert (made.stealing, made.left_out, dict(made.seconds)) == (False, ("b", "c"), {"a": 0.0})
    assert assign("v", "m", "a", forks=1, seconds={}, stealing=True).stealing is True


def test_two_modules_of_a_variant_and_a_second_writing(tmp_path: Path) -> None:
    for module in "mnm":
        write_assignment(tmp_path, of(("a",), module=module, seconds={"a": 0.0}))
    assert read_assignment(tmp_path, "v", "n") == of(("a",), module="n", seconds={"a": 0.0})


def test_an_endless_duration_is_none(tmp_path: Path) -> None:
    write_assignment(tmp_path, of(("a",), seconds={"a": 12345.0}))
    path = Path(assignment_path(tmp_path, "v", "m"))
    path.write_text(path.read_text().replace("12345.0", "1e999"))
    assert read_assignment(tmp_path, "v", "m") is None
