"""Runs a scenario: makes its sandbox, runs its steps one after the other, makes their checks, and removes all of it.

A step that fails does not keep the following ones from running. Nothing is killed between steps; at the end everything
that the scenario started is ended, wherever it has moved to, and then the sandbox is removed.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.machine import processes
from longpole.rts_tests.machine.namespaces import Unavailable
from longpole.rts_tests.machine.ports import Ports
from longpole.rts_tests.machine.short_folders import make_short_folder, remove_short_folder
from longpole.rts_tests.scenario import sandbox as sandboxes
from longpole.rts_tests.scenario.background import Ended, Programs
from longpole.rts_tests.scenario.checks import Checked, check
from longpole.rts_tests.scenario.conditions import Probes, Ran, Skipped, skip_reason
from longpole.rts_tests.scenario.environment import Names, environment, places_in, text_variables
from longpole.rts_tests.scenario.golden_check import GoldenChecks
from longpole.rts_tests.scenario.isolation import Apart
from longpole.rts_tests.scenario.model import Isolation, Repeat, Scenario, Settings, Step
from longpole.rts_tests.scenario.port_names import port_names
from longpole.rts_tests.scenario.programs_text import about_program
from longpole.rts_tests.scenario.repositories import Store
from longpole.rts_tests.scenario.sandbox import Sandbox
from longpole.rts_tests.scenario.steps import Outcome, folder_of, run_step
from longpole.rts_tests.scenario.talk import source_of
from longpole.rts_tests.scenario.variables import Variables
from longpole.rts_tests.scenario.waiting import pause


@dataclass(frozen=True, slots=True)
class StepStart:
    """A step that begins. `number` counts from 1; `command` and `cwd` are expanded, `cwd` is absolute."""

    step: Step
    number: int
    command: str
    cwd: str


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step that has ended. `status` is `passed`, `failed` or `timeout`; `message` says why it is not the first.

    One that an exception ended is `cancelled`.

    `checked` is empty if it could not be started or took too long, or was run without its checks.
    """

    step: Step
    number: int
    command: str
    cwd: str
    outcome: Outcome
    checked: tuple[Checked, ...]
    status: Status
    seconds: float
    message: str | None = None
    runs: int = 1
    """How often it was run, if it was repeated."""

    @property
    def failures(self) -> tuple[Checked, ...]:
        """The checks that do not hold."""
        return tuple(each for each in self.checked if each.failure is not None)


class Observer(Protocol):
    """Told of each step as it begins and ends."""

    def started(self, step: StepStart) -> None:
        """A step begins."""

    def ended(self, result: StepResult) -> None:
        """A step has ended."""

    def left(self, programs: tuple[Ended, ...]) -> None:
        """The last step has ended, and these background programs with it."""


