"""The forks of a run: listing their classes, which of these each fork is given, and what became of a shared queue.

The classes of a module are listed once a run, when the first of its forks is next. Then they are distributed, and the
assignment is kept in the run's folder. A fork for which no class is left is skipped; if the classes could not be
listed, no fork of the module can start.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from longpole.rts_tests.contracts.case_history import read_case_history
from longpole.rts_tests.contracts.debug_ports import (
    Shift,
    port_shift,
    shifted_command,
    shifted_variables,
    shifts_line,
    without_debuggers,
)
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.placeholders import ports
from longpole.rts_tests.contracts.plan import Unit, forks_by_module
from longpole.rts_tests.contracts.records import log_path
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.forks.arguments import ForkArguments
from longpole.rts_tests.forks.assignment import Assignment, assign, list_log_path, write_assignment
from longpole.rts_tests.forks.listing import MAX_BYTES, BadListing, Listing, parse_listing
from longpole.rts_tests.forks.queue import Queue
from longpole.rts_tests.machine.ports import Ports
from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.supervise.job import Job
from longpole.rts_tests.unit.running import RunningUnit

NONE_LEFT = "no class is left for this fork"
_MAX_NAMED = 3


@dataclass(slots=True)
class _Forks:
    """The forks of one module in one variant. `units` are those of this run, which may not be all of the module."""

    units: tuple[Unit, ...]
    assignment: Assignment | None = None
    problem: str | None = None
    """Why its classes are not known."""
    log: bytes = b""
    """The log of the listing, if that failed."""
    queue: Queue | None = None
    may_claim: set[int] = field(default_factory=set)
    """The forks that may still take classes from the queue."""


@dataclass(slots=True)
class _UnderWay:
    """What the attempt under way of a fork was given; `queue` is its own, or the one that all share."""

    arguments: ForkArguments
    queue: Queue | None
    own_queue: bool = False
    written: bool = False
    """Whether its files exist."""
    problem: Problem | None = None
    """Why it cannot start."""


class Forks:
    """All forks of a run, by variant and module."""

    def __init__(self, job: Job, warn: Callable[[str], None]) -> None:
        """`warn` is called with each warning to print at the end."""
        self._job = job
        self._warn = warn
        self._modules = {module: _Forks(units) for module, units in forks_by_module(job.units.values()).items()}
        self._under_way: dict[int, _UnderWay] = {}  # by token of the unit
        self._listed = 0
        self._ports = Ports(job.slots_dir)
        self._outputs: dict[int, list[bytes]] = {}  # by token of a listing
        for module, assignment in job.assignments.items():
            self._modules[module].assignment = assignment

    @property
    def listings(self) -> tuple[Unit, ...]:
        """A listing for each module whose classes are not known."""
        return tuple(forks.units[0].listed_by for forks in self._modules.values() if forks.assignment is None)

    # -- listing ----------------------------------------------------------------------------------------------------

    def log_path(self, unit: Unit) -> str:
        """The path of a unit's log; a listing's is elsewhere."""
        run = self._job.run
        return list_log_path(run, unit.variant, unit.module) if unit.listing else log_path(run, unit.target)

    def variables_of_listing(self, unit: Unit) -> dict[str, str]:
        """The environment variables of a listing beside those of its module's units, or in the place of these."""
        return {**without_debuggers(self._common(unit)), "LONGPOLE_THREADS": str(self._threads(unit))}

    def _common(self, unit: Unit) -> dict[str, str]:
        """The variables that all units of a module see in a variant."""
        variant, module = self._job.plan.variants[unit.variant], self._job.plan.modules[unit.module]
        return {**self._job.environ, **variant.env, **module.env}

    def add_output(self, token: int, data: bytes) -> None:
        """Take a piece of the standard output of a listing; of an endless one no more than is needed to refuse it."""
        pieces = self._outputs.setdefault(token, [])
        if sum(map(len, pieces)) <= MAX_BYTES:
            pieces.append(data)

    def listed(self, running: RunningUnit) -> dict[str, float]:
        """Take the result of a listing, and distribute the classes.

        Returns the expected seconds of the module's forks, by target; empty if no class has run before.
        """
        unit, last = running.unit, running.attempts[-1]
        forks, output = self._modules[unit.variant, unit.module], b"".join(self._outputs.pop(running.token, ()))
        try:
            running.capture.finish()
        except OSError as error:
            self._warn(f"{self.log_path(unit)}: {error.strerror}; the log of {unit.id} is lost")
        try:
            if last.status not in GREEN:
                raise BadListing(last.note or last.status)
            listing = parse_listing(output)
            forks.assignment = self._assign(unit, listing)
            self._keep(forks)
        except (BadListing, OSError) as error:
            reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
            forks.problem = f"the classes of {unit.variant}/{unit.module} could not be listed: {reason}"
            forks.log = running.capture.text()
            return {}
        if listing.warning is not None:
            self._warn(f"{unit.variant}/{unit.module}: {listing.warning}")
        return self._estimates(forks)

    def _assign(self, unit: Unit, listing: Listing) -> Assignment:
        job, module = self._job, self._job.plan.modules[unit.module]
        assert module.forks is not None
        again, selection = job.classes_again.get((unit.variant, unit.module)), job.selection
        chosen = [
            name
            for name in listing.classes
            if (selection is None or selection.may_run(name)) and (again is None or name in again)
        ]
        same_everywhere = not job.sharded or job.plan.shared_history
        seconds = read_case_history(job.state, unit.variant, unit.module).class_seconds if same_everywhere else {}
        self._listed += len(listing.classes)
        if not listing.classes:
            self._warn(f"{unit.variant}/{unit.module}: the command in `list` named no class, so none was run")
        return assign(
            unit.variant,
            unit.module,
            chosen,
            forks=module.forks.count,
            seconds=seconds,
            left_out=set(listing.classes).difference(chosen),
            stealing=module.forks.stealing and not job.sharded,
        )

    def _keep(self, forks: _Forks) -> None:
        """Write the assignment, and make the queue if there is one. Raises `OSError`."""
        assignment = forks.assignment
        assert assignment is not None
        write_assignment(self._job.run, assignment)
        forks.may_claim = {unit.fork for unit in forks.units if unit.fork is not None} & {*range(len(assignment.forks))}
        if assignment.stealing and forks.may_claim:
            planned = {name for fork in forks.may_claim for name in assignment.forks[fork]}
            folder = f"{self._job.private}/queue-{assignment.variant}-{assignment.module}"
            forks.queue = Queue(folder, [name for name in assignment.queue if name in planned])
            forks.queue.make()

    def _estimates(self, forks: _Forks) -> dict[str, float]:
        """What the forks are expected to take, by target, in seconds: their classes, and what each fork takes itself.

        The latter is what forks took in earlier runs beyond their classes, if all of these run again.
        """
        assignment = forks.assignment
        assert assignment is not None
        if not assignment.seconds:
            return {}
        estimates = {}
        for unit in forks.units:
            if unit.fork is not None and unit.fork < len(assignment.forks):
                classes = assignment.forks[unit.fork]
                longest_s = max(assignment.expected_s((name,)) for name in classes)
                estimates[unit.target] = max(longest_s, assignment.expected_s(classes) / self._threads(unit))
        known_s = [unit.estimate_s for unit in forks.units if unit.estimate_from == "history"]
        own_s = 0.0
        if len(known_s) == len(estimates) == len(forks.units) and not assignment.left_out:
            own_s = max(0.0, sum(known_s) - sum(estimates.values())) / len(estimates)
        return {target: seconds + own_s for target, seconds in estimates.items()}

    def _threads(self, unit: Unit) -> int:
        forks = self._job.plan.modules[unit.module].forks
        return forks.threads or usable_cores() if forks is not None else 1

    # -- forks that do not start --------------------------------------------------------------------------------------

    def without_process(self, unit: Unit) -> tuple[Status, str, bytes] | None:
        """The status of a fork that cannot or need not start, why, and the rest of its log; None for all others."""
        if unit.fork is None:
            return None
        forks = self._modules[unit.variant, unit.module]
        if forks.problem is not None:
            return Status.ERROR, forks.problem, forks.log
        assert forks.assignment is not None
        if unit.execution is None and unit.fork >= len(forks.assignment.forks):
            return Status.SKIPPED, f"{NONE_LEFT}: {self._why_none(unit, forks.assignment)}", b""
        if forks.queue is not None:
            forks.queue.look()
            if not forks.queue.left:
                forks.may_claim.discard(unit.fork)
                return Status.SKIPPED, f"{NONE_LEFT}: the other forks took them all", b""
        return None

    def _why_none(self, unit: Unit, assignment: Assignment) -> str:
        module = self._job.plan.modules[unit.module].forks
        assert module is not None
        number, left_out = sum(map(len, assignment.forks)), len(assignment.left_out)
        if not number and left_out:
            which = "selected" if self._job.selection is not None else "to run again"
            return f"none of {left_out} classes is {which}" if left_out > 1 else f"the only class is not {which}"
        classes = "1 class" if number == 1 else f"{number} classes"
        return f"{classes}, {module.count} forks" if number else "no class was listed"

    def why_nothing_ran(self) -> str:
        """Why no unit of the run had anything to do."""
        for (variant, module), forks in self._modules.items():
            if forks.assignment is not None and forks.assignment.forks:
                own = f"{len(forks.units)} of its forks" if len(forks.units) > 1 else forks.units[0].id
                return f"no class is left for {own}; `make test-{variant}-{module}` runs all forks of the module"
        selection = self._job.selection
        if not self._listed:
            return "no class was found, so nothing was run"
        if selection is None:
            return "the classes that did not pass are gone, so there is nothing to run again"
        names = [name for forks in self._modules.values() if forks.assignment for name in forks.assignment.left_out]
        shown = ", ".join(names[:_MAX_NAMED])
        of = "the only class" if len(names) == 1 else f"none of the {len(names)} classes, such as"
        does = "does not match" if len(names) == 1 else "matches"
        return f"SELECT: {selection.text!r} {does} {of} {shown}"

    # -- forks that start -------------------------------------------------------------------------------------------

    def arguments(self, token: int, unit: Unit) -> ForkArguments | None:
        """What the first attempt of a unit is given; None for a unit that is no fork."""
        if unit.fork is None:
            return None
        forks = self._modules[unit.variant, unit.module]
        assignment = forks.assignment
        assert assignment is not None
        classes, queue, own_queue = assignment.forks[unit.fork], forks.queue, False
        if unit.execution is not None and assignment.stealing:
            classes = assignment.of_fork(unit.fork)
            queue, own_queue = Queue(f"{self._job.private}/queue-{unit.target}", classes), True
        elif queue is not None:
            classes = queue.left
        return self._given(token, unit, classes, queue, own_queue=own_queue)

    def arguments_of(self, token: int) -> ForkArguments | None:
        """What the attempt under way of a unit was given; None for a unit that is no fork."""
        under_way = self._under_way.get(token)
        return None if under_way is None else under_way.arguments

    def arguments_again(self, running: RunningUnit) -> ForkArguments | None:
        """What the next attempt of a fork is given: the classes that were not green; all if there are none."""
        before = self._under_way.get(running.token)
        if before is None:
            return None
        unit, number = running.unit, len(running.attempts) + 1
        results = running.attempt.results
        told = results.told.classes if results is not None and results.told is not None else ()
        red = tuple(each.name for each in told if each.status not in GREEN)
        classes = red or tuple(each.name for each in told) or before.arguments.classes
        queue = None
        if before.queue is not None:
            queue = Queue(f"{self._job.private}/queue-{unit.target}-{number}", classes)
        return self._given(running.token, unit, classes, queue, own_queue=True, number=number)

    def _given(
        self, token: int, unit: Unit, classes: tuple[str, ...], queue: Queue | None, *, own_queue: bool, number: int = 1
    ) -> ForkArguments:
        folder = f"{self._job.run}/units" if unit.execution is None else os.fspath(self._job.private)
        name = f"{unit.planned.target}.classes{number if number > 1 else ''}"
        assignment = self._modules[unit.variant, unit.module].assignment
        assert assignment is not None
        assert unit.fork is not None
        arguments = ForkArguments(
            fork=unit.fork,
            forks=len(assignment.forks),
            threads=self._threads(unit),
            classes=classes,
            classes_file=os.path.abspath(f"{folder}/{name}"),
            queue=None if queue is None else os.path.abspath(queue.folder),
        )
        under_way = self._under_way[token] = _UnderWay(arguments, queue, own_queue)
        try:
            under_way.arguments = replace(arguments, ports=self._ports_of(unit))
        except UseError as error:
            (under_way.problem,) = error.problems
        return under_way.arguments

    def _ports_of(self, unit: Unit) -> dict[str, int]:
        """The ports of a fork, by their names. Raises `UseError` if one cannot be reserved."""
        command = self._job.plan.command_of(unit)
        return {name: self._ports.reserve(unit.id, name) for name in sorted(ports((*command.words, *command.args)))}

    def variables(self, unit: Unit, arguments: ForkArguments) -> dict[str, str]:
        """The environment variables of a fork beside those of its module's units, or in the place of these."""
        selection = {} if self._job.selection is None else {"LONGPOLE_SELECT": self._job.selection.lines}
        return {**self._own_debug_ports(unit)[0], **arguments.variables, **selection}

    def _own_debug_ports(self, unit: Unit) -> tuple[dict[str, str], tuple[Shift, ...]]:
        """The variables with debug ports of its own if its module wants that, and which ports they are."""
        plan = self._job.plan
        forks = plan.modules[unit.module].forks
        if forks is None or not forks.shift_ports or unit.fork is None:
            return {}, ()
        by = port_shift(plan, unit)
        variables, moved = shifted_variables(self._common(unit), by)
        return variables, (*shifted_command(plan.command_of(unit), by)[1], *moved)

    def headline(self, unit: Unit) -> str:
        """What the log of a unit begins with, and the terminal says: which debug ports it has; mostly empty."""
        return shifts_line(self._own_debug_ports(unit)[1])

    def write_files(self, token: int, unit: Unit) -> None:
        """Write the files of the attempt that is about to start. Raises `OSError`."""
        if unit.listing:
            os.makedirs(os.path.dirname(self.log_path(unit)), exist_ok=True)
        given = self._under_way.get(token)
        if given is None or given.written:
            return
        if given.problem is not None:
            raise OSError(errno.EADDRINUSE, f"{given.problem.what}; {given.problem.remedy}", given.problem.file)
        given.written = True
        write_atomic(given.arguments.classes_file, given.arguments.file)
        if given.queue is not None and given.own_queue:
            given.queue.make()

    def claims(self, token: int, unit: Unit) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The classes that an attempt, which has ended, took from its queue; and those that nobody took, or will."""
        given = self._under_way[token]
        fork, queue = given.arguments.fork, given.queue
        assert queue is not None
        queue.look()
        may_claim = set() if given.own_queue else self._modules[unit.variant, unit.module].may_claim
        may_claim.discard(fork)
        return queue.claims(fork), () if may_claim else queue.left

    def ended(self, token: int, unit: Unit) -> None:
        """A unit has ended, after its last attempt."""
        given = self._under_way.pop(token, None)
        if given is None:
            return
        self._ports.release(unit.id)
        if given.queue is not None and given.own_queue:
            remove_tree(given.queue.folder)

    def close(self) -> None:
        """Keep what forks took from queues, and give up ports: no fork runs any more."""
        self._ports.close()
        for forks in self._modules.values():
            if forks.queue is None or forks.assignment is None:
                continue
            forks.queue.look()
            claimed = tuple(map(forks.queue.claims, range(len(forks.assignment.forks))))
            try:
                write_assignment(self._job.run, replace(forks.assignment, claimed=claimed))
            except OSError as error:
                self._warn(f"{error.filename}: {error.strerror}; what forks took from the queue is not kept")
