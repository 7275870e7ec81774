"""Background programs of a scenario: started by one step, waited for or ended by another one, or when all are over.

What they print is read while other steps run, so that none of them waits for a full pipe. Their ends (pidfds) and their
output are waited for by poll; only where nothing tells of an event, that is for files, ports and commands, is there a
look now and then. A program has a process group of its own, which gets the signals.
"""

import os
import select
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from longpole.rts_tests.machine import processes
from longpole.rts_tests.scenario.listening import listens
from longpole.rts_tests.scenario.model import Ready, Step
from longpole.rts_tests.scenario.programs_text import signal_name
from longpole.rts_tests.scenario.read_programs import port_of
from longpole.rts_tests.scenario.start import Started, start
from longpole.rts_tests.scenario.steps import Outcome, run_step, why_not
from longpole.rts_tests.scenario.waiting import GRACE_S, MAX_OUTPUT_BYTES, PIPES_S, Meanwhile

READY_S = 30.0
"""How long a program may take to be ready."""
STOP_S = 10.0
"""How long a program may take to end when it is stopped."""
LOOK_S = 0.01
"""The interval of looks for a file or a port, and for ends on systems without pidfds."""
REPEAT_S = 0.05
"""The time between two runs of a command that tells whether a program is ready."""
_CHUNK = 1 << 16
_MAX_PIPE = 1 << 20
"""The most that a pipe holds, see pipe(7)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that no step ended or waited for; `how` says in a few words how it ended."""

    name: str
    command: str
    cwd: str
    how: str
    outcome: Outcome


