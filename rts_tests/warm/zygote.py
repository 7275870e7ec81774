"""The zygote: a small process that loads what warm units share, and forks a child for each of them.

After a fork both sides share every page, and each copies those that it writes, one fault at a time. When the supervisor
itself forked, with the plan and all its data in memory, this cost more than everything else about a warm unit. So this
process imports nothing but the warm modules and does nothing but fork, and the supervisor shares no pages.

The zygote of a module of forks is started in the project's Python, and loads what the tests import; see
`clients/pytest/longpole_pytest/warm.py`.

It receives (START, token, module, argv, variables, apart), with the descriptor of the unit's output, and a second one
for its standard error if that is apart. It answers (STARTED, token, pid), later (ENDED, pid, wait status, user_s,
sys_s, ru_maxrss); or (REFUSED, token, whether the unit has to run cold, reason).
"""

import _signal  # type: ignore[import-not-found]  # `signal` looks up enumerations: every page touched is a cost
import gc
import importlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

from longpole.rts_tests.machine import processes
from longpole.rts_tests.warm.channel import Channel, Message

START, STARTED, REFUSED, ENDED = range(4)


class WarmModule(Protocol):
    """The functions of a warm module."""

    def prepare(self, argv: list[str]) -> Callable[[], int]:
        """Do in the zygote what can be done before the fork; return the work that is left for the child.

        An exception with a true attribute `runs_cold` says that this process cannot fork the unit, and why.
        """

    def main(self, argv: list[str]) -> int:
        """Do all of the work, and print errors; return the exit status."""


def serve(descriptor: int) -> None:
    """Fork units until the supervisor closes the other end of the socket `descriptor`, or dies."""
    processes.signal_on_parent_death(signal.SIGKILL)
    channel = Channel(socket.socket(fileno=descriptor))
    reader, writer = os.pipe()
    for end in (reader, writer):
        os.set_blocking(end, False)
    for number in processes.HANDLED_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    gc.disable()
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    poll.register(descriptor, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if ready == reader:
                os.read(reader, 4096)
                _reap(channel)
                continue
            try:
                messages = channel.receive()
            except (EOFError, OSError):
                return
            for message in messages:
                _start(channel, message, (reader, writer))


def _reap(channel: Channel) -> None:
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        channel.send((ENDED, pid, status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss))


def _start(channel: Channel, message: Message, private: tuple[int, int]) -> None:
    _, token, name, argv, own, apart = message
    output = channel.descriptor()
    writers = (output, channel.descriptor() if apart else output)
    try:
        module = _module(name)
    except Exception as error:
        _close(writers)
        channel.send((REFUSED, token, True, f"{name}: {error}"))
        return
    _set_variables(own)
    try:
        work = module.prepare(argv)
    except Exception as error:
        if getattr(error, "runs_cold", False):
            _close(writers)
            channel.send((REFUSED, token, True, str(error)))
            return
        work = partial(module.main, argv)  # the child meets the error again, and prints it to the unit's log
    pipe: tuple[int, ...] = ()
    try:
        go, release = pipe = os.pipe()
        pid = os.fork()
    except OSError as error:
        _close((*writers, *pipe))
        channel.send((REFUSED, token, False, f"cannot fork: {error.strerror}"))
        return
    if not pid:
        os.close(release)
        _child(work, writers, go, (*private, channel.fileno()))
    try:
        os.setpgid(pid, pid)  # both sides do this, so that the group exists before the supervisor learns the pid
    except OSError:
        pass
    _close((*writers, go))
    channel.send((STARTED, token, pid))
    os.write(release, b".")
    os.close(release)


def _close(descriptors: tuple[int, ...]) -> None:
    for descriptor in set(descriptors):
        os.close(descriptor)


def _module(name: str) -> WarmModule:
    module = sys.modules.get(name)
    if module is None:
        module = importlib.import_module(name)
        gc.freeze()
    return cast(WarmModule, module)


_base = dict(os.environ)
_set: dict[str, str] = {}


def _set_variables(own: dict[str, str]) -> None:
    """Replace the previous unit's variables with this unit's; in the child this would copy more pages."""
    for name in _set.keys() - own.keys():
        if name in _base:
            os.environ[name] = _base[name]
        else:
            del os.environ[name]
    for name, value in own.items():
        if _set.get(name) != value:
            os.environ[name] = value
    _set.clear()
    _set.update(own)


def _child(work: Callable[[], int], writers: tuple[int, int], go: int, private: tuple[int, ...]) -> None:
    """Do the work as soon as the supervisor has been sent our pid; before, it could not end us if the zygote died."""
    status = 2
    try:
        os.setpgid(0, 0)
        if not os.read(go, 1):
            os._exit(status)
        os.close(go)
        _signal.set_wakeup_fd(-1)
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        os.dup2(writers[0], 1)
        os.dup2(writers[1], 2)
        _close((*writers, *private))
        status = work()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 1
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status & 0xFF)
