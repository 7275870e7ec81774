"""The zygote: a small process that loads what warm units share, and forks a child for each of them.

After a fork every page is shared, and each side copies those that it touches, a fault at a time. In the supervisor,
which holds the plan and all it needs for its work, that cost more than all else about a warm unit. So this process
imports nothing but the warm modules, does nothing but fork, and the supervisor's pages stay its own.

It is told (START, token, module, argv, variables), with the descriptor of the unit's output, and tells (STARTED, token,
pid), later (ENDED, pid, wait status, user_s, sys_s, ru_maxrss), or (REFUSED, token, whether there is no such module,
reason).
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
    """What a module of `rts_tests.warm` offers."""

    def prepare(self, argv: list[str]) -> Callable[[], int]:
        """Do, in the zygote, what can be done before the fork; return what is left to do in the child."""

    def main(self, argv: list[str]) -> int:
        """Do all of it, and explain what cannot be done; return the exit status."""


def serve(descriptor: int) -> None:
    """Fork units until the supervisor closes the other end, or dies."""
    processes.signal_on_parent_death(signal.SIGKILL)
    channel = Channel(socket.socket(fileno=descriptor))
    reader, writer = os.pipe()
    for each in (reader, writer):
        os.set_blocking(each, False)
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
    _, token, name, argv, own = message
    output = channel.descriptor()
    try:
        module = _module(name)
    except Exception as error:
        os.close(output)
        channel.send((REFUSED, token, True, f"{name}: {error}"))
        return
    _set_variables(own)
    try:
        work = module.prepare(argv)
    except Exception:  # the child meets it again and says it in its log
        work = partial(module.main, argv)
    pipe: tuple[int, ...] = ()
    try:
        go, tell = pipe = os.pipe()
        pid = os.fork()
    except OSError as error:
        for descriptor in (output, *pipe):
            os.close(descriptor)
        channel.send((REFUSED, token, False, f"no process: {error.strerror}"))
        return
    if not pid:
        os.close(tell)
        _child(work, output, go, (*private, channel.fileno()))
    try:
        os.setpgid(pid, pid)  # both sides do it: whoever is first, the group exists before anyone hears of it
    except OSError:
        pass
    os.close(output)
    os.close(go)
    channel.send((STARTED, token, pid))
    os.write(tell, b".")
    os.close(tell)


def _module(name: str) -> WarmModule:
    found = sys.modules.get(name)
    if found is None:
        found = importlib.import_module(name)
        gc.freeze()
    return cast(WarmModule, found)


_base = dict(os.environ)
_set: dict[str, str] = {}


def _set_variables(own: dict[str, str]) -> None:
    """Put a unit's variables in the place of the one before; done here, as the child would have to copy more for it."""
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


def _child(work: Callable[[], int], output: int, go: int, private: tuple[int, ...]) -> None:
    """Do the work once our process is known; if the zygote is killed before it told of it, nobody would end us."""
    status = 2
    try:
        os.setpgid(0, 0)
        if not os.read(go, 1):
            os._exit(status)
        os.close(go)
        _signal.set_wakeup_fd(-1)
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        os.dup2(output, 1)
        os.dup2(output, 2)
        for descriptor in (output, *private):
            os.close(descriptor)
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
