"""Warm forks: what every fork would import is imported once, in the zygote, and each fork is forked from it.

The zygote lets pytest collect tests, without running any, and forgets all of it but the imported modules: so each fork
is a whole session of pytest, with its own configuration, plugins and fixtures, that finds its imports already made.
It begins while the files are listed. When forks wait it stops: what is left they import at the same time, and the
zygote would import it one file after the other.

Two things of a process are not as they should be after a fork: threads, which are gone in it, and open descriptors,
whose position both ends move. If imports have left such things, forks run cold, and the run says why.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
from contextlib import contextmanager
from functools import partial
from typing import Any, Callable, Iterator, List, Optional

from longpole_pytest.afresh import and_end, become_a_process_of_its_own
from longpole_pytest.command import run_files
from longpole_pytest.shared import open_descriptors, why_not_forked
from longpole_pytest.watcher import watched


class RunsCold(Exception):
    """Forks cannot be forked from this process; the text says why. The zygote knows it by its attribute."""

    runs_cold = True


class _Zygote:
    """What this process has become by its imports."""

    why_cold: Optional[str] = None


def serve(longpole: str, arguments: List[str], descriptor: int) -> None:
    """Be the zygote whose socket is `descriptor`; `longpole` is the folder of Longpole's package.

    That is loaded from there, and forgotten: what the tests import by this name is theirs. `arguments` are pytest's.
    """
    from importlib.util import module_from_spec, spec_from_file_location

    path = os.path.join(longpole, "__init__.py")
    spec = spec_from_file_location("longpole", path, submodule_search_locations=[longpole])
    assert spec is not None
    sys.modules["longpole"] = module_from_spec(spec)
    zygote: Any = importlib.import_module("longpole.rts_tests.warm.zygote")
    for name in [name for name in sys.modules if name.partition(".")[0] == "longpole"]:
        del sys.modules[name]
    _Zygote.why_cold = _load(arguments, descriptor)
    gc.collect()
    gc.freeze()
    zygote.serve(descriptor)


def prepare(argv: List[str]) -> Callable[[], int]:
    """Return what is left for the fork `run FILE ARGUMENTS...`. Raises `RunsCold`."""
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


def _load(arguments: List[str], descriptor: int) -> Optional[str]:
    """Import what tests import; return why this process cannot be forked afterwards, None if it can."""
    import pytest

    from longpole_pytest.preload import Preload

    before, preload = open_descriptors(), Preload(descriptor)
    with _silent():
        try:
            pytest.main(arguments, plugins=[preload])
        except BaseException:  # a SystemExit of a module, and the like: the fork meets it again, and tells of it
            pass
    return preload.why_cold or why_not_forked(before)


@contextmanager
def _silent() -> Iterator[None]:
    """Drop what is printed: each fork prints it again."""
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = io.StringIO()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
