"""Keys of a terminal: which bytes are which keys, and a real terminal that is as it was afterwards."""

import os
import pty
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.keys import Keys, keys_in


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"a", ["a"]),
        (b"\n\r ", ["\n", "\r", " "]),
        (b"\x1b", ["\x1b"]),
        (b"\x1b\x1b", ["\x1b", "\x1b"]),
        (b"\x1b[A", []),  # cursor up
        (b"\x1b[1;5Cq", ["q"]),
        (b"\x1bOPq", ["q"]),  # F1
        (b"\x1bqx", ["x"]),  # Alt-q is not q
        (b"\x1b[", []),
        ("äq".encode(), ["q"]),
        (b"\x1b[200~r\x1b[201~", ["r"]),  # a bracketed paste
    ],
)
def test_the_bytes_of_keys(data: bytes, keys: list[str]) -> None:
    assert keys_in(data) == keys


@given(st.binary(max_size=50))
def test_any_bytes_are_some_keys(data: bytes) -> None:
    assert len(keys_in(data)) <= len(data)
    assert [key for key in keys_in(data.replace(b"\x1b", b""))] == [chr(b) for b in data if b < 0x80 and b != 0x1B]


def test_a_terminal_gives_keys_without_enter_and_is_as_it_was() -> None:
    controller, terminal = pty.openpty()
    try:
        before = termios.tcgetattr(terminal)
        keys = Keys(terminal)
        for typed in (b"x", b"\r", b"\x1b", b"rR"):
            raw = termios.tcgetattr(terminal)
            raw[3] &= ~termios.ICANON  # what is typed ahead, without Enter, is not lost
            termios.tcsetattr(terminal, termios.TCSANOW, raw)
            os.write(controller, typed)
            assert keys.next() in (typed[:1].decode(), "\n")  # a terminal makes a newline of a carriage return
            termios.tcsetattr(terminal, termios.TCSANOW, before)
        assert keys.next() == "R"
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(controller)
        os.close(terminal)


def test_a_terminal_that_is_gone_has_no_more_keys() -> None:
    controller, terminal = pty.openpty()
    keys = Keys(terminal)
    os.close(controller)
    assert keys.next() == ""
    os.close(terminal)
    assert keys.next() == ""


def test_what_is_no_terminal_has_no_keys() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"q")
    assert Keys(reader).next() == ""
    os.close(reader)
    os.close(writer)
