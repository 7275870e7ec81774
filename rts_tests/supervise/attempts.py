"""Makes the attempts of units: seeds, command, variables, and who reads what they tell."""

import time
from functools import partial

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds, other_seeds
from longpole.rts_tests.forks.arguments import ForkArguments
from longpole.rts_tests.results.reader_for import ON_STDOUT, reader_for
from longpole.rts_tests.results.selected import SelectedReader
from longpole.rts_tests.results.told import End, Told
from longpole.rts_tests.supervise.forks import Forks
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.unit.attempts import OTHER, SAME
from longpole.rts_tests.unit.command import unit_command
from longpole.rts_tests.unit.error_lines import ErrorLines
from longpole.rts_tests.unit.results import AttemptResults
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit


class ListOutput:
    """Keeps the standard output of a listing, which goes to its log, too; see `told.Reader`."""

    def __init__(self, forks: Forks, token: int) -> None:
        self._forks = forks
        self._token = token

    def feed(self, data: bytes) -> bytes:
        """Keep a piece of the output."""
        self._forks.add_output(self._token, data)
        return data

    def finish(self, _end: End) -> Told:
        """A listing tells of no case."""
        return Told()


class Attempts:
    """Makes the attempts of a run's units."""

    def __init__(self, job: Job, forks: Forks) -> None:
        self._job = job
        self._forks = forks

    def first(self, token: int, unit: Unit) -> RunningAttempt:
        """The first attempt of a unit, which `token` identifies from now on."""
        return self._make(token, unit, SAME, self._job.seeds(unit), self._forks.arguments(token, unit))

    def without_process(self, unit: Unit) -> RunningAttempt:
        """The only attempt of a unit of which no process is started."""
        return self._plain(unit, SAME, self._job.seeds(unit), None)

    def again(self, running: RunningUnit, kind: str) -> RunningAttempt:
        """The next attempt of a unit, after the one under way has ended."""
        seeds = other_seeds(running.seeds) if kind == OTHER else running.seeds
        arguments = self._forks.arguments_again(running)
        return self._make(running.token, running.unit, kind, seeds, arguments)

    def cold(self, running: RunningUnit) -> RunningAttempt:
        """The attempt under way once more, which could not begin as a warm one; its time counts on."""
        before = running.attempt
        arguments = self._forks.arguments_of(running.token)
        attempt = self._make(running.token, running.unit, before.kind, before.seeds, arguments)
        attempt.started, attempt.paused_s = before.started, before.paused_s
        return attempt

    def _plain(self, unit: Unit, kind: str, seeds: Seeds, arguments: ForkArguments | None) -> RunningAttempt:
        job = self._job
        command = unit_command(
            job.plan,
            unit,
            seeds,
            job.make,
            job.python,
            share=arguments,
            cases=job.selected(unit),
            state=job.settings or job.state,
        )
        return RunningAttempt(kind=kind, seeds=seeds, command=command, started=time.monotonic())

    def _make(self, token: int, unit: Unit, kind: str, seeds: Seeds, arguments: ForkArguments | None) -> RunningAttempt:
        attempt = self._plain(unit, kind, seeds, arguments)
        if unit.listing:
            attempt.results = AttemptResults(ListOutput(self._forks, token), apart=True)
            attempt.variables = self._forks.variables_of_listing(unit)
            return attempt
        if arguments is not None:
            attempt.variables = self._forks.variables(unit, arguments)
        results = self._job.plan.modules[unit.module].results
        if results is None:
            return attempt
        given = None if arguments is None or arguments.queue is not None else arguments.classes
        tag = None if arguments is None else arguments.tag
        queued = arguments is not None and arguments.queue is not None
        claims = partial(self._forks.claims, token, unit) if queued else None
        errors = ErrorLines(tag if results.source == "protocol" else None)
        reader = reader_for(results, given, tag)
        cases = self._job.cases_again.get(unit.target)
        if cases:
            reader = SelectedReader(reader, cases, results.source)
        attempt.results = AttemptResults(reader, results.source in ON_STDOUT, errors, claims)
        return attempt