class Programs:
    """The background programs of one run of a scenario."""

    def __init__(self) -> None:
        self.meanwhile: Meanwhile = {}
        """What has to be read while steps are run."""
        self._programs: dict[str, _Program] = {}
        self._before: list[_Program] = []
        """Programs whose names others have now: a step that began them is run again, or did not see their ends."""

    def run(
        self, step: Step, text: str, *, cwd: str, environ: Mapping[str, str], ready: str, timeout_s: float | None
    ) -> Outcome:
        """Carry out a step that begins a program, with the command line `text`, or ends one, or waits for one.

        `text` and `ready`, the text of `step.ready`, are expanded. The outcome has what the program has printed.
        """
        if step.background is not None:
            condition = None if step.ready is None else replace(step.ready, text=ready)
            return self._begin(_Program(step.background, text, cwd, environ), condition, timeout_s)
        if step.stop is not None:
            return self._stop(step.stop.name, step.stop.signal, STOP_S if timeout_s is None else timeout_s)
        assert step.wait is not None
        return self._wait_for(step.wait, timeout_s)

    def _begin(self, program: "_Program", ready: Ready | None, timeout_s: float | None) -> Outcome:
        earlier = self._programs.pop(program.name, None)
        if earlier is not None:
            self._end(earlier)
            self._before.append(earlier)
        try:
            program.start(self.meanwhile)
        except (OSError, ValueError) as error:
            return Outcome(-1, b"", b"", 0.0, problem=why_not(error, program.cwd))
        self._programs[program.name] = program
        problem = None if ready is None else self._until_ready(program, ready, timeout_s)
        if program.has_ended():
            program.read_all()
            return program.outcome(problem)
        return replace(program.outcome(problem), exit_code=0 if problem is None else -1)

    def _stop(self, name: str, number: int, timeout_s: float) -> Outcome:
        program = self._programs.pop(name, None)
        if program is None:
            return _not_there(name)
        began = time.monotonic()
        problem = None
        if program.has_ended():
            program.read_all()
            problem = f"{name} has ended before: {program.how()}"
        else:
            processes.kill_group(program.pid, number)
            if not self._until(program.has_ended, program, began + timeout_s):
                problem = f"{name} did not end within {timeout_s:g} s of {signal_name(number)}, and was killed"
                processes.kill_group(program.pid)
        return self._collected(program, began, problem)

    def _wait_for(self, name: str, timeout_s: float | None) -> Outcome:
        program = self._programs.get(name)
        if program is None:
            return _not_there(name)
        began = time.monotonic()
        if not self._until(program.has_ended, program, None if timeout_s is None else began + timeout_s):
            return replace(program.outcome(None), exit_code=-1, timed_out=True, seconds=time.monotonic() - began)
        del self._programs[name]
        return self._collected(program, began, None)

    def _collected(self, program: "_Program", began: float, problem: str | None) -> Outcome:
        """The outcome of a program that ends now; its pipes are waited for as those of a step."""
        self._until(program.has_ended, program, None)
        self._until(lambda: not program.is_open(), program, time.monotonic() + PIPES_S)
        outcome = replace(program.outcome(problem), seconds=time.monotonic() - began)
        program.reap()
        return outcome

    def end(self) -> tuple[Ended, ...]:
        """End what still runs, the last one first, and forget it; return all that no step ended or waited for."""
        left = []
        for program in reversed([*self._before, *self._programs.values()]):
            how = self._end(program)
            left.append(Ended(program.name, program.text, program.cwd, how, program.outcome(None)))
            program.reap()
        self.forget()
        return tuple(left)

    def _end(self, program: "_Program") -> str:
        """End a program if it still runs; return how it ended."""
        how = None
        if not program.has_ended():
            how = "stopped at the end"
            processes.kill_group(program.pid, signal.SIGTERM)
            if not self._until(program.has_ended, program, time.monotonic() + GRACE_S):
                how = f"killed at the end, {GRACE_S:g} s after SIGTERM"
                processes.kill_group(program.pid)
                self._until(program.has_ended, program, None)
        program.read_all()
        return how or program.how()

    def forget(self) -> tuple[Ended, ...]:
        """Close what is open, and wait for nothing; return what still ran or was not waited for, last first."""
        left = []
        for program in reversed([*self._before, *self._programs.values()]):
            program.read_all()
            how = program.how() if program.has_ended() else "it still ran"
            left.append(Ended(program.name, program.text, program.cwd, how, program.outcome(None)))
            program.close()
        self._before.clear()
        self._programs.clear()
        for descriptor in tuple(self.meanwhile):
            os.close(descriptor)
        self.meanwhile.clear()
        return tuple(left)

    # -- waiting ------------------------------------------------------------------------------------------------------

    def _until_ready(self, program: "_Program", ready: Ready, timeout_s: float | None) -> str | None:
        """Wait until a program is ready; return why it is not, None if it is."""
        limit_s = READY_S if ready.timeout_s is None else ready.timeout_s
        limit_s = limit_s if timeout_s is None else min(limit_s, timeout_s)
        deadline = time.monotonic() + limit_s
        if ready.kind == "port" and port_of(ready.text) is None:
            return f"{ready.text} is no port"
        is_ready, every_s = self._condition(program, ready, deadline)
        if self._until(lambda: program.has_ended() or is_ready(), program, deadline, every_s):
            if not program.has_ended():
                return None
            program.read_all()
            return None if is_ready() else f"{program.name} ended before it was ready: {program.how()}"
        return f"{program.name} was not ready within {limit_s:g} s: {_lacking(ready)}"

    def _condition(self, program: "_Program", ready: Ready, deadline: float) -> tuple[Callable[[], bool], float | None]:
        """What tells whether a program is ready, and how often that has to be asked."""
        if ready.kind == "output":
            return program.watch(ready.text.encode()), None
        if ready.kind == "file":
            path = os.path.join(program.cwd, ready.text)
            return lambda: os.path.lexists(path), LOOK_S
        if ready.kind == "port":
            port = port_of(ready.text) or 0
            return lambda: listens(port), LOOK_S

        def succeeds() -> bool:
            left_s = max(0.0, deadline - time.monotonic())
            outcome = run_step(
                ready.text, cwd=program.cwd, environ=program.environ, timeout_s=left_s, meanwhile=self.meanwhile
            )
            return outcome.exit_code == 0

        return succeeds, REPEAT_S

    def _until(
        self, holds: Callable[[], bool], program: "_Program", deadline: float | None, every_s: float | None = None
    ) -> bool:
        """Wait until something holds, by the end of a program, by output, or by the clock; whether it does in time."""
        while not holds():
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                return False
            waits = [] if deadline is None else [deadline - now]
            if every_s is not None:
                waits.append(every_s)
            self._turn(program, min(waits) if waits else None)
        return True

    def _turn(self, program: "_Program", wait_s: float | None) -> None:
        poll = select.poll()
        for descriptor in self.meanwhile:
            poll.register(descriptor, select.POLLIN)
        if program.handle >= 0 and not program.has_ended():
            poll.register(program.handle, select.POLLIN)
        elif not program.has_ended():
            wait_s = min(LOOK_S, wait_s or LOOK_S)
        for descriptor, _ in poll.poll(None if wait_s is None else min(wait_s, 3600) * 1000 + 1):
            if descriptor in self.meanwhile:
                self.meanwhile[descriptor]()


