"""The supervisor: one single-threaded process that executes what make decides.

The hard part is to know when a unit has ended. Three things end independently: its process (SIGCHLD), its output (end
of file, which a process that it left behind may hold open), and what it left behind (which may have changed its process
group, its session and its output). So a unit goes through

    running ─▶ ended ─▶ settled
        └ at its deadline: SIGTERM to the group ─▶ after the grace: SIGKILL

and `ended` lasts at most LEAK_GRACE_S: a pipeline's last process may take a moment longer than its first. What is still
there after that is leaked, and is ended. As the subreaper we are told of every orphan's end by SIGCHLD as well, so that
in the usual case, nothing left, a unit settles in the same round in which it ended, at the cost of one look at our own
list of children.
"""

import gc
import hashlib
import os
import selectors
import shutil
import signal
import socket
import stat
import sys
import time
from dataclasses import asdict

from rts_tests import processes
from rts_tests.capture import Capture
from rts_tests.child import WarmModule, call, execute, warm_module
from rts_tests.command import reproducer, unit_command
from rts_tests.environment import own_variables, without_steering
from rts_tests.events import Events, utc
from rts_tests.files import write_atomic
from rts_tests.handover import BUILT, Handover
from rts_tests.job import Job, Running
from rts_tests.outcome import OTHER, Attempt, next_attempt, verdict
from rts_tests.plan import Unit
from rts_tests.records import Record, encode, fields_of, log_path, record_path
from rts_tests.seeds import other_seeds
from rts_tests.submake import SubMake
from rts_tests.terminal import Printer

LEAK_GRACE_S = 0.1
SPILL_S = 1.0
BUILD_MARK = b"LONGPOLE_BUILD="
"""In the environment of builds, and so of servers that they leave on purpose, such as a compiler cache's."""
TAIL_LINES = 20
RETRY_S = 0.001

AGAIN_S = 1.0
"""A signal to our process group reaches us, the guard and make, which pass it on: within this time it is but one."""

EXIT_ENDED = 0
EXIT_MAKE_FAILED = 1
EXIT_CANCELLED = 130