class Interpreter:
    """A scenario in a sandbox of its own, whose steps are run one by one."""

    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        parent: str,
        store: Store,
        caller: Mapping[str, str],
        *,
        registry: str | None = None,
        versions: str | None = None,
        update: bool = False,
    ) -> None:
        """The sandbox is made in the folder `parent`. `caller` is the environment of which commands inherit a part.

        `registry` is the folder in which short folders are registered, by default one in `parent`, and `versions` that
        in which scenarios share the versions of programs. With `update`, golden files that differ are written.
        """
        self.scenario = scenario
        self._settings = settings
        self._parent = parent
        self._store = store
        self._caller = caller
        self._registry = registry or f"{parent}/short"
        self._probes = Probes(versions)
        self._update = update
        self._goldens: GoldenChecks | None = None
        self._short: dict[str, str] = {}
        self._sandbox: Sandbox | None = None
        self._programs = Programs()
        self.unfinished: tuple[Ended, ...] = ()
        """The background programs that still ran when it was closed, as it was ended early."""
        self._apart = Apart()
        self._ports: Ports | None = None
        self._variables = Variables({})
        self._environ: dict[str, str] = {}
        self.interrupted: StepResult | None = None
        """The step during which an exception was raised, with what it had printed."""

    @property
    def sandbox(self) -> Sandbox:
        """Where its files are; there is one after `reset`."""
        assert self._sandbox is not None, "reset first"
        return self._sandbox

    @property
    def variables(self) -> Variables:
        """The variables of its texts."""
        return self._variables

    def reset(self) -> None:
        """Begin anew: end what was started, make a new sandbox.

        Raises `OSError` and `UseError`; `Skipped` if the scenario is not to be run.
        """
        self.close()
        processes.adopt_orphans()
        settings, scenario = self._settings, self.scenario
        if settings.bin is not None and not os.path.isdir(settings.bin):  # else programs elsewhere on PATH were tested
            where = os.path.relpath(settings.bin, settings.root)
            raise UseError.at(where, "the `bin` of the variant is no folder", "build it, or name another")
        if scenario.isolation.home:
            settings = replace(settings, home="sandbox")
        self._sandbox = made = sandboxes.make(self._parent, settings.gitconfig)
        for name in settings.short_folders:
            self._short[name] = make_short_folder(self._registry)
        names = Names(made.base, made.work, made.remotes, made.tmp, made.home, made.gitconfig, self._short)
        values = text_variables(scenario, settings, names)
        for name in settings.folders:
            os.makedirs(values[name], exist_ok=True)
        self._environ = environment(scenario, settings, names, values, self._caller)
        self._variables = Variables(values)
        reason = skip_reason(scenario, self._probes, self._ran, self._environ, self._variables.expand)
        if reason is not None:
            raise Skipped(reason)
        for repository in scenario.repositories:
            self._store.materialise(repository, f"{made.remotes}/{repository.name}")
        shared, own = settings.isolate, scenario.isolation
        isolation = replace(own, tmp=own.tmp or "tmp" in shared, network=own.network or "network" in shared)
        if isolation != Isolation():
            self._set_apart(isolation, made)
        for name in () if settings.strict else port_names(scenario, {*values, *self._environ}):
            values[name] = self._environ[name] = str(self._reserve(name))
        self._variables = Variables(values)
        places = {name: values[name] for name in places_in(values, scenario, settings)}
        self._goldens = GoldenChecks(scenario.path, settings.redact, self._variables, places, update=self._update)

    def _set_apart(self, isolation: Isolation, sandbox: Sandbox) -> None:
        """Isolate this process; what a scenario needs stays visible wherever it is. Raises `Skipped`."""
        settings = self._settings
        programs = [] if settings.bin is None else [settings.bin]
        visible = (self._parent, *self._short.values(), settings.root, settings.fixtures, *programs)
        try:
            self._apart.begin(isolation, f"{sandbox.base}/apart", visible, self._environ)
        except Unavailable as error:
            raise Skipped(str(error)) from None
        self._environ.update(self._apart.variables)

    def _reserve(self, name: str) -> int:
        """The port with this name, the same until the sandbox is removed. Raises `UseError`."""
        if self._ports is None:
            self._ports = Ports(Path(self._registry).parent)
        return self._ports.reserve(self.scenario.path, name)

    def _ran(self, text: str, environ: Mapping[str, str], timeout_s: float) -> Ran:
        """Run the command line of a condition in the work directory."""
        outcome = run_step(text, cwd=self.sandbox.work, environ=environ, timeout_s=timeout_s)
        stdout, stderr = (data.decode(errors="replace") for data in (outcome.stdout, outcome.stderr))
        return Ran(outcome.exit_code, stdout, stderr, outcome.timed_out)

    def begin(self, number: int) -> StepStart:
        """The step `number`, from 1, with its texts expanded; it is not run."""
        step = self.scenario.steps[number - 1]
        cwd = folder_of(step.cwd, self._variables, self.sandbox.work)
        return StepStart(step, number, self._variables.expand(step.run) or about_program(step), cwd)

    def run_step(self, number: int, *, checks: bool = True) -> StepResult:
        """Run the step `number`, from 1, and make its checks unless told not to; repeat both if the step says so."""
        start, began = self.begin(number), time.monotonic()
        step = start.step
        limit_s = step.timeout_s if step.timeout_s is not None else self._settings.step_timeout_s
        if step.repeat is None or not checks:
            result = self._ran_once(start, limit_s, began)
            return self.check(result) if checks else result
        return self._repeated(start, step.repeat, limit_s, began)

    def _repeated(self, start: StepStart, repeat: Repeat, limit_s: float | None, began: float) -> StepResult:
        """Run a step until its checks hold. A run that is under way at the end of its time is ended."""
        until, runs = began + repeat.within_s, 0
        last: StepResult | None = None
        while True:
            run_began = time.monotonic()
            left_s = max(0.0, until - run_began)
            ran = self._ran_once(start, left_s if limit_s is None else min(limit_s, left_s), run_began)
            result = self.check(ran, write=False)
            runs += 1
            now = time.monotonic()
            if last is not None and result.outcome.timed_out and now >= until:
                result = last  # says more than that there was no time for another run
            if result.status is not Status.PASSED and now < until:
                last = result
                pause(min(until, run_began + repeat.every_s) - now, self._programs.meanwhile)
                if time.monotonic() < until:
                    continue
            if self._update and result.status is not Status.PASSED:
                result = self.check(result)  # only now: until here, its output might still have become the golden one
            message = result.message
            if message is not None:
                message = f"after {runs} {'run' if runs == 1 else 'runs'} in {repeat.within_s:g} s: {message}"
            return replace(result, seconds=time.monotonic() - began, message=message, runs=runs)

    def _ran_once(self, start: StepStart, timeout_s: float | None, began: float) -> StepResult:
        outcome = self._outcome(start, timeout_s, began)
        status, message = Status.PASSED, None
        if outcome.timed_out:
            message = f"took longer than {timeout_s:g} s" if timeout_s else "took too long"
            status, message = Status.TIMEOUT, " ".join(filter(None, (message, outcome.problem)))
        elif outcome.problem is not None:
            status, message = Status.FAILED, outcome.problem
        seconds = time.monotonic() - began
        return StepResult(start.step, start.number, start.command, start.cwd, outcome, (), status, seconds, message)

    def _outcome(self, start: StepStart, timeout_s: float | None, began: float) -> Outcome:
        step, environ, programs = start.step, self._environ, self._programs
        if step.background is not None or step.stop is not None or step.wait is not None:
            ready = "" if step.ready is None else self._variables.expand(step.ready.text)
            return programs.run(step, start.command, cwd=start.cwd, environ=environ, ready=ready, timeout_s=timeout_s)

        def interrupted(outcome: Outcome) -> None:
            seconds, status = time.monotonic() - began, Status.CANCELLED
            words = (start.command, start.cwd, outcome, (), status, seconds, "ended while it ran")
            self.interrupted = StepResult(step, start.number, *words)

        try:
            source = source_of(step.input, self._variables)
        except ValueError as error:
            return Outcome(-1, b"", b"", 0.0, problem=f"a pattern of the dialog is not valid: {error}")
        return run_step(
            start.command,
            cwd=start.cwd,
            environ=environ,
            timeout_s=timeout_s,
            meanwhile=programs.meanwhile,
            interrupted=interrupted,
            source=source,
        )

    def end_programs(self) -> tuple[Ended, ...]:
        """End the background programs; return those that no step ended or waited for."""
        return self._programs.end()

    def check(self, result: StepResult, *, write: bool = True) -> StepResult:
        """The result with the step's checks, made now; unchanged if it could not be started or took too long.

        Unless `write`, golden files are only compared, also for `update`.
        """
        if result.outcome.problem is not None or result.outcome.timed_out:
            return result
        began = time.monotonic()
        checked = check(
            result.step,
            result.outcome,
            self._variables,
            result.cwd,
            strict=self._settings.strict,
            environ=self._environ,
        )
        if self._goldens is not None:
            checked += self._goldens.made(result.step, result.outcome, checked, write=write)
        failed = next((each for each in checked if each.failure is not None), None)
        status, message = Status.PASSED, None
        if failed is not None:
            status, message = Status.FAILED, f"{failed.key}: {failed.text}: {failed.failure}"
        seconds = result.seconds + time.monotonic() - began
        return replace(result, checked=checked, status=status, message=message, seconds=seconds)

    def close(self, *, keep: bool = False) -> None:
        """End everything that was started, and remove the sandbox; with `keep` it stays, without its short folders."""
        if self._sandbox is None:
            return
        self.unfinished = self._programs.forget()
        end_started()
        if self._ports is not None:
            self._ports.close()
            self._ports = None
        self._apart.end()
        for path in self._short.values():
            remove_short_folder(path, self._registry)
        self._short.clear()
        if not keep:
            self._sandbox.remove()
        self._sandbox = None


def end_started() -> None:
    """End all descendants of this process, which has adopted those whose parents have ended.

    If it has no child, it has no other descendant either: then nothing is looked up.
    """
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return
    processes.end_descendants()


def run(interpreter: Interpreter, observer: Observer, *, until: int | None = None) -> tuple[StepResult, ...]:
    """Make the sandbox, run all steps, or those before the step `until`; the sandbox is still there then.

    Raises `OSError` and `UseError` if the sandbox cannot be made.
    """
    interpreter.reset()
    results = []
    for number in range(1, until or len(interpreter.scenario.steps) + 1):
        observer.started(interpreter.begin(number))
        results.append(interpreter.run_step(number))
        observer.ended(results[-1])
    observer.left(interpreter.end_programs())
    return tuple(results)
