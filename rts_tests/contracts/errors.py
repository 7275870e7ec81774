"""Errors that the user can fix: one problem type, one exception, one line per message."""

from dataclasses import dataclass

from longpole.rts_tests.contracts.exit_status import ExitStatus


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of the user: its location, a description (`what`) and a fix (`remedy`).

    `file` may be empty (an error on the command line has no file); `line` and `column` count from 1, and are None if
    unknown. `str()` is one line, `suite.yaml:12:5: what; remedy`, even if the parts contain line ends.
    """

    file: str
    line: int | None
    column: int | None
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        message = "; ".join(part for part in (self.what, self.remedy) if part)
        return _one_line(f"{place}: {message}" if place else message)


class UseError(Exception):
    """The suite, the arguments or the environment are wrong. Caught in one place, the command line.

    `str()` has one line for each problem; `exit_code` is the exit status of the process. `output` is what a program
    that failed has printed; the command line shows it above the problems.
    """

    @classmethod
    def at(cls, place: str, what: str, remedy: str = "", exit_code: int = ExitStatus.MISUSE) -> "UseError":
        """Return an error with one problem; `place` is a file, a variable, an option, or `""` for none."""
        return cls(Problem(place, None, None, what, remedy), exit_code=exit_code)

    def __init__(self, *problems: Problem, exit_code: int = ExitStatus.MISUSE, output: str = "") -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems
        self.exit_code = exit_code
        self.output = output

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def _one_line(text: str) -> str:
    """Return `text` with line ends, terminal escapes and lone surrogates escaped as in Python."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
