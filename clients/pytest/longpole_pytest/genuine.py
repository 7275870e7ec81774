"""Functions of the standard library as they were before any test ran: a test may replace them while it is told of."""

from __future__ import annotations

import fcntl
import json
import os
import time


class Genuine:
    """The functions. Tools that fake a file system or a clock search modules for them, and no classes."""

    write = staticmethod(os.write)
    pread = staticmethod(os.pread)
    fstat = staticmethod(os.fstat)
    getpid = staticmethod(os.getpid)
    lockf = staticmethod(fcntl.lockf)
    dumps = staticmethod(json.dumps)
    monotonic = staticmethod(time.monotonic)
    perf_counter = staticmethod(time.perf_counter)
