"""A supervisor that ends by an exception, a bug in Longpole: its traceback is kept, and the report names it."""

import os
import sys
from pathlib import Path

from longpole.rts_tests.contracts.errors import Problem
from longpole.rts_tests.contracts.harmless import harmless_note

_KEPT = "supervisor-error.txt"
_MAX_SHOWN = 300
"""Characters of an exception that a message shows."""


def keep_error(run: Path, error: BaseException) -> None:
    """Write the exception on one line, then its traceback, to the run's folder; if that fails, to standard error."""
    import traceback  # only when there is an error

    what = str(Problem("", None, None, "".join(traceback.format_exception_only(error)).strip()))
    trace = "".join(traceback.format_exception(error))
    try:
        (run / _KEPT).write_text(f"{what}\n\n{trace}", encoding="utf-8", errors="backslashreplace")
    except OSError:
        print(trace, end="", file=sys.stderr, flush=True)


def why_killed(run: Path, number: int) -> str:
    """Return why the supervisor of a run ended too early: its exception if it kept one, else the signal `number`."""
    try:
        with (run / _KEPT).open("rb") as file:
            what = harmless_note(file.readline(4096).decode(errors="replace").strip())
    except OSError:
        return f"the supervisor was killed by signal {number}"
    shown = what if len(what) <= _MAX_SHOWN else f"{what[:_MAX_SHOWN]}..."
    return f"the supervisor failed: {shown} (a bug in Longpole; the traceback is in {os.fspath(run / _KEPT)})"
