"""What pytest's capture has captured goes to the wire's files, and what its terminal reporter prints is thinned out."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, TextIO, cast

import pytest

from longpole_pytest.genuine import Genuine
from longpole_pytest.wire import Wire

_SAID_BY_US = (
    "summary_errors",
    "summary_failures",
    "summary_passes",
    "summary_xfailures",
    "summary_xpasses",
    "short_test_summary",
    "summary_stats",
)
"""Parts of the reporter's summary that repeat what the protocol tells of each case."""


def connect(config: pytest.Config, wire: Wire, on_output: Callable[[str], None]) -> None:
    """From now on call `on_output` with what pytest has captured, after each phase of a test and each collection.

    The files of pytest's capture are replaced by those of the wire, which the watcher reads, too. Capturing is
    suspended now, so that it writes to the new ones when it is resumed.
    """
    manager: Any = config.pluginmanager.getplugin("capturemanager")
    capturing = getattr(manager, "_global_capturing", None)
    if capturing is None:
        return
    before = manager.read_global_capture()
    wire.add(before.out + before.err)  # by conftest files
    connected = []
    for stream, capture in ((1, capturing.out), (2, capturing.err)):
        try:
            os.dup2(wire.streams[stream], capture.tmpfile.fileno(), inheritable=False)
            connected.append(stream)
        except (AttributeError, OSError, ValueError):
            pass  # it is in memory, or not captured
    passed_on = config.getoption("capture") == "tee-sys"
    original, pid = manager.read_global_capture, Genuine.getpid()

    def read_global_capture() -> object:
        if Genuine.getpid() != pid:  # a test has forked
            return original()
        with wire.locked():
            rest = "".join([wire.take(stream) for stream in connected])
            result = original()
            for stream in connected:
                wire.emptied(stream)
            text = "" if passed_on else rest if connected else result.out + result.err
            if text:
                on_output(text)
        return result

    manager.read_global_capture = read_global_capture


class Terminal:
    """The file of pytest's terminal reporter: our standard output, except while it is `muted`."""

    def __init__(self) -> None:
        self.muted = False
        self._output = cast(TextIO, sys.__stdout__)

    def write(self, text: str) -> int:
        """Print the text unless muted."""
        if not self.muted:
            self._output.write(text)
        return len(text)

    def flush(self) -> None:
        """Print what waits."""
        self._output.flush()

    def isatty(self) -> bool:
        """Never one: escape sequences only if the user asks for colour."""
        return False

    @property
    def encoding(self) -> str:
        """That of standard output."""
        return self._output.encoding


def thin_out(config: pytest.Config) -> Terminal:
    """Have the terminal reporter print headers, live logs, warnings and summaries of plugins, but no results."""
    terminal = Terminal()
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        from _pytest.config import create_terminal_writer

        reporter._tw = create_terminal_writer(config, cast(TextIO, terminal))
        reporter._show_progress_info = False
        for name in _SAID_BY_US:
            if hasattr(reporter, name):
                setattr(reporter, name, lambda *_, **__: None)
    return terminal
