"""How the supervisor's process ends."""

from enum import IntEnum


class SupervisorExit(IntEnum):
    """The exit status of the supervisor's process; the guard tells a signal that ended it as a negative number."""

    ENDED = 0
    """Make succeeded, and every unit was run; whether they passed, their records say."""
    MAKE_FAILED = 1
    CANCELLED = 130
