"""Warm forks: what every fork would import is imported once, in the zygote, and each fork is forked from it.

The zygote lets pytest collect tests, without running any, and forgets all of it but the imported modules: so each fork
is a whole session of pytest, with its own configuration, plugins and fixtures, that finds its imports already made.
Modules of tests are imported there only until they bring nothing new with them: what each has for itself the forks
import at the same time, and the zygote would import one after the other.

Two things of a process are not as they should be after a fork: threads, which are gone in it, and open descriptors,
whose position both ends move. If imports have left such things, forks run cold, and the run says why.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import signal
import sys
from contextlib import contextmanager
from functools import partial
from typing import Any, Callable, Iterator, List, Optional

from longpole_pytest.afresh import and_end, become_a_process_of_its_own
from longpole_pytest.command import run_files
from longpole_pytest.shared import open_descriptors, why_not_forked
from longpole_pytest.watcher import watched

SETTLED = 10
"""The zygote stops importing when so many files of tests in a row have brought no module but themselves."""

_base = dict(os.environ)


class RunsCold(Exception):
    """Forks cannot be forked from this process; the text says why. The zygote knows it by its attribute."""

    runs_cold = True


class _Zygote:
    """What this process has imported."""

    loaded = False
    why_cold: Optional[str] = None


def serve(longpole: str, descriptor: int) -> None:
    """Be the zygote whose socket is `descriptor`; `longpole` is the folder of Longpole's package.

    It is loaded from there, and forgotten: what the tests import by this name is theirs.
    """
    from importlib.util import module_from_spec, spec_from_file_location

    path = os.path.join(longpole, "__init__.py")
    spec = spec_from_file_location("longpole", path, submodule_search_locations=[longpole])
    assert spec is not None
    sys.modules["longpole"] = module_from_spec(spec)
    zygote: Any = importlib.import_module("longpole.rts_tests.warm.zygote")
    for name in [name for name in sys.modules if name.partition(".")[0] == "longpole"]:
        del sys.modules[name]
    _import_plugins()
    zygote.serve(descriptor)


def prepare(argv: List[str]) -> Callable[[], int]:
    """Import what the fork `run FILE ARGUMENTS...` shares with others; return what is left for the fork.

    Raises `RunsCold`.
    """
    if not _Zygote.loaded:
        _Zygote.loaded = True
        with _neutral():
            _Zygote.why_cold = _load(argv[1], argv[2:])
        gc.collect()
        gc.freeze()
    if _Zygote.why_cold is not None:
        raise RunsCold(_Zygote.why_cold)
    return partial(main, argv)


def main(argv: List[str]) -> int:
    """Run the files in this process, which has just been forked; does not return."""
    become_a_process_of_its_own()
    os.environ["LONGPOLE_PROTOCOL"] = "1"
    os.environ["LONGPOLE_CLASSES"] = os.path.abspath(argv[1])
    watched(lambda wire: and_end(lambda: run_files(wire, argv[2:])))
    return 0


def _import_plugins() -> None:
    """Import pytest and the installed plugins; nothing of the project, which may not have been built yet."""
    import pytest

    with _silent():
        pytest.main(["--noconftest", "--version", "--version"])


def _load(classes: str, argv: List[str]) -> Optional[str]:
    """Import what these files import; return why this process cannot be forked afterwards, None if it can."""
    import pytest

    from longpole_pytest.preload import Preload

    before, preload = open_descriptors(), Preload(classes, SETTLED)
    with _silent():
        try:
            pytest.main(argv, plugins=[preload])
        except BaseException:  # a SystemExit of a module, and the like: the fork meets it again, and tells of it
            pass
    return preload.why_cold or why_not_forked(before)


@contextmanager
def _neutral() -> Iterator[None]:
    """The variables that all forks share, not those of the fork that came first; what imports set stays set.

    Imports may also take the signals by which the zygote learns that forks have ended.
    """
    own = {name: value for name, value in os.environ.items() if _base.get(name) != value}
    for name in own:
        if name in _base:
            os.environ[name] = _base[name]
        else:
            del os.environ[name]
    numbers = [number for number in signal.Signals if number not in (signal.SIGKILL, signal.SIGSTOP)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    wake = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        os.environ.update(own)


@contextmanager
def _silent() -> Iterator[None]:
    """Drop what is printed: each fork prints it again."""
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = io.StringIO()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
