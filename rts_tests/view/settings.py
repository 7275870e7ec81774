"""How a run is shown, as its caller asked for it: three variables, which `longpole run` sets from its options."""

from collections.abc import Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import Problem, UseError

VIEW, ORDER, VERBOSE = "LONGPOLE_VIEW", "LONGPOLE_ORDER", "LONGPOLE_VERBOSE"

_WORDS = {
    VIEW: ("plain", "live"),
    ORDER: ("completion", "input"),
    VERBOSE: ("0", "-1", "1", "2"),
}
"""What each may say; the first is the default."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`live` is what was asked for; whether it can be had depends on the terminal.

    `verbosity`: -1 units that did not pass, 0 all of them, 1 commands and starts as well, 2 whole logs as well.
    """

    live: bool = False
    in_order: bool = False
    verbosity: int = 0


def settings(environ: Mapping[str, str]) -> Settings:
    """Read the variables; `UseError` for a word that none of them knows."""
    said = {name: environ.get(name) or words[0] for name, words in _WORDS.items()}
    problems = [
        Problem(name, None, None, f"{said[name]!r} is none of {', '.join(words)}", "say one of these, or unset it")
        for name, words in _WORDS.items()
        if said[name] not in words
    ]
    if problems:
        raise UseError(*problems)
    return Settings(said[VIEW] == "live", said[ORDER] == "input", int(said[VERBOSE]))


def is_ci(environ: Mapping[str, str]) -> bool:
    """Whether a CI service runs us."""
    return environ.get("CI", "").lower() not in ("", "0", "false")


def is_plain(environ: Mapping[str, str]) -> bool:
    """Whether a terminal is to be written to, or can be written to, only as if it were paper."""
    return "NO_COLOR" in environ or environ.get("TERM") == "dumb"
