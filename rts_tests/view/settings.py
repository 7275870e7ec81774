"""How the caller wants a run to be shown: three variables, which `longpole run` sets from its options."""

from collections.abc import Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import Problem, UseError

VIEW, ORDER, VERBOSE = "LONGPOLE_VIEW", "LONGPOLE_ORDER", "LONGPOLE_VERBOSE"

_WORDS = {
    VIEW: ("plain", "live"),
    ORDER: ("completion", "input"),
    VERBOSE: ("0", "-1", "1", "2"),
}
"""The values of each; the first is the default."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`live` is the caller's wish; the terminal decides whether it is possible.

    `verbosity`: -1 units that did not pass, 0 all of them, 1 commands and starts as well, 2 whole logs as well.
    """

    live: bool = False
    in_order: bool = False
    verbosity: int = 0
    always_timed: bool = False
    """Whether times are printed also in order; without, the text in order is the same in every run."""

    @property
    def timed(self) -> bool:
        """Whether times are printed."""
        return self.always_timed or not self.in_order


def settings(environ: Mapping[str, str]) -> Settings:
    """Read the variables. Raises `UseError` for unknown values."""
    values = {name: environ.get(name) or words[0] for name, words in _WORDS.items()}
    problems = [
        Problem(name, None, None, f"{values[name]!r} is not one of {', '.join(words)}", "use one of these, or unset it")
        for name, words in _WORDS.items()
        if values[name] not in words
    ]
    if problems:
        raise UseError(*problems)
    return Settings(values[VIEW] == "live", values[ORDER] == "input", int(values[VERBOSE]))


def is_ci(environ: Mapping[str, str]) -> bool:
    """Whether a CI service runs Longpole."""
    return environ.get("CI", "").lower() not in ("", "0", "false")


def moves_cursor(environ: Mapping[str, str]) -> bool:
    """Whether a terminal can move its cursor (TERM), and NO_COLOR does not ask for plain text."""
    return environ.get("TERM", "") not in ("", "dumb") and not environ.get("NO_COLOR")
