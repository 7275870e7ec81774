"""A process that was forked becomes what it were if it had made the imports itself, and ends like that."""

from __future__ import annotations

import atexit
import gc
import random
import signal
import sys
import threading
import weakref
from typing import Any, Callable, Dict

_HANDLERS: Dict[str, Any] = {"SIGINT": signal.default_int_handler, "SIGPIPE": signal.SIG_IGN, "SIGXFSZ": signal.SIG_IGN}
"""As Python sets them when it starts."""


def become_a_process_of_its_own() -> None:
    """Give this process signals, random numbers and a collector of its own, and nothing to do at exit."""
    for name, handler in _HANDLERS.items():
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)
    _forget_exits()
    random.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()
    temporary: Any = sys.modules.get("tempfile")
    if temporary is not None:
        temporary.tempdir = None
    gc.enable()


def _forget_exits() -> None:
    """What is done at exit belongs to the process that registered it: a fork must not remove what others use.

    Only what the standard library does about the process itself is done by each.
    """
    finalize: Any = weakref.finalize
    atexit._clear()
    finalize._registered_with_atexit = False
    for each in list(finalize._registry):
        each.atexit = False
    logging, processes = sys.modules.get("logging"), sys.modules.get("multiprocessing.util")
    if logging is not None:
        atexit.register(logging.shutdown)
    if processes is not None:
        atexit.register(processes._exit_function)


def and_end(work: Callable[[], int]) -> int:
    """Do the work, then what Python does at the end of a process: a forked one ends without."""
    try:
        return work()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
