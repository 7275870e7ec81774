"""The progress bar: on a terminal it shows what is done and the time left; elsewhere there is none."""

import os
import re
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from longpole.perf.progress import counting, progress
from tests.project import DEADLINE_S


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, name: str = "xterm") -> Iterator[int]:
    """Standard error is a real terminal inside; gives the descriptor of its other side."""
    other, side = os.openpty()
    monkeypatch.setenv("TERM", name)
    with os.fdopen(side, "w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        yield other
        monkeypatch.undo()
    os.close(other)


def read_until(other: int, text: str) -> str:
    """What was written to the terminal up to `text` and a little more."""
    shown = ""
    while text not in shown:
        assert select.select([other], [], [], DEADLINE_S)[0], f"no {text!r} in {shown!r}"
        shown += os.read(other, 65536).decode()
    return shown


def test_a_terminal_shows_how_much_is_done_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as other:
        assert list(progress(iter("abcd"), "Reading", 4)) == list("abcd")
        assert "Reading" in read_until(other, "100%")
    clock = iter(range(0, 10_000, 2))
    with terminal(monkeypatch) as other, monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: next(clock))
        with counting("Packing", 100) as done:
            for _ in range(3):
                done(25)
        assert re.search(r"75%  00:00:0[1-9]", read_until(other, "75%  "))


def test_elsewhere_nothing_is_written(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(progress([1, 2], "Reading")) == [1, 2]
    with counting("Packing", 2) as done:
        done(2)
    assert capfd.readouterr() == ("", "")
    with terminal(monkeypatch, "dumb") as other:
        list(progress([1, 2], "Reading"))
        os.set_blocking(other, False)
        with pytest.raises(BlockingIOError):
            os.read(other, 1)


def test_the_items_are_taken_one_at_a_time() -> None:
    items = iter([1, 2, 3])
    assert next(progress(items, "Reading", 3)) == 1
    assert next(items) == 2
