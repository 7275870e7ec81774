"""How many scenarios run at once: an option, a variable, the suite or the machine decides, in this order."""

from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import UseError

VARIABLE = "LONGPOLE_JOBS"
MAX_JOBS = 65_536


@dataclass(frozen=True, slots=True)
class Jobs:
    """A number of jobs; `source` is the option or the variable that asked for it, None if nothing did."""

    number: int
    source: str | None = None


def jobs_of(option: int | None, variable: str | None, *, parallel: bool, suite: int | None, cores: int) -> Jobs:
    """The number of jobs: `--jobs`, else LONGPOLE_JOBS, else `--parallel`, else the suite's, else one for each core.

    Raises `UseError` for a variable that is no number, also if the option decides.
    """
    number = parse_jobs(variable)
    if option is not None:
        return Jobs(option, f"-j{option}")
    if number is not None:
        return Jobs(number, f"{VARIABLE}={variable}")
    if parallel:
        return Jobs(cores, "--parallel")
    return Jobs(cores if suite is None else suite)


def parse_jobs(text: str | None) -> int | None:
    """The number in LONGPOLE_JOBS, 1 for 0; None if it is unset. Raises `UseError` for anything else, also for ``."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_JOBS)) and int(text) <= MAX_JOBS):
        what = "is empty" if not text else f"{text!r} is not a number of jobs"
        raise UseError.at(VARIABLE, what, f"give a number from 0 to {MAX_JOBS}, or unset it")
    return max(1, int(text))
