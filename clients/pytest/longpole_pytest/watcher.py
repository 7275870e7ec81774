"""The watcher: the process that was started runs the tests in a child, and tells what the child cannot.

While a test runs, nothing of ours can run beside it: a thread would make each `os.fork` of a test warn, a signal would
interrupt its system calls, a child would be found by its `os.wait`. But what a long test prints is to be seen live, and
what a test printed before it called `os._exit`, or was killed, is what its failure is understood by. So the watcher is
the parent: it looks at the files in which output waits (`wire.py`), twice a second, and once more when the child has
ended; then it ends as the child did. Where pytest is started otherwise, with `-p longpole_pytest`, there is no watcher,
and output is told between tests only.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
import time
from io import TextIOWrapper
from typing import Callable, cast

from longpole_pytest.wire import FLUSH_BYTES, FLUSH_S, Wire

LOOK_S = 0.5
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def watched(work: Callable[[Wire], int]) -> None:
    """Run `work` in a child that is watched, and end as it ends; does not return."""
    output = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 10)
    wire = Wire(output)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        _watch(child, wire)
    os.dup2(wire.streams[0], 1)
    os.dup2(wire.streams[0], 2)
    for stream in (sys.stdout, sys.stderr):
        cast(TextIOWrapper, stream).reconfigure(line_buffering=True)
    sys.exit(work(wire))


def _watch(child: int, wire: Wire) -> None:
    status = None
    since = None
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both
    for number in _PASSED_ON:
        signal.signal(number, lambda number, _: _pass_on(child, number))
    while status is None:
        pid, ended = os.waitpid(child, os.WNOHANG)
        if pid:
            status = ended
            break
        select.select([reader], [], [], LOOK_S)
        _drain(reader)
        if not wire.pending():
            since = None
            continue
        now = time.monotonic()
        since = now if since is None else since
        if wire.pending() >= FLUSH_BYTES or now - since >= FLUSH_S - LOOK_S:
            wire.flush()
            since = None
    wire.flush(whole=True)
    _end_like(status)


def _drain(reader: int) -> None:
    try:
        os.read(reader, 4096)
    except BlockingIOError:
        pass


def _pass_on(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:
        pass


def _end_like(status: int) -> None:
    """End by the signal by which the child ended, without another core file, or with its exit status."""
    if os.WIFSIGNALED(status):
        import resource

        number = os.WTERMSIG(status)
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
