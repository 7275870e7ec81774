"""The exit statuses of `longpole`."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit status of a `longpole` command. The README lists them with their `meaning`."""

    PASSED = 0
    FAILED = 1
    MISUSE = 2
    NOTHING_SELECTED = 4
    INTERRUPTED = 130
    BROKEN_PIPE = 141

    @property
    def meaning(self) -> str:
        """The meaning of the status, in a few words."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitStatus.PASSED: "all passed",
    ExitStatus.FAILED: "something failed",
    ExitStatus.MISUSE: "the suite, the arguments or the environment are wrong",
    ExitStatus.NOTHING_SELECTED: "nothing was selected",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.BROKEN_PIPE: "the reader of the output has closed it",
}


SKIPPED = 77
"""The exit status of the unit of a scenario that is not run; that of a skipped test in Automake, too."""
