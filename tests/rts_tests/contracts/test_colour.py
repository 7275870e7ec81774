"""One rule for colours, and one format for durations and counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.colour import Colour, coloured, has_colour
from longpole.rts_tests.contracts.quantities import count, seconds

XTERM = {"TERM": "xterm"}


@pytest.mark.parametrize(
    ("environ", "on_terminal", "elsewhere"),
    [
        (XTERM, True, False),
        ({}, True, False),
        ({"TERM": "dumb"}, False, False),
        (XTERM | {"NO_COLOR": "1"}, False, False),
        (XTERM | {"NO_COLOR": ""}, True, False),
        (XTERM | {"FORCE_COLOR": "1"}, True, True),
        (XTERM | {"FORCE_COLOR": "3"}, True, True),
        (XTERM | {"FORCE_COLOR": "0"}, False, False),
        (XTERM | {"FORCE_COLOR": "false"}, False, False),
        (XTERM | {"FORCE_COLOR": ""}, True, False),
        (XTERM | {"CLICOLOR_FORCE": "1"}, True, True),
        (XTERM | {"CLICOLOR_FORCE": "0"}, True, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, False, False),
    ],
)
def test_whether_there_are_colours(environ: dict[str, str], on_terminal: bool, elsewhere: bool) -> None:
    assert has_colour(environ, terminal=True) is on_terminal
    assert has_colour(environ, terminal=False) is elsewhere


def test_a_word_in_a_colour() -> None:
    assert coloured("FAIL", Colour.RED) == "\x1b[31mFAIL\x1b[0m"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00 s"),
        (59.994, "59.99 s"),
        (59.996, "1 min 00 s"),
        (187, "3 min 07 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7320, "2 h 02 min"),
        (360_000, "100 h 00 min"),
    ],
)
def test_a_duration(value: float, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 units"), (1, "1 unit"), (2, "2 units"), (999, "999 units"), (1234, "1,234 units")]
)
def test_a_count(number: int, text: str) -> None:
    assert count(number, "unit") == text


@given(st.integers(0, 10**9))
def test_only_one_is_singular(number: int) -> None:
    assert count(number, "run").endswith("s") is (number != 1)
