"""Choose the view that shows a run."""

import os

from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.watch import View
from longpole.rts_tests.view.lines import Lines
from longpole.rts_tests.view.plain import Plain
from longpole.rts_tests.view.settings import Settings, is_ci, is_plain

STDOUT = 1


def make_view(shown: Settings, job: Job) -> View:
    """The view for these settings and this terminal; called in the process that shows the run."""
    environ = job.environ
    terminal = os.isatty(STDOUT)
    plain = not terminal or is_plain(environ)
    live = shown.live and not plain and not is_ci(environ) and environ.get("TERM", "") != ""
    lines = Lines(
        colour=not plain,
        actions=environ.get("GITHUB_ACTIONS") == "true",
        verbosity=-1 if live and shown.verbosity == 0 else shown.verbosity,  # the bar counts units that passed
        timed=not shown.in_order,
    )
    in_order = job.run if shown.in_order else None
    if not live:
        return Plain(STDOUT, lines, in_order)
    from longpole.rts_tests.view.live import Live

    return Live(STDOUT, lines, in_order, jobs=job.jobs, flaky_passes=job.plan.flaky == "pass")
