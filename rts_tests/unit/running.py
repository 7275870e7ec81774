"""A unit while it runs: the data of the unit, and of its attempt under way.

Attempts share no state: each is a new object, from which an `Attempt` is made when it has ended. Times are seconds of
the monotonic clock unless stated otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.capture import Capture
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.unit.attempts import Attempt
from longpole.rts_tests.unit.results import AttemptResults


@dataclass(slots=True, kw_only=True)
class RunningAttempt:
    """One attempt from its launch until it has settled, with the results of its process."""

    kind: str
    seeds: Seeds
    command: tuple[str, ...]
    started: float
    tmpdir: str = ""
    pid: int = 0
    """0 until the pid is known."""
    zygote: int = 0
    """The pid of the zygote that forks it; 0 for a cold unit."""
    output: int = -1
    """Our end of its output pipe; -1 while there is none."""
    errors: int = -1
    """Our end of the pipe of its standard error; -1 while there is none, and if that shares the other pipe."""
    results: AttemptResults | None = None
    """The results that it tells; None if the unit tells none."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of its own, beside those of the unit."""
    deadline: float | None = None
    spill_at: float = 0.0
    paused_s: float = 0.0
    ended_by: Status | None = None
    """`timeout` or `cancelled` if Longpole ended it, else None."""
    killed: bool = False
    ended: float = 0.0
    """0 while its process runs."""
    status: int | None = None
    """The exit status, or minus the number of the signal; None if there was no process."""
    problem: str | None = None
    cpu_s: float | None = None
    """The CPU time for which it was ended, if it was more than the limit; else None."""
    skip_reason: str | None = None
    """Why the unit was skipped, in its own words; None if it gave no reason or was not skipped."""
    must_not_skip: bool = False
    """Whether it said that it was skipped, and so has failed."""
    user_s: float = 0.0
    sys_s: float = 0.0
    max_rss_bytes: int = 0
    left: tuple[tuple[int, str], ...] = ()
    """Pid and command line of every process that it left running."""
    or_left_by: tuple[str, ...] = ()
    """Ids of other units that may have left them instead."""


@dataclass(slots=True, kw_only=True)
class RunningUnit:
    """A unit from its start to its record. `token` identifies it in this process."""

    token: int
    unit: Unit
    asked_by: str
    """The target whose recipe waits for the unit's end."""
    seeds: Seeds
    cwd: str | None = None
    """Its working directory, if it is not ours."""
    command: tuple[str, ...]
    """The command with `seeds`; an attempt with other seeds has another."""
    capture: Capture
    errors: Capture | None = None
    """Its standard error alone, if that is apart from its standard output."""
    lane: int
    started_at: float
    """The time of day, in seconds since 1970."""
    load_mark: tuple[float, float] = (0.0, 0.0)
    """Where the mean slowdown begins; see `machine.load`."""
    slowdown: float | None = None
    waited_s: float = 0.0
    waited_for: str | None = None
    artifact_sha256: str | None = None
    attempt: RunningAttempt
    """The attempt under way."""
    attempts: list[Attempt] = field(default_factory=list)
    """The attempts that have ended."""
    cases: tuple[Case, ...] = ()
    """The last result of each case, over all attempts with its own seeds."""
    classes: tuple[ClassResult, ...] = ()
    selected: tuple[str, ...] = ()
    """The names of the only cases that it is to run; none if it is to run all."""
    told_all: bool = False
    """Whether its last attempt with its own seeds ended by itself, and told of every case."""
    mended: tuple[str, ...] = ()
    """Ids of cases that failed in one attempt and passed in a later one, with the same seeds."""
