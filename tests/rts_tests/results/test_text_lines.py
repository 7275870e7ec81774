"""Lines are the same however the output is cut into pieces, and a line without an end is not held whole."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.results.text_lines import MAX_LINE, TextLines, text_of


def lines_of(pieces: list[bytes]) -> list[bytes]:
    lines: list[bytes] = []
    reader = TextLines(lines.append)
    for piece in pieces:
        reader.feed(piece)
    reader.finish()
    return lines


@given(st.lists(st.text("a\n\r\x00é", max_size=8).map(str.encode), max_size=8))
def test_the_pieces_do_not_matter(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    expected = whole.split(b"\n")
    assert lines_of(pieces) == expected[: -1 if not expected[-1] else None]


def test_of_a_line_without_an_end_its_beginning_is_kept() -> None:
    (line,) = lines_of([b"x" * 1000] * 1000)
    assert len(line) == MAX_LINE
    assert text_of(b"y" * MAX_LINE + b"z") == "y" * MAX_LINE


def test_what_follows_a_long_line_is_a_line_of_its_own() -> None:
    _, after = lines_of([b"x" * MAX_LINE, b"x\nok 1", b"\n"])
    assert after == b"ok 1"


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert text_of(b"a\xff\0b\r") == "a\ufffd\ufffdb"
