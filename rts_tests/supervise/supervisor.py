"""The supervisor: one single-threaded process that executes what make decides.

The hard part is to know when a unit has ended. Three things end independently: its process (SIGCHLD), its output (end
of file, which a process that it left behind may hold open), and what it left behind (which may have changed its process
group, its session and its output). So a unit goes through

    starting ─▶ running ─▶ ended ─▶ settled
                  └ at its deadline: SIGTERM to the group ─▶ after the grace: SIGKILL

and `ended` lasts at most LEAK_GRACE_S: a pipeline's last process may take a moment longer than its first. What is still
there after that is leaked, and is ended. As the subreaper we are told of every orphan's end by SIGCHLD as well, so that
in the usual case, nothing left, a unit settles in the same round in which it ended, at the cost of one look at our own
list of children. Only warm units are `starting` for a while: until the zygote has told their process.
"""

import gc
import itertools
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable

from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import Record, encode, fields_of, log_path, record_path
from longpole.rts_tests.contracts.seeds import other_seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.limits.admission import Admission
from longpole.rts_tests.machine import processes
from longpole.rts_tests.make.handover import BUILT, NOT_RUN, Handover
from longpole.rts_tests.supervise.events import Events
from longpole.rts_tests.supervise.job import Job, Running
from longpole.rts_tests.supervise.submake import SubMake
from longpole.rts_tests.supervise.watch import View
from longpole.rts_tests.unit.attempts import OTHER, next_attempt
from longpole.rts_tests.unit.capture import Capture
from longpole.rts_tests.unit.command import unit_command
from longpole.rts_tests.unit.launch import Launcher
from longpole.rts_tests.unit.leftovers import BUILD_MARK, Leftovers
from longpole.rts_tests.unit.record import attempt_of, joined, record_of, reply_of, status_of
from longpole.rts_tests.warm.warm_units import Ended, Event, Lost, Refused, Started

LEAK_GRACE_S = 0.1
SPILL_S = 1.0
RETRY_S = 0.001

AGAIN_S = 1.0
"""A signal to our process group reaches us, the guard and make, which pass it on: within this time it is but one."""

EXIT_ENDED = 0
EXIT_MAKE_FAILED = 1
EXIT_CANCELLED = 130

