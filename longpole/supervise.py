"""`longpole supervise MAKE MAKEFILE`: the Makefile calls it to run the goals in LONGPOLE_GOALS.

Only the Makefile calls it, and all units wait for it. So it does without click, whose import takes as long as planning.
"""

import os

from longpole.rts_tests.make.run_make import reporting_status
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.run import run


def supervise(make: str, makefile: str) -> int:
    """Run the units of the goals; return the exit status. Raises `UseError`."""
    goals = os.environ.get("LONGPOLE_GOALS", "test").split()
    return reporting_status(lambda: run(Request.from_environ(goals, dict(os.environ)), make, makefile))
