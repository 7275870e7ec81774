"""Runs the command of a build, puts the build's name before each line that it prints, and keeps what it printed.

Several builds write to one terminal at a time. So only complete lines are passed on, each written at once; standard
output and standard error stay apart. The end of the output is the end of the command: a process that it leaves running,
such as a compiler cache, may hold the pipes open for ever.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from longpole.rts_tests.contracts.capture import Capture

MAX_LOG_BYTES = 16 * 2**20
"""Bytes of a build's output that its log keeps."""

MAX_LINE = 65_536
"""A longer line is passed on in parts."""

PIPE_BUF = 4096
"""Bytes that a write to a pipe never mixes with another's, on Linux."""

SPILL_S = 1.0
_READ = 65_536
_PIPE_SIZE = 2**20
"""The most that a pipe holds, so the most that a command may have written before its end and we have not read."""


class _Lines:
    """Passes the lines of one stream on to a descriptor, and keeps them for the log."""

    def __init__(self, name: str, descriptor: int, capture: Capture) -> None:
        self._prefix = f"{name}: ".encode()
        self._capture = capture
        self._descriptor: int | None = descriptor
        self._rest = b""

    def add(self, data: bytes) -> None:
        """Pass on the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            lines, self._rest = [*lines, self._rest], b""
        if lines:
            self._pass_on(lines)

    def close(self) -> None:
        """Pass on an incomplete last line."""
        if self._rest:
            self._pass_on([self._rest])
            self._rest = b""

    def _pass_on(self, lines: Sequence[bytes]) -> None:
        self._capture.add(b"\n".join([*lines, b""]))
        block = b""
        for line in lines:
            text = b"%s%s\n" % (self._prefix, line)
            if block and len(block) + len(text) > PIPE_BUF:
                self._write(block)
                block = b""
            block += text
        self._write(block)

    def _write(self, block: bytes) -> None:
        try:
            while block and self._descriptor is not None:
                block = block[os.write(self._descriptor, block) :]
        except OSError:
            self._descriptor = None  # nobody reads it any more; the build goes on, and its log


def run_build(name: str, command: Sequence[str], environ: Mapping[str, str], log: str | None) -> int:
    """Run the command to its end; return its exit status, 128 + n if signal n ended it.

    Its output is written to the file `log`, if given, as far as that is possible. Ctrl-C reaches the command as well as
    us, and SIGTERM is passed on to it. Raises `OSError` if it cannot be executed.
    """
    capture = Capture(log or os.devnull, MAX_LOG_BYTES)
    with selectors.DefaultSelector() as selector:
        process = _start(command, environ, selector)
        assert process.stdout is not None and process.stderr is not None
        streams = {
            stream.fileno(): _Lines(name, target, capture)
            for target, stream in ((1, process.stdout), (2, process.stderr))
        }
        for descriptor, lines in streams.items():
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ, lines)
        spill_at = time.monotonic() + SPILL_S
        while process.poll() is None:
            for key, _ in selector.select(max(0.0, spill_at - time.monotonic())):
                if key.data is None:
                    os.read(key.fd, _READ)  # SIGCHLD
                elif _read(key.fd, key.data) == b"":
                    selector.unregister(key.fd)
            if time.monotonic() >= spill_at:
                spill_at = time.monotonic() + SPILL_S
                _keep(capture.spill, log)
    for descriptor, lines in streams.items():
        for _ in range(_PIPE_SIZE // _READ):  # a process that was left running may go on writing for ever
            if not _read(descriptor, lines):
                break
        lines.close()
    _keep(capture.finish, log)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _start(
    command: Sequence[str], environ: Mapping[str, str], selector: selectors.BaseSelector
) -> "subprocess.Popen[bytes]":
    """Start the command; its end makes `selector` return a key without data."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    selector.register(wake, selectors.EVENT_READ)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)  # a handler, which the command does not inherit
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environ, close_fds=False, stdout=pipe, stderr=pipe)  # with the jobserver
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process


def _read(descriptor: int, lines: _Lines) -> bytes | None:
    """Read once; return what was read: nothing at the end of file, None if there is nothing yet."""
    try:
        data = os.read(descriptor, _READ)
    except BlockingIOError:
        return None
    lines.add(data)
    return data


def _keep(write: Callable[[], None], log: str | None) -> None:
    """Write the log, if there is one; the build does not fail because its log cannot be written."""
    if log is None:
        return
    try:
        os.makedirs(os.path.dirname(log), exist_ok=True)
        write()
    except OSError as error:
        print(f"longpole: {log}: {error.strerror}; the log is incomplete", file=sys.stderr, flush=True)
