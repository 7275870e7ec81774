"""Choose the view that shows a run."""

import os
from collections.abc import Callable, Sequence

from longpole.rts_tests.contracts.colour import has_colour
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.watch import View
from longpole.rts_tests.view.lines import Lines
from longpole.rts_tests.view.plain import Plain
from longpole.rts_tests.view.settings import Settings, is_ci, moves_cursor

STDOUT = 1


def make_view(shown: Settings, job: Job, make_lines: Callable[..., Lines] = Lines, order: Sequence[str] = ()) -> View:
    """The view for these settings and this terminal; called in the process that shows the run.

    `make_lines` takes the arguments of `Lines`. `order` is another order than the plan's, by targets.
    """
    environ = job.environ
    terminal = os.isatty(STDOUT)
    live = shown.live and terminal and moves_cursor(environ) and not is_ci(environ)
    lines = make_lines(
        colour=has_colour(environ, terminal=terminal),
        actions=environ.get("GITHUB_ACTIONS") == "true",
        verbosity=-1 if live and shown.verbosity == 0 else shown.verbosity,  # the bar counts units that passed
        timed=shown.timed,
    )
    in_order = job.run if shown.in_order else None
    if not live:
        return Plain(STDOUT, lines, in_order, order=order)
    from longpole.rts_tests.view.live import Live

    return Live(STDOUT, lines, in_order, jobs=job.jobs, flaky_passes=job.plan.flaky == "pass", order=order)
