"""The input of the supervisor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.commit import Commit
from longpole.rts_tests.contracts.plan import Module, Plan, Unit
from longpole.rts_tests.contracts.seeds import Seeds, unit_seeds
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.forks.assignment import Assignment
from longpole.rts_tests.forks.selection import Selection
from longpole.rts_tests.limits.slots import Shared
from longpole.rts_tests.limits.turns import Capacity
from longpole.rts_tests.results.selected import names_to_select
from longpole.rts_tests.supervise.executions import Executions
from longpole.rts_tests.supervise.ready import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A prepared run: the plan, the selected units, and the folders: `private` for TMPDIRs, `pipes` for FIFOs.

    `jobs` is how many units run at once, None if unknown. `capacity` limits the units of all runs of the user together,
    and `shared` is the folder that these runs share, None if this run shares nothing.
    """

    plan: Plan
    units: Mapping[str, Unit]
    commit: Commit
    seed_override: Sequence[int] | None
    run: Path
    private: Path
    pipes: Path
    make: str
    python: str
    """The project's Python, for `{python}`."""
    makefile: str
    builds: tuple[str, ...]
    """What is built, in the order in which make starts the builds."""
    groups: tuple[Group, ...]
    """The units, by the builds for which they wait."""
    environ: Mapping[str, str]
    fail_fast: bool
    retries: int | None
    no_skip: bool
    """Whether a unit that says it was skipped has failed."""
    warm: bool
    call: str
    """How a user calls make for a run like this one."""
    jobs: int | None
    shuffled: bool
    """Whether make chooses the order, `make --shuffle`."""
    capacity: Capacity
    shared: Shared | None
    state: Path
    """The state directory."""
    slots_dir: Path
    """The folder of all runs on the machine, also of those that share nothing."""
    sharded: bool
    """Whether other machines run other parts of the same plan: then nothing may depend on what this one knows."""
    selection: Selection | None
    """Which classes of forks are run; None for all."""
    classes_again: Mapping[Module, frozenset[str]] = field(default_factory=dict)
    """The only classes of these modules that are run, because they are run again."""
    cases_again: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    """The only cases that are run of these targets, because they are run again; each can be selected by name."""
    assignments: Mapping[Module, Assignment] = field(default_factory=dict)
    """The classes of the forks of these modules, which are not listed anew."""
    settings: Path | None = None
    """The folder with the settings of scenarios, if it is not the state directory."""
    again: Mapping[str, str] = field(default_factory=dict)
    """The command that runs a unit again, by its target, for units that make does not know."""
    executions: Executions | None = None
    """If set, these are run, instead of each unit once."""

    def retries_of(self, unit: Unit) -> int:
        """How often a unit that fails is run again: the value of RETRIES, else of the suite."""
        if unit.listing:
            return 0
        return self.plan.modules[unit.module].retries if self.retries is None else self.retries

    def selected(self, unit: Unit) -> tuple[str, ...]:
        """The names of the only cases that a unit is to run; none if it is to run all."""
        cases, results = self.cases_again.get(unit.target), self.plan.modules[unit.module].results
        return names_to_select(cases, results.source) or () if cases and results is not None else ()

    def keeps_tmpdir(self, unit: Unit, status: Status) -> bool:
        """Whether to keep what an attempt with this status left in its TMPDIR."""
        wanted = self.plan.keep == "failed" and status not in GREEN
        return wanted and (self.executions is None or self.executions.has_room(unit, status))

    def seeds(self, unit: Unit) -> Seeds:
        """Return the seeds of a unit in this run."""
        if self.executions is not None:
            return self.executions.seeds(unit)
        return unit_seeds(unit, self.plan.modules[unit.module], self.commit.sha, self.seed_override)
