"""A failed build in the words of the reports: what failed, what it kept from running, and why."""

from longpole.rts_tests.contracts.harmless import harmless, harmless_note
from longpole.rts_tests.contracts.log_tail import excerpt_of
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.report.summary import FailedBuild

EXCERPT_LINES = 20


def headline(failed: FailedBuild) -> str:
    """`build of debug failed: exit status 2; 23 units were not run`."""
    kept = len(failed.kept)
    units = f"{count(kept, 'unit')} {'was' if kept == 1 else 'were'}"
    name = harmless(failed.build.name, colour=False)
    return f"build of {name} failed: {_how(failed.build.exit_code)}; {units} not run"


def _how(exit_code: int) -> str:
    if exit_code == 127:
        return "a command was not found (exit status 127)"
    return f"ended by signal {exit_code - 128}" if exit_code > 128 else f"exit status {exit_code}"


def excerpt_lines(failed: FailedBuild, count: int = EXCERPT_LINES) -> list[str]:
    """The excerpt of its log, harmless on a terminal and for a workflow; empty if it printed nothing."""
    return [harmless_note(line) for line in excerpt_of(failed.log, count)]


def again(failed: FailedBuild) -> str:
    """The command that builds it again."""
    return harmless(failed.again, colour=False)


def section(failed: FailedBuild) -> list[str]:
    """The lines of the text report."""
    shown = excerpt_lines(failed)
    return [
        headline(failed),
        *(f"  | {line}" for line in shown),
        f"    log:   {harmless(failed.log, colour=False) if shown else 'none, it printed nothing'}",
        f"    again: {again(failed)}",
    ]
