"""The exit statuses of `longpole`."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a command of `longpole` ends with. The README lists them by `meaning`."""

    PASSED = 0
    FAILED = 1
    MISUSE = 2
    NOTHING_SELECTED = 4
    INTERRUPTED = 130
    BROKEN_PIPE = 141

    @property
    def meaning(self) -> str:
        """What the status says, in a few words."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitStatus.PASSED: "all passed",
    ExitStatus.FAILED: "something failed",
    ExitStatus.MISUSE: "the suite, the arguments or the environment are wrong",
    ExitStatus.NOTHING_SELECTED: "nothing was selected",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.BROKEN_PIPE: "whoever read the output has stopped reading",
}
