"""What the user can mend: one kind of problem, one exception, one message a line."""

from dataclasses import dataclass

from longpole.rts_tests.contracts.exit_status import ExitStatus


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of the user's: where it is, what it is, and how to mend it.

    `file` may be empty (a mistake on the command line has no file); `line` and `column` count from 1 and are None where
    there is no such place. As a string it is one line, `suite.yaml:12:5: what; remedy`, whatever the parts hold.
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
    """The suite, the arguments or the environment are wrong; caught in one place, the command line.

    `str()` is one line a problem; `exit_code` is the status that the process ends with.
    """

    @classmethod
    def at(cls, place: str, what: str, remedy: str = "", exit_code: int = ExitStatus.MISUSE) -> "UseError":
        """One problem at a place without lines: a file as a whole, a variable, an option, or nowhere (`""`)."""
        return cls(Problem(place, None, None, what, remedy), exit_code=exit_code)

    def __init__(self, *problems: Problem, exit_code: int = ExitStatus.MISUSE) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems
        self.exit_code = exit_code

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def _one_line(text: str) -> str:
    """`text` with line ends, terminal escapes and lone surrogates written as Python would escape them."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