_INTERRUPTED = (-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP)
"""How make ends when it was interrupted, if it does not exit with 2; that may be before we hear of it ourselves."""
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Supervisor:
    """Runs one job: starts its make, runs the units that are handed over, and ends everything that is left."""

    def __init__(self, job: Job, view: View) -> None:
        self._job = job
        self._view = view
        self._events = Events(job.run)
        self._handover = Handover(job.pipes)
        self._selector = selectors.DefaultSelector()
        self._news: deque[Event] = deque()
        self._launcher = Launcher(job, self._selector, self._news.append)
        self._leftovers = Leftovers()
        self._tokens = itertools.count(1)
        self._units: dict[int, Running] = {}  # by token, all that have not settled
        self._processes: dict[int, Running] = {}  # by pid, of those the ones whose process runs
        self._outputs: dict[int, Running] = {}
        self._ended: list[Running] = []
        self._asked_by: dict[str, str] = {}  # of units that wait for their turn, the target whose recipe waits for them
        self._lanes: set[int] = set()
        self._make = SubMake(job, view)
        self._cancelled = 0
        self._cancelled_at = 0.0
        self._failed = False
        self._waiting = False
        self._reap = False
        self._host = socket.gethostname()
        self._problems: list[str] = []
        self._admission = Admission(
            job.plan.modules,
            job.limits,
            job.shared,
            tell=lambda text: view.message(f"{text}\n".encode()),
            complain=self._problems.append,
        )
        self._begun = time.monotonic()

    # -- the run ------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Run until make and every unit have ended; return one of the EXIT codes."""
        processes.adopt_orphans()
        wake = self._listen()
        self._events.write("run started", run=self._job.run.name, units=len(self._job.units))
        self._launcher.warm_up()
        self._make.start()
        self._selector.register(wake, selectors.EVENT_READ, self._on_wake)
        self._selector.register(self._handover.descriptor, selectors.EVENT_READ, self._on_request)
        if self._admission.wake is not None:
            self._selector.register(self._admission.wake, selectors.EVENT_READ, lambda _: self._admission.woken())
        self._selector.register(self._make.errors, selectors.EVENT_READ, lambda _: self._make.read_errors())
        gc.freeze()
        gc.disable()
        while self._make.status is None or self._units:
            for key, _ in self._selector.select(self._timeout()):
                key.data(key.fd)
            while self._news:
                self._on_warm(self._news.popleft())
            if self._reap:
                self._reap = False
                self._reap_all()
            self._mind_time()
            for admitted in self._admission.admitted():
                self._start(admitted.unit, admitted.waited_s, admitted.waited_for)
        self._make.finish()
        self._launcher.warm.close()
        self._view.close()
        processes.end_descendants(spared=None if self._cancelled or self._make.status < 0 else BUILD_MARK)
        status = EXIT_CANCELLED if self._cancelled else EXIT_MAKE_FAILED if self._make.status else EXIT_ENDED
        self._events.write("run finished", exit=status)
        self._events.close()
        if self._events.problem:
            self._problems.append(f"{self._job.run}/{self._events.problem}; some events are missing")
        for problem in dict.fromkeys(self._problems):
            print(f"longpole: {problem}", file=sys.stderr)
        return status

    def _listen(self) -> int:
        reader, writer = os.pipe()
        for descriptor in (reader, writer):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the guard hears it too, and tells us once
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGQUIT, signal.SIGTSTP):
            signal.signal(number, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        return reader

    # -- events -------------------------------------------------------------------------------------------------

    def _timeout(self) -> float | None:
        moments = [unit.deadline for unit in self._units.values() if unit.deadline is not None]
        moments += [unit.ended + LEAK_GRACE_S for unit in self._ended]
        if self._view.next_tick is not None:
            moments.append(self._view.next_tick)
        if self._admission.look_at is not None:
            moments.append(self._admission.look_at)
        now = time.monotonic()
        if self._news:
            return 0.0
        if self._waiting:
            moments.append(now + RETRY_S)
        elif self._units:
            moments.append(now + SPILL_S)
        return max(0.0, min(moments) - now) if moments else None

    def _on_wake(self, descriptor: int) -> None:
        for number in os.read(descriptor, 4096):
            if number == signal.SIGCHLD:
                self._reap = True
            elif number == signal.SIGTERM:
                self._cancel(at_once=self._cancelled > 0 and time.monotonic() - self._cancelled_at > AGAIN_S)
            elif number == signal.SIGQUIT:
                self._cancel(at_once=True)
            elif number == signal.SIGTSTP:
                self._pause()

    def _pause(self) -> None:
        """Ctrl-Z: stop the units, which the terminal does not reach, then ourselves; go on when we are continued."""
        groups = list(self._processes)
        stopped = [*groups, *(pid for group in groups for pid in processes.descendants_of(group))]
        for pid in stopped:
            processes.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        os.kill(os.getpid(), signal.SIGSTOP)
        paused_s = time.monotonic() - begun
        for pid in reversed(stopped):
            processes.kill(pid, signal.SIGCONT)
        self._view.resumed(paused_s)
        for running in self._units.values():
            running.paused_s += paused_s
            if running.deadline is not None:
                running.deadline += paused_s
        self._admission.paused(paused_s)

    def _on_request(self, _descriptor: int) -> None:
        for target in self._handover.requests():
            self._request(target)

    def _request(self, target: str) -> None:
        if target.startswith(BUILT):
            self._make.built(target.removeprefix(BUILT))
            return
        over = self._cancelled or (self._failed and self._job.fail_fast)
        unit = None if over else self._job.unit_for(target)
        if unit is not None:
            self._asked_by[unit.target] = target
            if self._admission.ask(unit):
                self._start(unit)
        elif over or self._job.executions is not None:
            self._handover.answer(target, NOT_RUN)
            self._waiting = True
        else:
            self._problems.append(f"make asked for {target!r}, which this run did not plan")

    def _on_warm(self, event: Event) -> None:
        if isinstance(event, Started):
            running = self._units[event.token]
            running.pid = event.pid
            self._processes[event.pid] = running
            if running.killed:  # in the meantime its time was up
                self._kill(running)
            elif running.ended_by is not None:
                processes.kill_group(running.pid, signal.SIGTERM)
        elif isinstance(event, Ended):
            self._process_ended(event.pid, event.status, event.user_s, event.sys_s, event.max_rss)
        elif isinstance(event, Refused):
            self._refused(self._units[event.token], event)
        elif isinstance(event, Lost):
            for running in [each for each in self._units.values() if each.zygote == event.pid and each.ended == 0.0]:
                self._lost(running)

    def _refused(self, running: Running, event: Refused) -> None:
        self._close_output(running)
        if not event.missing:
            self._could_not_start(running, event.reason)
            return
        name = running.unit.variant
        self._problems.append(f"warm units of {name} run cold: {event.reason}")
        self._launcher.cold_from_now_on(name)
        self._launcher.clear(running, Status.PASSED)
        running.zygote = 0
        self._attempt(running)

    def _lost(self, running: Running) -> None:
        if running.ended_by is None:
            running.problem = "the process that warm units are forked from was killed"
        if running.pid:
            self._process_ended(running.pid, signal.SIGKILL, 0.0, 0.0, 0)
            return
        self._close_output(running)
        running.status = -signal.SIGKILL
        running.ended = time.monotonic()
        self._conclude(running)

    def _on_output(self, descriptor: int) -> None:
        running = self._outputs[descriptor]
        data = os.read(descriptor, 65536)
        if data:
            running.capture.add(data)
        else:
            self._close_output(running)

    def _drain(self, running: Running) -> None:
        """Read what is there; once its process has ended, a unit's output ends with it unless something was left."""
        try:
            while data := os.read(running.output, 65536):
                running.capture.add(data)
        except BlockingIOError:
            return
        self._close_output(running)

    def _close_output(self, running: Running) -> None:
        if running.output >= 0:
            self._selector.unregister(running.output)
            del self._outputs[running.output]
            os.close(running.output)
            running.output = -1

    def _mind_time(self) -> None:
        if self._waiting:
            self._waiting = self._handover.flush()
        now = time.monotonic()
        for running in list(self._units.values()):
            if running.deadline is not None and now >= running.deadline:
                if running.ended_by is None:
                    running.ended_by = Status.TIMEOUT
                    self._end_gently(running, now)
                else:
                    self._kill(running)
            elif now >= running.spill_at:
                running.spill_at = now + SPILL_S
                try:
                    running.capture.spill()
                except OSError as error:
                    self._problems.append(f"{log_path(self._job.run, running.unit.target)}: {error.strerror}")
        for running in self._ended[:]:
            self._settle(running, final=now >= running.ended + LEAK_GRACE_S)
        self._view.tick(now)

    def _cancel(self, *, at_once: bool) -> None:
        self._cancelled_at = self._cancelled_at if self._cancelled else time.monotonic()
        self._cancelled += 1
        self._run_no_more()
        if self._make.pid:
            processes.kill(self._make.pid, signal.SIGTERM)
        self._end_all(at_once=at_once)

    def _run_no_more(self) -> None:
        """Let the recipes go whose units wait for their turn."""
        for unit in self._admission.withdraw():
            self._handover.answer(self._asked_by.pop(unit.target), NOT_RUN)
            self._waiting = True

    def _end_all(self, *, at_once: bool) -> None:
        now = time.monotonic()
        for running in self._units.values():
            if running.ended:
                continue
            if running.ended_by is None:
                running.ended_by = Status.CANCELLED
                self._end_gently(running, now)
            if at_once:
                self._kill(running)

    def _end_gently(self, running: Running, now: float) -> None:
        if running.pid:
            processes.kill_group(running.pid, signal.SIGTERM)
            processes.kill_group(running.pid, signal.SIGCONT)
        running.deadline = now + self._job.plan.grace_s

    def _kill(self, running: Running) -> None:
        running.killed = True
        running.deadline = None
        if running.pid:
            processes.kill_group(running.pid, signal.SIGKILL)
        elif running.zygote:  # it does not come to forking it, and its other units end with it
            processes.kill(running.zygote, signal.SIGKILL)

    # -- a unit's life ------------------------------------------------------------------------------------------

    def _start(self, unit: Unit, waited_s: float = 0.0, waited_for: str | None = None) -> None:
        job = self._job
        seeds = job.seeds(unit)
        lane = next(number for number in range(len(self._lanes) + 1) if number not in self._lanes)
        self._lanes.add(lane)
        running = Running(
            token=next(self._tokens),
            unit=unit,
            asked_by=self._asked_by.pop(unit.target),
            seeds=seeds,
            capture=Capture(log_path(job.run, unit.target), job.plan.log_bytes),
            lane=lane,
            started_at=time.time(),
            waited_s=round(waited_s, 6),
            waited_for=waited_for,
            attempt_seeds=seeds,
            command=unit_command(job.plan, unit, seeds, job.make),
            started=time.monotonic(),
        )
        self._units[running.token] = running
        if job.executions is None:
            self._events.write("unit started", id=unit.id, lane=lane, seed=seeds.first)
        self._view.started(running)
        self._attempt(running)

    def _attempt(self, running: Running) -> None:
        try:
            self._launcher.launch(running)
        except OSError as error:
            self._could_not_start(running, self._launcher.why_not(running, error))
            return
        running.spill_at = running.started + SPILL_S
        running.deadline = running.started + self._job.plan.modules[running.unit.module].timeout_s
        if running.pid:
            self._processes[running.pid] = running
        self._outputs[running.output] = running
        self._selector.register(running.output, selectors.EVENT_READ, self._on_output)

    def _attempt_again(self, running: Running, kind: str) -> None:
        if kind == OTHER:
            running.attempt_seeds = other_seeds(running.seeds)
            running.command = unit_command(self._job.plan, running.unit, running.attempt_seeds, self._job.make)
        number = len(running.attempts) + 1
        running.capture.add(f"\n[longpole: attempt {number}, {kind}]\n".encode())
        running.begin_again(kind, time.monotonic())
        self._attempt(running)

    def _could_not_start(self, running: Running, why: str) -> None:
        running.capture.add(f"longpole: {why}\n".encode(errors="replace"))
        running.problem = why
        running.ended = time.monotonic()
        self._conclude(running)

    def _reap_all(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._leftovers.gone(pid)
            if pid == self._make.pid:
                self._make_ended(os.waitstatus_to_exitcode(status))
            else:
                self._process_ended(pid, status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss)

    def _make_ended(self, status: int) -> None:
        for target in self._handover.requests():  # the last thing a build says
            self._request(target)
        self._make.ended(status, go_on=not self._cancelled)
        self._admission.withdraw()
        if self._units:  # nobody waits for these any more
            self._end_all(at_once=status < 0 and status not in _INTERRUPTED)

    def _process_ended(self, pid: int, status: int, user_s: float, sys_s: float, max_rss: int) -> None:
        running = self._processes.pop(pid, None)
        if running is None:
            return
        running.status = os.waitstatus_to_exitcode(status)
        running.ended = time.monotonic()
        running.deadline = None
        running.user_s = user_s
        running.sys_s = sys_s
        running.max_rss_bytes = max_rss * _RSS_UNIT
        if running.output >= 0:
            self._drain(running)
        self._ended.append(running)
        self._settle(running, final=running.killed)

    def _settle(self, running: Running, *, final: bool) -> None:
        ours = {self._make.pid, self._launcher.warm.pid, *self._processes}
        left = self._leftovers.of(running, ours, self._units.values())
        group = processes.kill_group(running.pid, 0)
        if (left or group or running.output >= 0) and not final:
            return
        if left or group:
            tree = [*left, *(pid for root in left for pid in processes.descendants_of(root))]
            running.left = [f"{pid} {processes.command_of(pid)}" for pid in tree]
            running.or_left_by = self._leftovers.others(left, running)
            processes.kill_group(running.pid, signal.SIGKILL)
            for pid in tree:
                processes.kill(pid)
        if running.output >= 0:
            self._drain(running)
            self._close_output(running)
        self._ended.remove(running)
        self._conclude(running)

    def _conclude(self, running: Running) -> None:
        status, note = status_of(running, self._job.plan.modules[running.unit.module])
        try:
            kept = self._launcher.clear(running, status)
        except OSError as error:
            kept = None
            self._problems.append(f"{error.filename}: {error.strerror}")
        running.attempts.append(attempt_of(running, status, joined([note, kept]), self._begun))
        retries = 0 if self._cancelled else self._job.retries_of(running.unit)
        kind = next_attempt(running.attempts, retries, seeded=bool(running.seeds.values))
        if kind is not None:
            self._attempt_again(running, kind)
        else:
            self._finish(running)

    def _finish(self, running: Running) -> None:
        job, executions = self._job, self._job.executions
        del self._units[running.token]
        self._lanes.discard(running.lane)
        self._admission.release(running.unit)
        record = record_of(running, job, self._host)
        passed = record.status == Status.PASSED or (record.status == Status.FLAKY and job.plan.flaky == "pass")
        if executions is None or executions.ended(record):
            passed = self._keep(running, record) and passed
        else:
            running.capture.discard()
        if not passed:
            self._failed = True
            if job.fail_fast:
                self._run_no_more()
        self._handover.answer(running.asked_by, 0 if passed or executions is not None else reply_of(record) or 1)
        self._waiting = True

    def _keep(self, running: Running, record: Record) -> bool:
        """Write log and record, and tell of them; return whether the record is written."""
        run, status, written = self._job.run, record.status, True
        try:
            running.capture.finish()
        except OSError as error:
            self._problems.append(f"{log_path(run, record.target)}: {error.strerror}; the log of {record.id} is lost")
        try:
            write_atomic(record_path(run, record.target), encode(fields_of(record)))
        except OSError as error:
            written = False
            self._problems.append(f"{record.id} could not be recorded: {error.filename or run}: {error.strerror}")
        self._events.write(
            "unit finished", id=record.id, lane=record.lane, status=status, wall_s=record.wall_s, note=record.note
        )
        told = running.capture.last_lines if self._job.executions is None else _nothing  # their report tells it
        self._view.finished(record, told)
        return written


def _nothing(_count: int | None) -> list[str]:
    return []


def supervise(job: Job, make_view: Callable[[Job], View]) -> int:
    """Run `job` in this process, which must have no thread but its first; return one of the EXIT codes.

    `make_view` is called here, so that the view belongs to this process.
    """
    view = make_view(job)
    try:
        return Supervisor(job, view).run()
    finally:
        view.close()
