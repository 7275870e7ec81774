"""Ending attempts before they end by themselves."""

import signal
from collections.abc import Sequence

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.machine import processes
from longpole.rts_tests.unit.running import RunningAttempt


def end_gently(attempts: Sequence[RunningAttempt], reason: Status, deadline: float) -> None:
    """Send SIGTERM to all processes of these attempts, which have until `deadline`, on the monotonic clock."""
    for attempt in attempts:
        attempt.ended_by = reason
        attempt.deadline = deadline
    processes.signal_trees([attempt.pid for attempt in attempts if attempt.pid], signal.SIGTERM, signal.SIGCONT)


def kill(attempts: Sequence[RunningAttempt]) -> None:
    """Send SIGKILL to all processes of these attempts."""
    for attempt in attempts:
        attempt.killed = True
        attempt.deadline = None
        if attempt.zygote and not attempt.pid:  # killed, it cannot fork this unit; its other units end with it
            processes.kill(attempt.zygote, signal.SIGKILL)
    processes.signal_trees([attempt.pid for attempt in attempts if attempt.pid], signal.SIGKILL)
