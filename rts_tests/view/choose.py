"""What the supervisor tells whoever shows a run, and which view that is."""

import os
from collections.abc import Sequence
from typing import Protocol

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.supervise.job import Job, Running
from longpole.rts_tests.view.lines import Lines, Log
from longpole.rts_tests.view.plain import Plain
from longpole.rts_tests.view.settings import is_ci, is_plain

STDOUT = 1


class View(Protocol):
    """What the supervisor tells whoever shows a run. Times are of the monotonic clock."""

    @property
    def next_tick(self) -> float | None:
        """When `tick` is wanted; None for a view that wakes nobody up."""

    def begin(self, units: Sequence[Unit]) -> None:
        """These units, in plan order, are about to be run; whatever else was planned is not."""

    def started(self, running: Running) -> None:
        """A unit runs."""

    def finished(self, record: Record, log: Log) -> None:
        """A unit has ended, and its record and log are written."""

    def message(self, text: bytes) -> None:
        """Whole lines that make said on standard error."""

    def tick(self, now: float) -> None:
        """Time has passed."""

    def resumed(self, paused_s: float) -> None:
        """The run was stopped for so long and goes on, maybe elsewhere on the screen."""

    def close(self) -> None:
        """No unit runs any more: print what is held back and leave the terminal as it was found. May be repeated."""


def make_view(job: Job) -> View:
    """The view that the run's settings and its terminal ask for."""
    environ, shown = job.environ, job.shown
    terminal = os.isatty(STDOUT)
    plain = not terminal or is_plain(environ)
    live = shown.live and not plain and not is_ci(environ) and environ.get("TERM", "") != ""
    lines = Lines(
        colour=not plain,
        actions=environ.get("GITHUB_ACTIONS") == "true",
        verbosity=-1 if live and shown.verbosity == 0 else shown.verbosity,  # what passes is in the bar
        timed=not shown.in_order,
    )
    in_order = job.run if shown.in_order else None
    if not live:
        return Plain(STDOUT, lines, in_order)
    from longpole.rts_tests.view.live import Live

    return Live(STDOUT, lines, in_order, jobs=job.jobs, flaky_passes=job.plan.flaky == "pass")
