"""A unit while it runs: what lasts as long as the unit, and the attempt under way.

Nothing is carried from one attempt to the next: each is an object of its own, and what is left of it when it has ended
is an `Attempt`. Times are seconds of the monotonic clock where nothing else is said.
"""

from dataclasses import dataclass, field

from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.unit.attempts import Attempt
from longpole.rts_tests.unit.capture import Capture


@dataclass(slots=True, kw_only=True)
class RunningAttempt:
    """One attempt from its launch until it has settled, and what became of its process."""

    kind: str
    seeds: Seeds
    command: tuple[str, ...]
    started: float
    tmpdir: str = ""
    pid: int = 0
    """0 until the process is known."""
    zygote: int = 0
    """The process that forks it; 0 for a unit that is executed."""
    output: int = -1
    """Our end of the pipe that it writes to; -1 while there is none."""
    deadline: float | None = None
    spill_at: float = 0.0
    paused_s: float = 0.0
    ended_by: Status | None = None
    """`timeout` or `cancelled` where it was told to end."""
    killed: bool = False
    ended: float = 0.0
    """0 while its process runs."""
    status: int | None = None
    """The exit status, or minus the signal; None where there was no process."""
    problem: str | None = None
    user_s: float = 0.0
    sys_s: float = 0.0
    max_rss_bytes: int = 0
    left: tuple[str, ...] = ()
    """Pid and command of every process that it left running."""
    or_left_by: tuple[str, ...] = ()
    """Ids of other units that may have left them as well."""


@dataclass(slots=True, kw_only=True)
class RunningUnit:
    """A unit from its start to its record. `token` names it in this process."""

    token: int
    unit: Unit
    asked_by: str
    """The target whose recipe waits for the unit's end."""
    seeds: Seeds
    command: tuple[str, ...]
    """What its seeds make of it; an attempt with other seeds has another."""
    capture: Capture
    lane: int
    started_at: float
    """The time of day."""
    waited_s: float = 0.0
    waited_for: str | None = None
    artifact_sha256: str | None = None
    attempt: RunningAttempt
    """The one under way."""
    attempts: list[Attempt] = field(default_factory=list)
    """Those that have ended."""
