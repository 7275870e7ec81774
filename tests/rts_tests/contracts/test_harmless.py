"""What others wrote reaches a terminal as text: nothing in it is obeyed, whatever it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.harmless import harmless, harmless_note

RED, PLAIN = "\x1b[31m", "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "colour", "shown"),
    [
        (f"a{RED}b{PLAIN}c", True, f"a{RED}b{PLAIN}c"),
        (f"a{RED}b{PLAIN}c", False, "abc"),
        (f"{RED}{PLAIN}", True, f"{RED}{PLAIN}"),
        ("\x1b[2Ja\x1b[10;20Hb", True, "ab"),
        ("\x1b[?25la", True, "a"),
        ("a\tb\r\nc\x00d\x7fe\x9bf", True, "a\tbcdef"),
        ("\x1b]0;title\x07rest", True, "]0;titlerest"),
        (f"\x1b[2J{RED}x", True, f"{RED}x"),
    ],
)
def test_only_colours_and_tabs_are_left_and_colours_only_if_asked_for(text: str, colour: bool, shown: str) -> None:
    assert harmless(text, colour=colour) == shown


@given(st.text(st.sampled_from("a[;0123mHJ?#\x1b\x9b\t\n\x00é")), st.booleans())
def test_no_control_character_is_left_but_in_a_colour(text: str, colour: bool) -> None:
    shown = harmless(text, colour=colour)
    rest = re.sub(r"\x1b\[[0-9;]*m", "", shown) if colour else shown
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", rest)


def test_a_note_has_no_colours_and_gives_no_order_to_a_workflow() -> None:
    assert harmless_note(f"{RED}bad{PLAIN} ##[error]x ##[") == "bad # #[error]x # #["
