"""The exit status of the supervisor's process."""

from enum import IntEnum


class SupervisorExit(IntEnum):
    """The exit status of the supervisor's process; the guard returns minus the signal if one ended it."""

    ENDED = 0
    """Make succeeded, and every unit passed."""
    MAKE_FAILED = 1
    UNITS_FAILED = 4
    """A unit failed, or did not run, as the supervisor saw it: whatever the files of the run say."""
    NOTHING_RAN = 5
    """No unit had anything to do: no class of forks was left."""
    BROKEN = 3
    """The run could not go on; the supervisor has said why."""
    CANCELLED = 130
