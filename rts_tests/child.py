"""Starting one unit: an executed command, or a warm function in a forked child. Nothing else is started per unit."""

import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast

from rts_tests import processes


class WarmModule(Protocol):
    """What a module of `rts_tests.warm` offers."""

    def prepare(self, argv: list[str]) -> object:
        """Load what units share; called in the supervisor."""

    def main(self, argv: list[str]) -> int:
        """Run one unit; called in its child."""


def warm_module(name: str) -> WarmModule:
    """Import a module of warm units by its full name."""
    return cast(WarmModule, importlib.import_module(name))


def execute(argv: Sequence[str], environ: Mapping[str, str], output: int) -> int:
    """Execute `argv` in a process group of its own, its output to `output`, its input empty; return its pid.

    Raises `OSError` when it cannot be executed. `posix_spawn` shares our memory until the exec, so its cost does not
    grow with what the supervisor holds.
    """
    return os.posix_spawnp(
        argv[0],
        list(argv),
        dict(environ),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
        ],
        setpgroup=0,
        setsigmask=[],
        setsigdef=processes.HANDLED_SIGNALS,
    )


def call(module: WarmModule, argv: list[str], own: Mapping[str, str], output: int, private: Iterable[int]) -> int:
    """Fork a child that calls `module.main(argv)` and exits with what it returns; return its pid.

    The child closes `private`, the supervisor's own descriptors, but not those that the module itself may need.

    The parent is single-threaded, so whatever locks it holds are held by nobody in the child. Raises `OSError` when
    there can be no further process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        try:
            os.setpgid(pid, pid)  # both sides do it: whoever is first, the group exists before it is signalled
        except OSError:
            pass
        return pid
    status = 2
    try:
        gc.disable()
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in processes.HANDLED_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        processes.signal_on_parent_death(signal.SIGKILL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        for descriptor in (output, null, *private):
            try:
                os.close(descriptor)
            except OSError:
                pass  # closed in the supervisor since
        os.environ.update(own)
        status = module.main(argv)
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
