"""The output of a listing: one class a line, and nothing that cannot be one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.forks import listing
from longpole.rts_tests.forks.listing import BadListing, parse_listing


def test_one_class_a_line_whatever_ends_the_lines() -> None:
    assert parse_listing(b"\xef\xbb\xbfa.B\r\n\n  \r\ntests/x y.py\nz").classes == ("a.B", "tests/x y.py", "z")
    assert parse_listing(b"").classes == ()


def test_a_class_that_is_listed_twice_counts_once() -> None:
    found = parse_listing(b"b\na\nb\nb\na\nc\n")
    assert found.classes == ("b", "a", "c")
    assert found.warning == "classes that are listed more than once run once: 'b', 'a'"
    assert parse_listing(b"a\nb\n").warning is None


def test_a_warning_is_not_endless() -> None:
    warning = parse_listing(b"".join(b"%d\n%d\n" % (number, number) for number in range(100))).warning
    assert warning is not None
    assert warning.endswith("'0', '1', '2' and 97 more")


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (b"a\n\xff\n", "line 2 of its output is not UTF-8"),
        (b"a\0b\n", "line 1 of its output has control characters"),
        (b"a\tb", "control characters"),
        (b"a\rb", "control characters"),
        ("a\x85b".encode(), "control characters"),
        (b"\x1b[31mred\n", "control characters"),
        (b"x" * 5000, "more than 4096 characters"),
    ],
)
def test_what_cannot_be_a_class_is_refused(output: bytes, why: str) -> None:
    with pytest.raises(BadListing, match=why):
        parse_listing(output)


def test_an_endless_output_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_BYTES", 10)
    with pytest.raises(BadListing, match="it printed more than"):
        parse_listing(b"12345678901")


@given(st.binary())
def test_any_output_is_read_or_refused(output: bytes) -> None:
    try:
        classes = parse_listing(output).classes
    except BadListing:
        return
    assert len(set(classes)) == len(classes)
    assert all(name.strip() and "\n" not in name and "\0" not in name for name in classes)
    assert parse_listing("\n".join(classes).encode()).classes == classes


@given(st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1)))
def test_every_class_that_is_printed_is_read(names: list[str]) -> None:
    printed = [name for name in names if name.strip() and name != "\ufeff"]
    expected = tuple(dict.fromkeys(printed))
    assert parse_listing("".join(f"{name}\n" for name in printed).encode()).classes == expected


def test_names_at_the_bounds() -> None:
    for name in ("x" * 4096, " ~", "a\xa0b", "a b"):
        assert parse_listing(f"{name}\n".encode()).classes == (name,)
    for wrong in ("\x1f", "\x7f", "\x9f", "x" * 4097):
        with pytest.raises(BadListing):
            parse_listing(f"a{wrong}".encode())


def test_messages_show_the_beginning_of_a_name() -> None:
    with pytest.raises(BadListing, match=f"characters: '{'x' * 80}'\\.\\.\\.$"):
        parse_listing(b"x" * 5000)
    with pytest.raises(BadListing, match=f"characters: '{'x' * 80}'$"):
        parse_listing(b"x" * 100 + b"\x01")
    with pytest.raises(BadListing, match=f"UTF-8: b'{'x' * 80}'$"):
        parse_listing(b"x" * 100 + b"\xff")


@pytest.mark.parametrize(("number", "end"), [(3, "'2'"), (4, "'2' and 1 more")])
def test_how_many_names_a_warning_has(number: int, end: str) -> None:
    warning = parse_listing("".join(f"{name}\n{name}\n" for name in range(number)).encode()).warning
    assert warning is not None
    assert warning.endswith(end)


def test_much_output_is_read() -> None:
    assert listing.MAX_BYTES == 64 << 20
