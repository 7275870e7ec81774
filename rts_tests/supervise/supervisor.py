"""The supervisor: one single-threaded process that runs the units that make starts.

This file is its loop, which waits for the next event: a recipe hands a unit over, a child ends, output or a signal
arrives, or a deadline passes. `supervise.units` handles each unit. When a unit has ended, its record is written before
its recipe is answered, so that make never counts a unit as done that has no record.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from longpole.rts_tests.contracts.load import write_load
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.record_file import RecordWriter, records_path
from longpole.rts_tests.contracts.records import LogState, Record, error_log_path, log_path
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.limits.admission import Admission
from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.load import LoadMeter
from longpole.rts_tests.make.handover import BUILT, CHECK_S, NOT_BUILT, Handover
from longpole.rts_tests.supervise.events import Events
from longpole.rts_tests.supervise.exit import SupervisorExit
from longpole.rts_tests.supervise.forks import Forks
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.ready import Ready
from longpole.rts_tests.supervise.recipes import Recipes
from longpole.rts_tests.supervise.signals import listen
from longpole.rts_tests.supervise.submake import SubMake
from longpole.rts_tests.supervise.units import Units
from longpole.rts_tests.supervise.watch import View
from longpole.rts_tests.unit.leftovers import BUILD_MARK
from longpole.rts_tests.unit.record import record_of, reply_of
from longpole.rts_tests.unit.running import RunningUnit

RETRY_S = 0.001
"""The interval at which undelivered answers are tried again."""

AGAIN_S = 1.0
"""A signal to our process group reaches us, the guard and make, who pass it on: within this time it counts once."""

_INTERRUPTED = (-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP)
"""How an interrupted make ends if it does not exit with 2; this may be before we get the signal ourselves."""


class Supervisor:
    """Runs one job: starts its make, runs the units that are handed over, and ends everything that is left."""

    def __init__(self, job: Job, view: View) -> None:
        self._job = job
        self._view = view
        self._events = Events(job.run)
        self._records = RecordWriter(job.run)
        self._handover = Handover(job.pipes)
        self._selector = selectors.DefaultSelector()
        self._problems: list[str] = []
        self._forks = Forks(job, self._problems.append)
        self._ready = Ready(
            list(job.units.values()), job.groups, as_requested=job.shuffled, listings=self._forks.listings
        )
        self._recipes = Recipes(
            self._handover,
            job.units if job.executions is None else job.executions.lanes,
            self._problems.append,
            once=job.executions is None,
        )
        self._make = SubMake(job, view)
        self._cancelled = 0
        self._cancelled_at = 0.0
        self._interrupted = False
        self._broken = False
        self._passed = 0
        self._failed = False
        self._any_process = False
        self._check_at = 0.0
        self._reap = False
        self._host = socket.gethostname()
        self._admission = Admission(
            job.plan.modules,
            job.capacity,
            job.shared,
            announce=lambda text: view.message(f"{text}\n".encode()),
            warn=self._problems.append,
        )
        self._load = LoadMeter()
        self._units = Units(
            job, self._make, self._selector, self._forks, finished=self._finish, warn=self._problems.append
        )

    # -- the run ------------------------------------------------------------------------------------------------

    def run(self) -> SupervisorExit:
        """Run until make and every unit have ended; return the exit status of this process."""
        self._begin()
        gc.freeze()
        gc.disable()
        while self._make.status is None or self._units:
            events = self._selector.select(self._timeout())
            for key, _ in events:
                key.data(key.fd)
            self._units.handle_warm_events()
            if self._reap:
                self._reap = False
                self._reap_all()
            self._mind_time(quiet=not events)
            for admitted in self._admission.admitted():
                if not self._settles(admitted.unit):  # what a fork would have run may be gone since it asked
                    self._start(admitted.unit, admitted.waited_s, admitted.waited_for)
        self._make.output.finish()
        self._make.errors.finish()
        self._units.close()
        self._view.close()
        cancelled = self._cancelled or self._interrupted  # make may end by Ctrl-C before the guard's signal arrives
        interrupted = cancelled or self._make.status < 0
        processes.end_descendants(spared=None if interrupted else BUILD_MARK)
        status = self._status(cancelled=bool(cancelled))
        self._end(status)
        return status

    def _status(self, *, cancelled: bool) -> SupervisorExit:
        """What this process itself saw. A unit can rewrite the files of its run, but not our memory."""
        if self._broken:
            return SupervisorExit.BROKEN
        if cancelled:
            return SupervisorExit.CANCELLED
        if self._job.executions is None and self._passed < len(self._job.units):
            return SupervisorExit.UNITS_FAILED
        if self._job.executions is None and not self._any_process and not self._make.status:
            self._problems.append(self._forks.why_nothing_ran())
            return SupervisorExit.NOTHING_RAN
        return SupervisorExit.MAKE_FAILED if self._make.status else SupervisorExit.ENDED

    def _begin(self) -> None:
        processes.adopt_orphans()
        wake = listen()
        self._events.write("run started", run=self._job.run.name, units=len(self._job.units))
        self._load.begin(time.monotonic())
        self._units.warm_up()
        if self._job.executions is None:
            self._view.begin(list(self._job.units.values()))
        self._make.start()
        self._selector.register(wake, selectors.EVENT_READ, self._on_wake)
        self._selector.register(self._handover.descriptor, selectors.EVENT_READ, self._on_request)
        if self._admission.wake is not None:
            self._selector.register(self._admission.wake, selectors.EVENT_READ, lambda _: self._admission.woken())
        for stream in (self._make.output, self._make.errors):
            self._selector.register(stream.reader, selectors.EVENT_READ, lambda _, stream=stream: stream.read())

    def _end(self, status: SupervisorExit) -> None:
        self._events.write("run finished", exit=status)
        self._events.close()
        self._records.close()
        self._forks.close()
        self._write_load()
        if self._events.problem:
            self._problems.append(f"{self._job.run}/{self._events.problem}; some events are missing")
        for problem in dict.fromkeys(self._problems):
            print(f"longpole: {problem}", file=sys.stderr)

    def _write_load(self) -> None:
        load = self._load.load(time.monotonic())
        try:
            if load is not None:
                write_load(self._job.run, load)
        except OSError as error:
            self._problems.append(f"{self._job.run}: {error.strerror}; the report cannot tell how busy the machine was")

    # -- events -------------------------------------------------------------------------------------------------

    def _timeout(self) -> float | None:
        """Seconds until something is due; None if nothing is."""
        now = time.monotonic()
        moments = (
            self._units.next_look(now),
            self._load.next_look if self._units else None,
            self._view.next_tick,
            self._admission.look_at,
            now + RETRY_S if self._recipes.unanswered else None,
            self._check_at if self._make.status is None else None,
        )
        due = [moment for moment in moments if moment is not None]
        return max(0.0, min(due) - now) if due else None

    def _on_wake(self, descriptor: int) -> None:
        for number in os.read(descriptor, 4096):
            if number == signal.SIGCHLD:
                self._reap = True
            elif number == signal.SIGINT:
                self._interrupted = True  # the guard receives it, too, and sends us one SIGTERM per keystroke
            elif number == signal.SIGTERM:
                self._cancel(at_once=self._cancelled > 0 and time.monotonic() - self._cancelled_at > AGAIN_S)
            elif number == signal.SIGQUIT:
                self._cancel(at_once=True)
            elif number == signal.SIGTSTP:
                self._pause()

    def _pause(self) -> None:
        """Handle Ctrl-Z: stop the units, which the terminal does not reach, then ourselves; go on when continued."""
        stopped = self._units.stop()
        begun = time.monotonic()
        os.kill(os.getpid(), signal.SIGSTOP)
        paused_s = time.monotonic() - begun
        self._units.go_on(stopped, paused_s)
        self._view.resumed(paused_s)
        self._admission.paused(paused_s)

    def _on_request(self, _descriptor: int) -> None:
        for target in self._handover.requests():
            self._request(target)

    def _request(self, target: str) -> None:
        if target.startswith(BUILT):
            self._ready.built(target.removeprefix(BUILT))
            self._serve(*self._recipes.unpark())
        elif target.startswith(NOT_BUILT):
            self._not_built(target.removeprefix(NOT_BUILT))
        elif self._recipes.expects(target):
            self._serve(target)

    def _serve(self, *targets: str) -> None:
        """Give each of these recipes a unit; without one it is refused, or has to wait for a listing."""
        executions = self._job.executions
        for target in targets:
            unit = None
            if not self._is_over:
                unit = self._ready.take(target) if executions is None else executions.draw(time.monotonic())
            if unit is not None:
                self._recipes.give(target, unit)
                self._hand_over(unit)
            elif self._ready.is_listing and not self._is_over:
                self._recipes.park(target)
            else:
                self._recipes.refuse(target)

    @property
    def _is_over(self) -> bool:
        """Whether no unit starts any more."""
        return bool(self._cancelled) or self._make.status is not None or (self._failed and self._job.fail_fast)

    def _hand_over(self, unit: Unit) -> None:
        if not self._settles(unit) and self._admission.ask(unit):
            self._start(unit, 0.0, None)

    def _settles(self, unit: Unit) -> bool:
        """Whether the unit is a fork that cannot or need not start; it has ended then."""
        settled = self._forks.without_process(unit)
        if settled is not None:
            self._units.settle(unit, self._recipes.take_back(unit), *settled)
        return settled is not None

    def _not_built(self, name: str) -> None:
        self._view.not_run(self._ready.not_built(name))
        self._failed = True
        if self._job.fail_fast:
            self._run_no_more()

    def _mind_time(self, *, quiet: bool) -> None:
        self._recipes.flush()
        now = time.monotonic()
        self._load.look(now, self._units.processes, quiet=quiet)
        if now >= self._check_at:
            self._check_at = now + CHECK_S
            self._handover.check()
        if self._handover.problem is not None and not self._broken:
            self._break_off(self._handover.problem)
        self._units.mind(now)
        self._view.tick(now)

    def _break_off(self, reason: str) -> None:
        """End make and all units: the run cannot go on."""
        self._broken = True
        self._view.message(f"longpole: {reason}; the run ends here\n".encode(errors="replace"))
        self._cancel(at_once=False)

    def _cancel(self, *, at_once: bool) -> None:
        self._cancelled_at = self._cancelled_at if self._cancelled else time.monotonic()
        self._cancelled += 1
        self._run_no_more()
        if self._make.pid:
            processes.kill(self._make.pid, signal.SIGTERM)
        self._units.cancel(at_once=at_once)

    def _run_no_more(self) -> None:
        """Answer the recipes of all units that wait for their turn, or for a listing: these units are not run."""
        self._recipes.refuse(*map(self._recipes.take_back, self._admission.withdraw()), *self._recipes.unpark())

    def _reap_all(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._make.pid:
                self._make_ended(os.waitstatus_to_exitcode(status))
            else:
                self._units.reaped(pid, status, usage)

    def _make_ended(self, status: int) -> None:
        for target in self._handover.requests():  # the last message of a build
            self._request(target)
        self._make.ended(status)
        self._admission.withdraw()
        if self._units:  # no recipe waits for these any more
            self._units.end_all(at_once=status < 0 and status not in _INTERRUPTED)

    # -- a unit's start and end ---------------------------------------------------------------------------------

    def _start(self, unit: Unit, waited_s: float, waited_for: str | None) -> None:
        running = self._units.enter(unit, self._recipes.take_back(unit), waited_s, waited_for)
        running.load_mark = self._load.mark(running.attempt.started)
        if unit.listing:
            self._events.write("listing started", id=unit.id)
            self._view.listing(running)
        else:
            self._any_process = True
            if self._job.executions is None:
                self._events.write("unit started", id=unit.id, lane=running.lane, seed=running.seeds.first)
            self._view.started(running)
            if unit.fork is not None and (line := self._forks.headline(unit)):
                self._view.message(f"longpole: {unit.id}: {line}\n".encode())
        self._units.start(running)

    def _finish(self, running: RunningUnit) -> None:
        self._admission.release(running.unit)
        if running.unit.listing:
            self._listed(running)
            return
        job, executions = self._job, self._job.executions
        running.slowdown = self._load.slowdown(running.load_mark, time.monotonic())
        record = record_of(running, job.commit.sha, self._host, job.call, job.again)
        passed = record.status in GREEN or (record.status == Status.FLAKY and job.plan.flaky == "pass")
        if executions is None or executions.ended(record):
            passed = self._keep(running, record) and passed
        else:
            running.capture.discard()
        if passed:
            self._passed += 1
        else:
            self._failed = True
            if job.fail_fast:
                self._run_no_more()
        self._recipes.answer(running.asked_by, 0 if passed or executions is not None else reply_of(record) or 1)

    def _listed(self, running: RunningUnit) -> None:
        """A listing has ended: its forks can run, and the recipe that carried it gets the next unit."""
        unit, status = running.unit, running.attempts[-1].status
        self._events.write("listing finished", id=unit.id, status=status)
        self._view.listed(running)
        estimates_s = {} if status is Status.CANCELLED else self._forks.listed(running)
        self._ready.listed((unit.variant, unit.module), estimates_s)
        self._serve(running.asked_by, *self._recipes.unpark())

    def _keep(self, running: RunningUnit, record: Record) -> bool:
        """Write log and record, and show the unit's end; return whether the record is written."""
        run, status, written = self._job.run, record.status, True
        try:
            running.capture.finish()
        except OSError as error:
            self._problems.append(f"{log_path(run, record.target)}: {error.strerror}; the log of {record.id} is lost")
            record = replace(record, log=LogState.LOST)
        try:
            if running.errors is not None:
                running.errors.finish()
        except OSError as error:
            self._problems.append(f"{error_log_path(run, record.target)}: {error.strerror}; it is lost")
        try:
            self._records.write(record)
        except OSError as error:
            written = False
            self._problems.append(f"{record.id} could not be recorded: {records_path(run)}: {error.strerror}")
        self._events.write(
            "unit finished", id=record.id, lane=record.lane, status=status, wall_s=record.wall_s, note=record.note
        )
        log = running.capture.excerpt if self._job.executions is None else _no_lines  # their report shows it
        self._view.finished(record, log)
        return written


def _no_lines(_count: int | None) -> list[str]:
    return []


def supervise(job: Job, make_view: Callable[[Job], View]) -> SupervisorExit:
    """Run `job` in this process, which must have one thread only; return the exit status for the process.

    `make_view` is called here, so that the view belongs to this process.
    """
    view = make_view(job)
    try:
        return Supervisor(job, view).run()
    finally:
        view.close()
