"""`longpole supervise MAKE MAKEFILE PID`: the Makefile calls it to run the goals in LONGPOLE_GOALS.

Only the Makefile calls it, and all units wait for it. So it does without click, whose import takes as long as planning.
"""

import os

from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.machine import processes
from longpole.rts_tests.make.run_make import reporting_status
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.run import run


def supervise(make: str, makefile: str, make_pid: str = "") -> int:
    """Run the units of the goals; return the exit status. Raises `UseError`.

    `make_pid` is the process id of the make that called this, as the shell of its recipe saw it. Makefiles of older
    versions do not pass it.
    """
    above = _make_above(make_pid)
    if not processes.is_below(above):  # make was killed while this process started; nobody waits for a result
        return ExitStatus.INTERRUPTED
    goals = os.environ.get("LONGPOLE_GOALS", "test").split()
    return reporting_status(lambda: run(Request.from_environ(goals, dict(os.environ)), make, makefile, above))


def _make_above(pid: str) -> int:
    """The process id of the make above; 0, which no process has, if it had ended before its recipe's shell looked."""
    if not pid.isdecimal():
        return os.getppid()
    orphaned = pid == "1" and os.getpgid(1) != os.getpgrp()  # make as process 1 of a container shares its group with us
    return 0 if orphaned else int(pid)
