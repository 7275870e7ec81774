"""What others wrote reaches a terminal as text: nothing in it is obeyed, whatever it is."""

import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text

RED, PLAIN = "\x1b[31m", "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "colour", "shown"),
    [
        (f"a{RED}b{PLAIN}c", True, f"a{RED}b{PLAIN}c"),
        (f"a{RED}b{PLAIN}c", False, "abc"),
        (f"{RED}{PLAIN}", True, f"{RED}{PLAIN}"),
        ("\x1b[2Ja\x1b[10;20Hb", True, "ab"),
        ("\x1b[?25la", True, "a"),
        ("a\tb\r\nc\x00d\x7fe\x9bf", True, "a\tbcde"),
        (f"\x1b[2J{RED}x", True, f"{RED}x"),
        ("\x1b]0;title\x07rest", True, "rest"),
        ("see \x1b]8;;https://a.example/?q=1\x1b\\the docs\x1b]8;;\x1b\\.", True, "see the docs."),
        ("\x1b]8;id=1;file:///etc/passwd\x07click\x1b]8;;\x07", False, "click"),
        ("\x9d8;;https://a.example\x9cclick\x9d8;;\x9c", True, "click"),
        ("\x1b]52;c;cm0gLXJmIC8=\x07paste", True, "paste"),
        ("\x1bP+q544e\x1b\\a\x90$qm\x9cb", True, "ab"),
        ("\x1b_app\x1b\\a\x9fapp\x9cb\x1b^pm\x1b\\c\x9epm\x9cd\x1bXsos\x1b\\e\x98sos\x9cf", True, "abcdef"),
        ("\x1bPtmux;\x1b\x1b]8;;https://a.example\x07\x1b\\in tmux", True, "in tmux"),
        ("\x1bktitle\x1b\\rest", True, "rest"),
        ("\x1b]8;;https://a.example never ends", True, "8;;https://a.example never ends"),
        ("\x1bPq never \x1b\x1b ends", True, "q never  ends"),
        (f"\x1b]0;cut{RED}x{PLAIN}", True, f"0;cut{RED}x{PLAIN}"),
        ("\x9b2Ja\x9b31mb", True, "ab"),
        ("\x1b(0lqk\x1b(B\x1b#8\x1bc\x1b7", True, "lqk"),
        ("cut in the middle \x1b[31", True, "cut in the middle "),
        ("\x1b[38:2::255:0:0mred\x1b[m", True, "\x1b[38:2::255:0:0mred\x1b[m"),
        ("gnp.\u202eexe\u2066\u2028", True, "gnp.exe"),
    ],
)
def test_only_colours_and_tabs_are_left_and_colours_only_if_asked_for(text: str, colour: bool, shown: str) -> None:
    assert harmless(text, colour=colour) == shown


_PIECES = [*"a[;0123mHJ?#\\]P_^Xk(\x1b\x9b\x90\x9c\x9d\x9f\x07\t\n\x00é", "\x1b]8;;", "\x1b\\", "\x1b[31m", "\x1bP"]
_HOSTILE_LINES = st.lists(st.sampled_from(_PIECES)).map("".join)


@given(_HOSTILE_LINES, st.booleans())
def test_no_control_character_is_left_but_in_a_colour(text: str, colour: bool) -> None:
    shown = harmless(text, colour=colour)
    rest = re.sub(r"\x1b\[[0-9;]*m", "", shown) if colour else shown
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", rest)


@given(_HOSTILE_LINES)
def test_a_terminal_shows_the_same_text_with_and_without_colours_and_obeys_nothing(text: str) -> None:
    line = harmless(text, colour=False).expandtabs(1)[:200]
    screen = pyte.Screen(400, 2)
    pyte.Stream(screen).feed(harmless(text, colour=True).expandtabs(1))
    assert screen.title == ""
    assert screen.display[0][:200].rstrip() == line.rstrip()
    assert (screen.cursor.y, harmless(line, colour=True)) == (0, line)


@pytest.mark.parametrize(
    "opening", ["\x1b]", "\x1bP", "\x1b\x1b]", "\x9d", "\x1b[", "\x1b[1", "\x1bP\x1b\x1b", "\x1b "]
)
def test_a_long_line_of_openings_is_read_once(opening: str) -> None:
    assert "\x1b" not in harmless(opening * 300_000, colour=True)


def test_lines_stay_lines() -> None:
    assert harmless_text(f"a{RED}b\r\n\n\x1b]0;x\x07c\x85d\n") == "ab\n\ncd\n"


def test_a_note_has_no_colours_and_gives_no_order_to_a_workflow() -> None:
    assert harmless_note(f"{RED}bad{PLAIN} ##[error]x ##[") == "bad # #[error]x # #["