class _Stream:
    """A pipe of a program, and what was read from it."""

    def __init__(self, reader: int, meanwhile: Meanwhile) -> None:
        os.set_blocking(reader, False)
        self.data = bytearray()
        self.dropped = 0
        self.reader = reader
        self.is_empty = False
        """Whether there was nothing to read, the last time."""
        self.wanted: bytes | None = None
        """A text that is looked for."""
        self.found = False
        self._meanwhile = meanwhile
        meanwhile[reader] = self.read

    def read(self) -> None:
        """Read what there is, at most a chunk."""
        try:
            data = os.read(self.reader, _CHUNK)
        except BlockingIOError:
            self.is_empty = True
            return
        self.is_empty = not data
        if not data:
            del self._meanwhile[self.reader]
            os.close(self.reader)
            self.reader = -1
            return
        begin = len(self.data)
        self.data += data
        if self.wanted is not None and not self.found:
            self.found = self.data.find(self.wanted, max(0, begin - len(self.wanted))) >= 0
        if len(self.data) > MAX_OUTPUT_BYTES:
            self.dropped += len(self.data) - MAX_OUTPUT_BYTES
            del self.data[MAX_OUTPUT_BYTES:]


class _Program:
    """A process that goes on running, the first of a group of its own."""

    def __init__(self, name: str, text: str, cwd: str, environ: Mapping[str, str]) -> None:
        self.name, self.text, self.cwd, self.environ = name, text, cwd, environ
        self.handle = -1
        self._started: Started | None = None
        self._streams: list[_Stream] = []
        self._status: int | None = None
        self._ended = False

    @property
    def pid(self) -> int:
        """Its process id, which is that of its group."""
        assert self._started is not None
        return self._started.pid

    def start(self, meanwhile: Meanwhile) -> None:
        """Start it. Raises `OSError`, `ValueError`."""
        readers, writers = zip(os.pipe(), os.pipe(), strict=True)
        stdin = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        try:
            out, err = writers
            self._started = start(self.text, cwd=self.cwd, environ=self.environ, stdin=stdin, stdout=out, stderr=err)
        except (OSError, ValueError):
            for reader in readers:
                os.close(reader)
            raise
        finally:
            for descriptor in (stdin, *writers):
                os.close(descriptor)
        self._streams = [_Stream(reader, meanwhile) for reader in readers]
        if hasattr(os, "pidfd_open"):
            try:
                self.handle = os.pidfd_open(self.pid)
            except OSError:
                pass  # an old kernel, or no descriptor is left

    def has_ended(self) -> bool:
        """Whether its process has ended. It is reaped later, so that its number belongs to nobody else."""
        if not self._ended:
            info = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            self._ended = info is not None
        return self._ended

    def is_open(self) -> bool:
        """Whether something may still be printed."""
        return any(stream.reader >= 0 for stream in self._streams)

    def watch(self, text: bytes) -> Callable[[], bool]:
        """Look for a text from now on; return what tells whether it was printed."""
        for stream in self._streams:
            stream.wanted = text
        return lambda: any(stream.found for stream in self._streams)

    def read_all(self) -> None:
        """Read what it has printed: what a pipe holds, as something may go on printing."""
        for stream in self._streams:
            for _ in range(_MAX_PIPE // _CHUNK + 1):
                if stream.reader >= 0:
                    stream.read()
                if stream.reader < 0 or stream.is_empty:
                    break

    def outcome(self, problem: str | None) -> Outcome:
        """What it has printed; how it ended, if it has."""
        code, message = self._started.ended(self._reaped()) if self._started and self._ended else (-1, b"")
        out, err = (bytes(stream.data) for stream in self._streams)
        dropped = sum(stream.dropped for stream in self._streams)
        return Outcome(code, out, err + message, 0.0, problem=problem, dropped=dropped)

    def how(self) -> str:
        """How it ended."""
        code = os.waitstatus_to_exitcode(self._reaped())
        return f"exit code {code}" if code >= 0 else f"ended by {signal_name(-code)}"

    def _reaped(self) -> int:
        if self._status is None:
            self._status = os.waitpid(self.pid, 0)[1]
        return self._status

    def reap(self) -> None:
        """Give up its number; what it left may still print, which is read and dropped."""
        self._reaped()
        self.close()

    def close(self) -> None:
        """Close the handle."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


def _not_there(name: str) -> Outcome:
    return Outcome(-1, b"", b"", 0.0, problem=f"{name} does not run")


def _lacking(ready: Ready) -> str:
    return {
        "output": f"it has not printed {ready.text}",
        "file": f"there is no {ready.text}",
        "port": f"nothing listens on port {ready.text}",
        "run": f"`{ready.text}` does not succeed",
    }[ready.kind]
