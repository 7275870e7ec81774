"""Keys from a terminal, one at a time, without Enter.

The terminal is changed only while a key is awaited, so that commands run in the terminal as the user has it. Ctrl-C
still interrupts.
"""

import os
import termios
from collections import deque

_ESCAPE = 0x1B
MAX_READ = 1024


class Keys:
    """Reads keys from the terminal that is open as `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._typed: deque[str] = deque()

    def next(self) -> str:
        """The next key: a character, or an empty text at the end of the input, also if the terminal is gone.

        Cursor keys and others that send more than one character are left out; Escape alone is a key.
        """
        while not self._typed:
            data = self._read()
            if not data:
                return ""
            self._typed.extend(keys_in(data))
        return self._typed.popleft()

    def _read(self) -> bytes:
        try:
            before = termios.tcgetattr(self._descriptor)
        except termios.error:
            return b""
        single = [*before[:6], list(before[6])]
        single[3] &= ~(termios.ICANON | termios.ECHO)
        single[6][termios.VMIN], single[6][termios.VTIME] = 1, 0
        try:
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, single)
            data = os.read(self._descriptor, MAX_READ)
        except (OSError, termios.error):
            return b""
        finally:
            _restore(self._descriptor, before)
        return b"" if data == before[6][termios.VEOF] else data  # Ctrl-D


def _restore(descriptor: int, attributes: "termios._AttrReturn") -> None:
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, attributes)
    except termios.error:
        pass  # the terminal has gone


def keys_in(data: bytes) -> list[str]:
    """The keys in what was read at once; a terminal writes the sequence of a key at once."""
    keys: list[str] = []
    index = 0
    while index < len(data):
        byte = data[index]
        if byte == _ESCAPE:
            index, is_key = _after_escape(data, index)
            keys += ["\x1b"] * is_key
            continue
        if byte < 0x80:
            keys.append(chr(byte))
        index += 1
    return keys


def _after_escape(data: bytes, index: int) -> tuple[int, bool]:
    """Where the sequence that begins with ESC at `index` has ended, and whether it is the key Escape alone.

    ECMA-48: CSI is ESC, `[`, parameters and intermediates, one final byte; SS3 is ESC, `O` and one byte; a character
    typed with Alt has ESC before it.
    """
    index += 1
    if index == len(data) or data[index] == _ESCAPE:
        return index, True
    if data[index] == ord("["):
        index += 1
        while index < len(data) and 0x20 <= data[index] < 0x40:
            index += 1
        return min(index + 1, len(data)), False
    return min(index + (2 if data[index] == ord("O") else 1), len(data)), False
