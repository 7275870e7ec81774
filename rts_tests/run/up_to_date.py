"""Brings the rendered Makefile and the plan up to date before something else than make reads them."""

import subprocess
import sys
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.last_render import makefile_in_force
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.unit.environment import without_make

MAKE = "make"


def makefile_up_to_date(request: Request) -> Path | None:
    """The Makefile in force, which make has rendered again if it was stale; None if there is none.

    Raises `UseError` if it cannot be rendered.
    """
    makefile = makefile_in_force(request.state)
    if makefile is None:
        return None
    argv = [MAKE, "-s", "--no-print-directory", "-f", str(makefile), str(makefile)]
    try:
        done = subprocess.run(
            argv, env=without_make(request.environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
    except OSError as error:
        what = f"cannot be executed: {error.strerror}"
        raise UseError.at(MAKE, what, "install GNU make") from None
    messages = [line for line in done.stderr.splitlines(keepends=True) if not line.startswith((b"make:", b"make["))]
    sys.stderr.buffer.write(b"".join(messages))
    sys.stderr.flush()
    if done.returncode:
        raise UseError.at(str(makefile), "the plan cannot be brought up to date", "see the messages above")
    return makefile
