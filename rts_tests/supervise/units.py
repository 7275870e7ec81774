"""The life of a unit, from its start until none of its processes is left; and all units of a run that are alive.

The hard part is to know when a unit has ended. Three things end independently: its process (SIGCHLD), its output (end
of file; a process that it left running may hold the pipe open), and the processes that it left running (which may have
changed their process group, session and output). So each attempt of a unit goes through these states:

    starting ─▶ running ─▶ ended ─▶ settled
                  └ at its deadline: SIGTERM to its group and descendants ─▶ after the grace: SIGKILL

`ended` lasts at most LEAK_GRACE_S: a pipeline's last process may take a moment longer than its first. Processes that
still run after that are leaks, and are ended. As we are the subreaper, SIGCHLD also reports the end of every orphan. So
usually, if the unit left nothing running, it settles in the round in which it ended, at the cost of one look at our
list of children. Only warm units are `starting` for a while: until the zygote has sent their pid.
"""

import itertools
import os
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from resource import struct_rusage

from longpole.rts_tests.contracts.capture import Capture
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.records import error_log_path, log_path
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.process_table import below, process_table
from longpole.rts_tests.supervise.attempts import Attempts
from longpole.rts_tests.supervise.cpu_limits import CpuLimits
from longpole.rts_tests.supervise.ending import end_gently, kill
from longpole.rts_tests.supervise.forks import Forks
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.supervise.outputs import Outputs
from longpole.rts_tests.supervise.submake import SubMake
from longpole.rts_tests.unit.attempts import next_attempt
from longpole.rts_tests.unit.launch import Launcher
from longpole.rts_tests.unit.leftovers import Leftovers
from longpole.rts_tests.unit.record import attempt_of, finish_results, note_of, reason_of, status_of
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit
from longpole.rts_tests.warm.warm_units import Ended, Event, Lost, Refused, Started