_INTERRUPTED = (-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP)
"""How make ends when it was interrupted, if it does not exit with 2; that may be before we hear of it ourselves."""
_REPLIES = {"passed": 0, "timeout": 124, "leaked": 1, "seed-dependent": 1, "flaky": 1, "cancelled": 130, "error": 2}
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Supervisor:
    """Runs one job: starts its make, runs the units that are handed over, and ends everything that is left."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._events = Events(job.run)
        self._printer = Printer(1, job.environ)
        self._handover = Handover(job.pipes)
        self._selector = selectors.DefaultSelector()
        self._running: dict[int, Running] = {}
        self._outputs: dict[int, Running] = {}
        self._ended: list[Running] = []
        self._lanes: set[int] = set()
        self._make = SubMake(job)
        self._cancelled = 0
        self._cancelled_at = 0.0
        self._failed = False
        self._waiting = False
        self._reap = False
        self._host = socket.gethostname()
        self._base = without_steering(job.environ)
        self._warm: dict[str, tuple[str, WarmModule]] = {}
        self._digests: dict[str, tuple[tuple[int, int, int], str]] = {}
        self._strangers: dict[int, bytes] = {}
        self._spare_tmpdirs: list[str] = []
        self._problems: list[str] = []
        self._begun = time.monotonic()

    # -- the run ------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Run until make and every unit have ended; return one of the EXIT codes."""
        processes.adopt_orphans()
        wake = self._listen()
        self._events.write("run started", run=self._job.run.name, units=len(self._job.units))
        self._make.start()
        self._private = _own_descriptors()
        self._load_warm_modules()
        os.environ.clear()
        os.environ.update(self._base)
        self._selector.register(wake, selectors.EVENT_READ, self._on_wake)
        self._selector.register(self._handover.descriptor, selectors.EVENT_READ, self._on_request)
        self._selector.register(self._make.errors, selectors.EVENT_READ, lambda _: self._make.read_errors())
        gc.freeze()
        gc.disable()
        while self._make.status is None or self._running or self._ended:
            for key, _ in self._selector.select(self._timeout()):
                key.data(key.fd)
            if self._reap:
                self._reap = False
                self._reap_all()
            self._mind_time()
        self._make.finish()
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

    def _load_warm_modules(self) -> None:
        for variant in self._job.plan.variants.values():
            if variant.warm and self._job.warm:
                name = variant.run[2]
                try:
                    self._warm[variant.name] = (name, warm_module(name))
                except ImportError as error:
                    self._problems.append(f"warm units of {variant.name} run cold: {name}: {error}")

    # -- events -------------------------------------------------------------------------------------------------

    def _timeout(self) -> float | None:
        moments = [unit.deadline for unit in self._running.values() if unit.deadline is not None]
        moments += [unit.ended + LEAK_GRACE_S for unit in self._ended]
        now = time.monotonic()
        if self._waiting:
            moments.append(now + RETRY_S)
        elif self._running:
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
        groups = list(self._running)
        stopped = [*groups, *(pid for group in groups for pid in processes.descendants_of(group))]
        for pid in stopped:
            processes.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        os.kill(os.getpid(), signal.SIGSTOP)
        paused_s = time.monotonic() - begun
        for pid in reversed(stopped):
            processes.kill(pid, signal.SIGCONT)
        for running in self._running.values():
            running.paused_s += paused_s
            if running.deadline is not None:
                running.deadline += paused_s

    def _on_request(self, _descriptor: int) -> None:
        for target in self._handover.requests():
            self._request(target)

    def _request(self, target: str) -> None:
        unit = self._job.units.get(target)
        if target.startswith(BUILT):
            self._make.built(target.removeprefix(BUILT))
        elif unit is None:
            self._problems.append(f"make asked for {target!r}, which this run did not plan")
        elif self._cancelled or (self._failed and self._job.fail_fast):
            self._handover.answer(target, _REPLIES["cancelled"])
        else:
            self._start(unit)

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
        for running in list(self._running.values()):
            if running.deadline is not None and now >= running.deadline:
                if running.ended_by is None:
                    running.ended_by = "timeout"
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

    def _cancel(self, *, at_once: bool) -> None:
        self._cancelled_at = self._cancelled_at if self._cancelled else time.monotonic()
        self._cancelled += 1
        if self._make.pid:
            processes.kill(self._make.pid, signal.SIGTERM)
        self._end_all(at_once=at_once)

    def _end_all(self, *, at_once: bool) -> None:
        now = time.monotonic()
        for running in self._running.values():
            if running.ended_by is None:
                running.ended_by = "cancelled"
                self._end_gently(running, now)
            if at_once:
                self._kill(running)

    def _end_gently(self, running: Running, now: float) -> None:
        processes.kill_group(running.pid, signal.SIGTERM)
        processes.kill_group(running.pid, signal.SIGCONT)
        running.deadline = now + self._job.plan.grace_s

    def _kill(self, running: Running) -> None:
        processes.kill_group(running.pid, signal.SIGKILL)
        running.killed = True
        running.deadline = None

    # -- a unit's life ------------------------------------------------------------------------------------------

    def _start(self, unit: Unit) -> None:
        job = self._job
        seeds = job.seeds(unit)
        lane = next(number for number in range(len(self._lanes) + 1) if number not in self._lanes)
        self._lanes.add(lane)
        running = Running(
            unit=unit,
            seeds=seeds,
            capture=Capture(log_path(job.run, unit.target), job.plan.log_bytes),
            tmpdir=f"{job.private}/{unit.target}",
            lane=lane,
            started_at=time.time(),
            attempt_seeds=seeds,
            command=unit_command(job.plan, unit, seeds, job.make),
            started=time.monotonic(),
        )
        self._events.write("unit started", id=unit.id, lane=lane, seed=seeds.first)
        self._attempt(running)

    def _attempt(self, running: Running) -> None:
        job, unit = self._job, running.unit
        variant, module = job.plan.variants[unit.variant], job.plan.modules[unit.module]
        reader = writer = -1
        try:
            if variant.artifact is not None:
                running.artifact_sha256 = self._digest(variant.artifact)
            if self._spare_tmpdirs:
                os.rename(self._spare_tmpdirs.pop(), running.tmpdir)
            else:
                os.mkdir(running.tmpdir, 0o700)
            reader, writer = os.pipe()
            os.set_blocking(reader, False)
            own = own_variables(unit, running.attempt_seeds, job.run.name, running.tmpdir)
            own.update(variant.env)
            own.update(module.env)
            running.pid = self._spawn(running, own, reader, writer)
        except OSError as error:
            if reader >= 0:
                os.close(reader)
            self._could_not_start(running, error)
            return
        finally:
            if writer >= 0:
                os.close(writer)
        running.output = reader
        running.spill_at = running.started + SPILL_S
        running.deadline = running.started + module.timeout_s
        self._running[running.pid] = running
        self._outputs[reader] = running
        self._selector.register(reader, selectors.EVENT_READ, self._on_output)

    def _attempt_again(self, running: Running, kind: str) -> None:
        if kind == OTHER:
            running.attempt_seeds = other_seeds(running.seeds)
            running.command = unit_command(self._job.plan, running.unit, running.attempt_seeds, self._job.make)
        number = len(running.attempts) + 1
        running.capture.add(f"\n[longpole: attempt {number}, {kind}]\n".encode())
        running.kind = kind
        running.started = time.monotonic()
        running.paused_s = 0.0
        running.ended_by = running.status = None
        running.killed = False
        running.left = []
        self._attempt(running)

    def _spawn(self, running: Running, own: dict[str, str], reader: int, output: int) -> int:
        warm = self._warm.get(running.unit.variant)
        if warm is None:
            return execute(running.command, {**self._base, **own}, output)
        argv = list(running.command[3:])
        try:
            warm[1].prepare(argv)
        except Exception:  # the child meets it again and says it in its log
            pass
        return call(warm[1], argv, own, output, (*self._private, *self._outputs, reader))

    def _could_not_start(self, running: Running, error: OSError) -> None:
        variant = self._job.plan.variants[running.unit.variant]
        if variant.artifact is not None and error.filename == variant.artifact:
            builds = f"; `make build-{variant.name}` makes it" if variant.builds else ""
            note = f"the artifact {variant.artifact} is expected and cannot be read: {error.strerror}{builds}"
        elif error.filename is not None and error.filename != running.command[0]:
            note = f"{error.filename}: {error.strerror}"
        else:
            note = f"{running.command[0]} cannot be executed: {error.strerror}"
        running.capture.add(f"longpole: {note}\n".encode(errors="replace"))
        running.ended = time.monotonic()
        self._attempted(running, "error", None, None, note)

    def _digest(self, path: str) -> str:
        status = os.stat(path)
        identity = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._digests.get(path)
        if known is None or known[0] != identity:
            with open(path, "rb") as file:
                known = (identity, hashlib.file_digest(file, "sha256").hexdigest())
            self._digests[path] = known
        return known[1]

    def _reap_all(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._strangers.pop(pid, None)
            if pid == self._make.pid:
                ended = os.waitstatus_to_exitcode(status)
                for target in self._handover.requests():  # the last thing a build says
                    self._request(target)
                self._make.ended(ended, go_on=not self._cancelled)
                if self._running:  # nobody waits for these units any more
                    self._end_all(at_once=ended < 0 and ended not in _INTERRUPTED)
                continue
            running = self._running.pop(pid, None)
            if running is None:
                continue
            running.status = os.waitstatus_to_exitcode(status)
            running.ended = time.monotonic()
            running.user_s = usage.ru_utime
            running.sys_s = usage.ru_stime
            running.max_rss_bytes = usage.ru_maxrss * _RSS_UNIT
            if running.output >= 0:
                self._drain(running)
            self._ended.append(running)
            self._settle(running, final=running.killed)

    def _left_behind(self, running: Running) -> list[int]:
        """Processes of an ended unit that live on: our adopted children that carry its name in their environment."""
        found = []
        for pid in processes.children_of(os.getpid()):
            if pid == self._make.pid or pid in self._running:
                continue
            environ = self._strangers.get(pid)
            if environ is None:
                environ = self._strangers[pid] = processes.environment_of(pid)
            mark = f"LONGPOLE_UNIT={running.unit.id}".encode()
            if mark in environ.split(b"\0") or _group_of(pid) == running.pid:
                found.append(pid)
        return found

    def _settle(self, running: Running, *, final: bool) -> None:
        left = self._left_behind(running)
        group = processes.kill_group(running.pid, 0)
        if (left or group or running.output >= 0) and not final:
            return
        if left or group:
            tree = [*left, *(pid for root in left for pid in processes.descendants_of(root))]
            running.left = [f"{pid} {processes.command_of(pid)}" for pid in tree]
            processes.kill_group(running.pid, signal.SIGKILL)
            for pid in tree:
                processes.kill(pid)
        if running.output >= 0:
            self._drain(running)
            self._close_output(running)
        self._ended.remove(running)
        self._conclude(running)

    def _conclude(self, running: Running) -> None:
        code = running.status
        assert code is not None
        number = -code if code < 0 else None
        module = self._job.plan.modules[running.unit.module]
        leaks = module.leaks
        note = None
        if running.ended_by == "timeout":
            status, note = "timeout", f"took longer than {module.timeout_s:g} s"
        elif running.ended_by == "cancelled":
            status, note = "cancelled", "the run was interrupted"
        elif number is not None:
            status, note = "crashed", f"ended by {_signal_name(number)}"
        elif code:
            status, note = "failed", f"exit status {code}"
        elif running.left and leaks == "fail":
            status = "leaked"
        else:
            status = "passed"
        if running.left and running.ended_by is None and not (status == "passed" and leaks == "allow"):
            said = f"left running: {'; '.join(running.left)}"
            note = f"{note}; {said}" if note else said
        self._attempted(running, status, code if number is None else None, number, note)

    def _attempted(self, running: Running, status: str, code: int | None, number: int | None, note: str | None) -> None:
        kept = self._clear(running, status)
        attempt = Attempt(
            kind=running.kind,
            seed=running.attempt_seeds.first,
            status=status,
            exit_code=code,
            signal=None if number is None else _signal_name(number),
            note="; ".join(filter(None, (note, kept))) or None,
            started_s=round(running.started - self._begun, 6),
            wall_s=round(running.ended - running.started - running.paused_s, 6),
            user_s=running.user_s,
            sys_s=running.sys_s,
            max_rss_bytes=running.max_rss_bytes,
        )
        running.attempts.append(attempt)
        retries = 0 if self._cancelled else self._job.retries_of(running.unit)
        kind = next_attempt(running.attempts, retries, seeded=bool(running.seeds.values))
        if kind is not None:
            self._attempt_again(running, kind)
        else:
            self._finish(running)

    def _clear(self, running: Running, status: str) -> str | None:
        """Remove what the attempt left in its TMPDIR, or keep it where the suite asks for that; say where."""
        if self._job.plan.keep == "failed" and status != "passed":
            kept = f"{self._job.run}/units/{running.unit.target}.tmp{len(running.attempts) or ''}"
            try:
                if os.listdir(running.tmpdir):
                    shutil.move(running.tmpdir, kept)
                    return f"its TMPDIR is kept in {kept}"
            except OSError as error:
                self._problems.append(f"{kept}: {error.strerror}")
        self._remove(running.tmpdir, reuse=status == "passed")
        return None

    def _finish(self, running: Running) -> None:
        unit = running.unit
        job = self._job
        self._lanes.discard(running.lane)
        first, *more = running.attempts
        status = verdict(running.attempts)
        record = Record(
            id=unit.id,
            target=unit.target,
            variant=unit.variant,
            module=unit.module,
            chunk=unit.chunk,
            seed=running.seeds.first,
            first_seed=running.seeds.first,
            seed_count=len(running.seeds.values),
            command=unit_command(job.plan, unit, running.seeds, job.make) if more else running.command,
            status=status,
            exit_code=first.exit_code,
            signal=first.signal,
            started_at=utc(running.started_at),
            started_s=first.started_s,
            wall_s=round(sum(attempt.wall_s for attempt in running.attempts), 6),
            user_s=sum(attempt.user_s for attempt in running.attempts),
            sys_s=sum(attempt.sys_s for attempt in running.attempts),
            max_rss_bytes=max(attempt.max_rss_bytes for attempt in running.attempts),
            attempts=len(running.attempts),
            lane=running.lane,
            host=self._host,
            artifact_sha256=running.artifact_sha256,
            reproducer=reproducer(unit, running.seeds, job.commit.sha),
            note=first.note,
            tries=tuple(asdict(attempt) for attempt in running.attempts) if more else (),
        )
        passed = status == "passed" or (status == "flaky" and job.plan.flaky == "pass")
        if not passed:
            self._failed = True
        try:
            running.capture.finish()
            write_atomic(record_path(job.run, unit.target), encode(fields_of(record)))
        except OSError as error:
            self._problems.append(f"{unit.id} could not be recorded: {error.filename or job.run}: {error.strerror}")
        wall_s, note = record.wall_s, record.note
        self._events.write("unit finished", id=unit.id, lane=running.lane, status=status, wall_s=wall_s, note=note)
        self._printer.unit(record, running.capture.last_lines(TAIL_LINES) if status != "passed" else [])
        self._handover.answer(unit.target, 0 if passed else _reply(status, first))
        self._waiting = True

    def _remove(self, tmpdir: str, *, reuse: bool) -> None:
        """Remove a unit's TMPDIR; one that is as it was made goes to the next unit, under that one's name.

        ext4 gives no inode away again within five seconds and passes over all of those whenever anything is made, so
        that a directory made and removed for every unit would be much of what a short unit costs.
        """
        try:
            if reuse and os.lstat(tmpdir).st_mode == stat.S_IFDIR | 0o700 and not os.listdir(tmpdir):
                spare = f"{self._job.private}/spare-{len(self._spare_tmpdirs)}"
                os.rename(tmpdir, spare)
                self._spare_tmpdirs.append(spare)
            else:
                os.rmdir(tmpdir)
        except FileNotFoundError:
            pass
        except OSError:
            shutil.rmtree(tmpdir, ignore_errors=True)


def _reply(status: str, attempt: Attempt) -> int:
    if status in _REPLIES:
        return _REPLIES[status]
    if attempt.signal is not None:
        return 128 + _signal_number(attempt.signal)
    return attempt.exit_code or 1


def _own_descriptors() -> list[int]:
    """What is open here but for the standard streams, without that by which the folder was listed."""
    found = []
    for number in map(int, os.listdir("/dev/fd")):
        try:
            os.fstat(number)
        except OSError:
            continue
        if number > 2:
            found.append(number)
    return found


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _signal_number(name: str) -> int:
    return int(name.removeprefix("signal ")) if name.startswith("signal ") else signal.Signals[name]


def supervise(job: Job) -> int:
    """Run `job` in this process, which must have no thread but its first; return one of the EXIT codes."""
    return Supervisor(job).run()
