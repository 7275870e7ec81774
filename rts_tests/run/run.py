"""One run: request ─▶ prepare ─▶ supervise ─▶ report, each a function of the result before it.

The supervisor is forked after everything is prepared. The process that guards it reads the records back from the disk,
so there is a report however the supervisor ends.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.plan import read_plan
from longpole.rts_tests.machine.guard import guarded
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.state.outstanding import outstanding
from longpole.rts_tests.state.private import removal_of, remove_private

if TYPE_CHECKING:
    from longpole.rts_tests.contracts.records import RunInfo
    from longpole.rts_tests.report.publish import Text
    from longpole.rts_tests.run.real_state import Watched
    from longpole.rts_tests.supervise.job import Job
    from longpole.rts_tests.supervise.watch import View


def run(request: Request, make: str, makefile: str, above: int) -> int:
    """Run the requested units and report; return the exit status of `longpole`.

    `above` is the process id of the make that waits for the result. Raises `UseError` if nothing can be run.
    """
    again = outstanding(request.state, read_plan(request.state / "plan.json")) if "retest" in request.goals else None
    if again is not None and not again.targets and set(request.goals) == {"retest"}:
        print("longpole: every unit passed when it was last run; there is nothing to run again")
        return ExitStatus.PASSED
    if request.only_shows:
        from longpole.rts_tests.run.show import show

        return show(request, again, make, makefile)
    from longpole.rts_tests.run.prepare import prepare
    from longpole.rts_tests.view.choose import make_view

    job, info = prepare(request, again, make, makefile)
    return carry_out(job, info, request, partial(make_view, request.shown), above=above)


def carry_out(
    job: "Job",
    info: "RunInfo",
    request: Request,
    view: "Callable[[Job], View]",
    *,
    above: int | None,
    text: "Text | None" = None,
) -> ExitStatus:
    """Run a prepared job and report; give back its place on the machine.

    `above` is the process id of the make that waits for the result, None if none does. `text` makes the report that is
    printed, if it is not the usual one.
    """
    from longpole.rts_tests.supervise.broken import keep_error
    from longpole.rts_tests.supervise.supervisor import supervise

    try:
        watched = _watched(job, request)
        work = partial(supervise, job, view)
        mark, failed = f"LONGPOLE_RUN={job.run.name}", partial(keep_error, job.run)
        clean = partial(remove_private, job.run)
        sweep = removal_of(job.run)
        ended = guarded(work, mark, failed=failed, above=above, meanwhile=_import_report, clean=clean, sweep=sweep)
    except BaseException:
        remove_private(job.run)
        raise
    finally:
        if job.shared is not None:
            job.shared.close()
    from longpole.rts_tests.run.report import report

    state = watched.finish(job.run) if watched else None
    return report(job.run, info, ended, request, real_state=state, text=text)


def _watched(job: "Job", request: Request) -> "Watched | None":
    """The guarded folders before the first unit starts; None, and no import, if the suite guards none."""
    if not job.plan.guard:
        return None
    from longpole.rts_tests.run.real_state import watch

    return watch(job.plan, job.units.values(), request)


def _import_report() -> None:
    """Import what the report needs while units run: the guard is idle then, and the first unit starts earlier."""
    import longpole.rts_tests.run.report  # noqa: F401