LEAK_GRACE_S = 0.1
SPILL_S = 1.0
"""The interval at which the output of long units is written to disk."""

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Units:
    """All units that have started and not settled; `len()` is their number."""

    def __init__(
        self,
        job: Job,
        make: SubMake,
        selector: selectors.BaseSelector,
        forks: Forks,
        *,
        finished: Callable[[RunningUnit], None],
        warn: Callable[[str], None],
    ) -> None:
        """`make` is needed to tell its process from those that units left. `selector` gets callbacks that read output.

        `finished` is called with every unit after its last attempt, `warn` with each warning to print at the end.
        """
        self._job = job
        self._make = make
        self._finished = finished
        self._warn = warn
        self._warm_events: deque[Event] = deque()
        self._launcher = Launcher(
            job.plan,
            job.environ,
            run=job.run,
            private=job.private,
            warm=job.warm,
            selector=selector,
            on_event=self._warm_events.append,
        )
        self._forks = forks
        self._attempts = Attempts(job, forks)
        self._leftovers = Leftovers()
        self._cpu_limits = CpuLimits(processes.usable_cores())
        self._tokens = itertools.count(1)
        self._alive: dict[int, RunningUnit] = {}  # by token, all that have not settled
        self._processes: dict[int, RunningUnit] = {}  # by pid, those of them whose process runs
        self._outputs = Outputs(selector)
        self._ended: list[RunningUnit] = []
        self._lanes: set[int] = set()
        self._may_retry = True
        self._begun = time.monotonic()

    def __len__(self) -> int:
        return len(self._alive)

    @property
    def processes(self) -> Iterable[int]:
        """The pids of the units' processes."""
        return self._processes

    def warm_up(self) -> None:
        """Start the zygote while make starts, if there will be warm units."""
        self._launcher.warm_up(self._job.units.values())

    def close(self) -> None:
        """End the zygotes: no unit is started any more."""
        self._launcher.zygotes.close()

    # -- starting -----------------------------------------------------------------------------------------------

    def enter(self, unit: Unit, asked_by: str, waited_s: float, waited_for: str | None) -> RunningUnit:
        """Return a new running unit, for which the recipe of the target `asked_by` waits; `start` must follow."""
        token = next(self._tokens)
        attempt = self._attempts.first(token, unit)
        return self._enter(token, attempt, unit, asked_by, waited=(round(waited_s, 6), waited_for))

    def settle(self, unit: Unit, asked_by: str, status: Status, reason: str, log: bytes) -> None:
        """Finish a unit of which no process is started: it is skipped, or could not be started, for this reason."""
        attempt = self._attempts.without_process(unit)
        running = self._enter(next(self._tokens), attempt, unit, asked_by, waited=(0.0, None))
        if status is Status.SKIPPED:
            attempt.skip_reason = attempt.problem = reason
            attempt.ended = time.monotonic()
            self._attempt_over(running)
        else:
            running.capture.add(log)
            self._could_not_start(running, reason)

    def _enter(
        self, token: int, attempt: RunningAttempt, unit: Unit, asked_by: str, *, waited: tuple[float, str | None]
    ) -> RunningUnit:
        job = self._job
        lane = next(number for number in range(len(self._lanes) + 1) if number not in self._lanes)
        self._lanes.add(lane)
        running = RunningUnit(
            token=token,
            unit=unit,
            asked_by=asked_by,
            seeds=attempt.seeds,
            command=attempt.command,
            cwd=job.plan.cwd_of(unit),
            capture=Capture(self._forks.log_path(unit), job.plan.log_bytes),
            lane=lane,
            started_at=time.time(),
            waited_s=waited[0],
            waited_for=waited[1],
            selected=job.selected(unit),
            attempt=attempt,
        )
        self._keep_errors(running)
        if unit.fork is not None and (line := self._forks.headline(unit)):
            running.capture.add(f"[longpole: {line}]\n".encode())
        self._alive[running.token] = running
        return running

    def start(self, running: RunningUnit) -> None:
        """Launch the attempt under way."""
        try:
            self._forks.write_files(running.token, running.unit)
            self._launcher.launch(running)
        except OSError as error:
            self._could_not_start(running, self._launcher.why_not(running, error))
            return
        attempt = running.attempt
        attempt.spill_at = attempt.started + SPILL_S
        attempt.deadline = attempt.started + attempt.paused_s + self._job.plan.modules[running.unit.module].timeout_s
        cpu_s = self._job.plan.modules[running.unit.module].timeout_cpu_s
        if cpu_s is not None:
            self._cpu_limits.watch(attempt, cpu_s, attempt.started + attempt.paused_s)
        if attempt.pid:
            self._processes[attempt.pid] = running
        self._outputs.open(running)

    def _keep_errors(self, running: RunningUnit) -> None:
        """Keep the standard error of a unit by itself, if that has a pipe of its own."""
        results, unit = running.attempt.results, running.unit
        if results is not None and results.apart and running.errors is None:
            running.errors = Capture(error_log_path(self._job.run, unit.target), self._job.plan.log_bytes)

    def _could_not_start(self, running: RunningUnit, reason: str) -> None:
        running.capture.add(f"longpole: {reason}\n".encode(errors="replace"))
        running.attempt.problem = reason
        running.attempt.ended = time.monotonic()
        self._attempt_over(running)

    def _start_again(self, running: RunningUnit, kind: str) -> None:
        number = len(running.attempts) + 1
        heading = f"\n[longpole: attempt {number}, {kind}]\n".encode()
        running.capture.add(heading)
        if running.errors is not None and not running.errors.empty:
            running.errors.add(heading)
        running.attempt = self._attempts.again(running, kind)
        self.start(running)

    # -- events of the zygote -----------------------------------------------------------------------------------

    def handle_warm_events(self) -> None:
        """Handle the zygote's events since the last call."""
        while self._warm_events:
            event = self._warm_events.popleft()
            if isinstance(event, Started):
                self._forked(self._alive[event.token], event.pid)
            elif isinstance(event, Ended):
                self._process_ended(event.pid, event.status, event.user_s, event.sys_s, event.max_rss)
            elif isinstance(event, Refused):
                self._refused(self._alive[event.token], event)
            elif isinstance(event, Lost):
                forked = [running for running in self._alive.values() if running.attempt.zygote == event.pid]
                for running in [running for running in forked if not running.attempt.ended]:
                    self._lost(running)

    def _forked(self, running: RunningUnit, pid: int) -> None:
        attempt = running.attempt
        attempt.pid = pid
        self._processes[pid] = running
        if attempt.killed:  # its grace ended in the meantime
            kill([attempt])
        elif attempt.ended_by is not None:
            processes.signal_trees([pid], signal.SIGTERM)

    def _refused(self, running: RunningUnit, event: Refused) -> None:
        self._outputs.close(running)
        if not event.missing:
            self._could_not_start(running, event.reason)
            return
        self._warn(f"{self._launcher.cold_from_now_on(running.unit)} run cold: {event.reason}")
        attempt = running.attempt
        if attempt.ended_by is not None:
            self._never_began(running)
            return
        self._launcher.clear(running, Status.PASSED, keep=False)
        running.attempt = self._attempts.cold(running)
        self.start(running)

    def _lost(self, running: RunningUnit) -> None:
        attempt = running.attempt
        if attempt.ended_by is None:
            attempt.problem = "the process that forks warm units was killed"
        if attempt.pid:
            self._process_ended(attempt.pid, signal.SIGKILL, 0.0, 0.0, 0)
            return
        self._outputs.close(running)
        self._never_began(running)

    def _never_began(self, running: RunningUnit) -> None:
        """End an attempt that the zygote has not forked, and will not."""
        running.attempt.status = -signal.SIGKILL
        running.attempt.ended = time.monotonic()
        self._attempt_over(running)

    # -- running ------------------------------------------------------------------------------------------------

    def next_look(self, now: float) -> float | None:
        """The latest time to call `mind`; None if nothing runs. 0 if `handle_warm_events` has something to do."""
        if self._warm_events:
            return 0.0
        if not self._alive:
            return None
        moments = [now + SPILL_S]
        deadlines = (running.attempt.deadline for running in self._alive.values())
        moments += [deadline for deadline in (*deadlines, self._cpu_limits.next_look) if deadline is not None]
        moments += [running.attempt.ended + LEAK_GRACE_S for running in self._ended]
        return min(moments)

    def mind(self, now: float) -> None:
        """End units that exceed their time or CPU time, settle those that have ended, spill the output of long ones."""
        late, grace_s = [], self._job.plan.grace_s
        for running in list(self._alive.values()):
            attempt = running.attempt
            if attempt.deadline is not None and now >= attempt.deadline:
                late.append(attempt)
            elif now >= attempt.spill_at:
                attempt.spill_at = now + SPILL_S
                try:
                    running.capture.spill()
                except OSError as error:
                    self._warn(f"{log_path(self._job.run, running.unit.target)}: {error.strerror}")
        if late:
            kill([attempt for attempt in late if attempt.ended_by is not None])
            end_gently([attempt for attempt in late if attempt.ended_by is None], Status.TIMEOUT, now + grace_s)
        if over := self._cpu_limits.exceeded(now):
            end_gently(over, Status.TIMEOUT, now + grace_s)
        for running in self._ended[:]:
            self._settle(running, final=now >= running.attempt.ended + LEAK_GRACE_S)

    # -- ending early, and pausing ------------------------------------------------------------------------------

    def cancel(self, *, at_once: bool) -> None:
        """End all units, and retry none."""
        self._may_retry = False
        self.end_all(at_once=at_once)

    def end_all(self, *, at_once: bool) -> None:
        """Send SIGTERM to every unit, once; if `at_once`, kill them."""
        attempts = [running.attempt for running in self._alive.values() if not running.attempt.ended]
        gently = [attempt for attempt in attempts if attempt.ended_by is None]
        end_gently(gently, Status.CANCELLED, time.monotonic() + self._job.plan.grace_s)
        if at_once:
            kill(attempts)

    def stop(self) -> list[int]:
        """Stop the units' processes, which a terminal's Ctrl-Z does not reach; return their pids for `go_on`."""
        stopped = [*self._processes, *below(process_table(), self._processes)]
        for pid in stopped:
            processes.kill(pid, signal.SIGSTOP)
        return stopped

    def go_on(self, stopped: list[int], paused_s: float) -> None:
        """Continue the stopped processes; `paused_s` is not counted as time of the units."""
        for pid in reversed(stopped):
            processes.kill(pid, signal.SIGCONT)
        for running in self._alive.values():
            running.attempt.paused_s += paused_s
            if running.attempt.deadline is not None:
                running.attempt.deadline += paused_s

    # -- ending -------------------------------------------------------------------------------------------------

    def reaped(self, pid: int, status: int, usage: struct_rusage) -> None:
        """Handle a reaped child: a unit's process, or one that a unit left running."""
        self._leftovers.gone(pid)
        self._process_ended(pid, status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss)

    def _process_ended(self, pid: int, status: int, user_s: float, sys_s: float, max_rss: int) -> None:
        running = self._processes.pop(pid, None)
        if running is None:
            return
        attempt = running.attempt
        attempt.status = os.waitstatus_to_exitcode(status)
        attempt.ended = time.monotonic()
        attempt.deadline = None
        attempt.user_s = user_s
        attempt.sys_s = sys_s
        attempt.max_rss_bytes = max_rss * _RSS_UNIT
        self._outputs.drain(running)
        self._ended.append(running)
        self._settle(running, final=attempt.killed)

    def _settle(self, running: RunningUnit, *, final: bool) -> None:
        attempt = running.attempt
        ours = {self._make.pid, *self._launcher.zygotes.pids, *self._processes}
        left = self._leftovers.of(running, ours, self._alive.values())
        group = processes.kill_group(attempt.pid, 0)
        if (left or group or attempt.output >= 0 or attempt.errors >= 0) and not final:
            return
        if left or group:
            tree = [*left, *below(process_table(), left)]
            attempt.left = tuple((pid, processes.command_of(pid)) for pid in tree)
            attempt.or_left_by = tuple(self._leftovers.others(left, running))
            processes.kill_group(attempt.pid, signal.SIGKILL)
            for pid in tree:
                processes.kill(pid)
        self._outputs.drain(running)
        self._outputs.close(running)
        self._ended.remove(running)
        self._attempt_over(running)

    def _attempt_over(self, running: RunningUnit) -> None:
        """No process of the attempt is left: start the next attempt, or finish the unit."""
        job, unit, attempt = self._job, running.unit, running.attempt
        module = job.plan.modules[unit.module]
        status = status_of(attempt, module, job.plan.skips(unit))
        if status == Status.SKIPPED and not running.attempts:
            attempt.skip_reason = reason_of(running.capture.last_lines())
        if attempt.results is not None:
            status = finish_results(running, status)
        if status == Status.SKIPPED and job.no_skip and attempt.status is not None:
            status, attempt.must_not_skip = Status.FAILED, True
        try:
            kept = self._launcher.clear(running, status, keep=job.keeps_tmpdir(unit, status))
        except OSError as error:
            kept = None
            self._warn(f"{error.filename}: {error.strerror}")
        note = note_of(attempt, status, module, kept and f"{job.run}/{kept}")
        stable_note = note_of(attempt, status, module, kept and f"{job.run.parent}/RUN/{kept}", stable=True)
        running.attempts.append(attempt_of(attempt, status, note, stable_note, self._begun))
        retries = job.retries_of(unit) if self._may_retry and not attempt.must_not_skip else 0
        kind = next_attempt(running.attempts, retries, seeded=bool(running.seeds.values))
        if kind is not None:
            self._start_again(running, kind)
            return
        self._forks.ended(running.token, running.unit)
        del self._alive[running.token]
        self._lanes.discard(running.lane)
        self._finished(running)
