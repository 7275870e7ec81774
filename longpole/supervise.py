"""`longpole supervise MAKE MAKEFILE`: what the Makefile calls for the goals in LONGPOLE_GOALS.

No person types it, and units wait for it: so it is answered without click, whose import takes as long as planning.
"""

import os

from longpole.rts_tests.make.run_make import reporting_status
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.run import run


def supervise(make: str, makefile: str) -> int:
    """Run the units of the goals; return the exit status. Raises `UseError`."""
    goals = os.environ.get("LONGPOLE_GOALS", "test").split()
    return reporting_status(lambda: run(Request.from_environ(goals, dict(os.environ)), make, makefile))
