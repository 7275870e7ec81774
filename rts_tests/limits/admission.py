"""Which units of this run may start: units that make has handed over wait here for their turn on this machine.

In a run without limits, a unit without special needs starts at once: the run holds one lock from its first running unit
to its last, and checks for each unit whether an exclusive one is next. All other units, which have to wait or take
something that others may want, are decided over all runs, by `rts_tests.limits.turns`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.plan import PlanModule, Unit
from longpole.rts_tests.contracts.waits import EXCLUSIVE
from longpole.rts_tests.limits.slots import MAX_SHOWN, Shared, Shown
from longpole.rts_tests.limits.turns import NOTHING, Capacity, Need, Waiting, turns

LOOK_S = 0.02
"""The interval at which a waiting run looks again, since killed runs wake nobody."""
BUSY_S = 0.001
"""The interval if another run holds the mutex."""
SHOW_S = 1.0
"""The interval at which it shows that it still looks; much less than `slots.STALE_S`."""
ANNOUNCE_S = 1.0
"""If nothing could start for this time, the run says what it waits for."""


@dataclass(slots=True)
class _Waiter:
    unit: Unit
    since: float
    need: Need
    reason: str | None
    looked: float
    spent: dict[str, float] = field(default_factory=dict)

    def look(self, now: float, answer: str | None) -> None:
        """Add the time since the last look to the reason that held then; `answer` is the reason from now on."""
        if self.reason is not None:
            self.spent[self.reason] = self.spent.get(self.reason, 0.0) + now - self.looked
        self.reason, self.looked = answer, now


@dataclass(frozen=True, slots=True)
class Admitted:
    """A unit whose turn it is, how long it waited (seconds), and for what it waited longest."""

    unit: Unit
    waited_s: float
    waited_for: str | None


class Admission:
    """The waiting units of one run, and what its running units take."""

    def __init__(
        self,
        modules: Mapping[str, PlanModule],
        capacity: Capacity,
        shared: Shared | None,
        *,
        announce: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        """`shared` is the folder that runs share, None if this run shares nothing.

        `announce` prints a line at once, `warn` at the end of the run.
        """
        self._capacity = capacity
        self._shared = shared
        self._announce = announce
        self._warn = warn
        self._pipe = shared
        self._some_exclusive = any(module.exclusive for module in modules.values())
        self._needs = {
            name: capacity.within(Need(module.slots, 0, module.locks)) if not module.exclusive else _ALONE
            for name, module in modules.items()
        }
        self._line: list[_Waiter] = []  # the longest waiting first
        self._running: dict[str, Need] = {}  # by target
        self._beside = False
        self._gate_closed = False
        self._look_at = 0.0
        self._freed = False  # whether something became free that others do not know of yet
        self._shown_at = 0.0
        self._announced = False
        self._warned: set[str] = set()

    @property
    def wake(self) -> int | None:
        """The descriptor that becomes readable when another run has released something; None without `shared`."""
        return None if self._pipe is None else self._pipe.wake

    def woken(self) -> None:
        """Look again at the next call of `admitted`."""
        if self._pipe is not None:
            self._pipe.clear_wake()
        self._look_at = 0.0

    @property
    def look_at(self) -> float | None:
        """When to call `admitted` next, on the monotonic clock; None if nothing waits."""
        return self._look_at if self._line or self._freed else None

    def ask(self, unit: Unit) -> bool:
        """Return whether the unit may start at once; else it waits."""
        need = self._need(unit)
        if need == NOTHING and not self._exclusive() and self._may_run():
            self._running[unit.target] = need
            return True
        now = time.monotonic()
        waiter = _Waiter(unit, now, need, None, now)
        waiter.reason = self._turns([*self._line, waiter], now)[-1]
        if waiter.reason is None:
            self._look_at = now
        elif not self._line:
            self._look_at = now + LOOK_S
        self._line.append(waiter)
        self._shown_at = 0.0
        return False

    def admitted(self) -> list[Admitted]:
        """Return the waiting units whose turn it is; they count as running from now on."""
        if not self._line and not self._freed:
            return []
        now = time.monotonic()
        if now < self._look_at:
            return []
        shared = self._shared
        if shared is None:
            self._look_at = now + LOOK_S
            self._freed = False
            return self._decide({}, now)
        if not shared.enter():
            self._look_at = now + BUSY_S
            return []
        self._look_at = now + LOOK_S
        started: list[Admitted] = []
        try:
            others = shared.others(now)
            self._warn_of_odd(shared)
            started = self._decide(others, now)
            if started or self._freed or now - self._shown_at > SHOW_S:
                shared.show(self._shown(now))
                self._shown_at = now
        except OSError as error:
            self._warn(f"{shared.folder}: {error.strerror}; from then on, this run ignored the units of other runs")
            self._open_gate()
            self._shared = None
            return started
        finally:
            shared.leave()
        if self._freed or any(unit.waited_for for unit in started):
            shared.wake_up(name for name, shown in others.items() if shown.waiting)
        self._freed = False
        self._announce_wait(now)
        return started

    def _warn_of_odd(self, shared: Shared) -> None:
        for name in shared.odd.keys() - self._warned:
            self._warned.add(name)
            self._warn(f"{shared.folder}/{name}: {shared.odd[name]}; that run was ignored")

    def release(self, unit: Unit) -> None:
        """Release what a unit took, which has ended; one that ended without a process took nothing."""
        need = self._running.pop(unit.target, None)
        if need is None:
            return
        if not self._running and self._shared is not None:
            self._shared.run_nothing()
            self._beside = False
        if need != NOTHING:
            self._freed = True
        if need != NOTHING or self._line:
            self._look_at = 0.0

    def withdraw(self) -> list[Unit]:
        """Let no unit wait any more; return those that waited."""
        units = [waiter.unit for waiter in self._line]
        self._line.clear()
        self._open_gate()
        if units:
            self._freed = True
            self._look_at = 0.0
        return units

    def paused(self, seconds: float) -> None:
        """The run was stopped for `seconds`, which do not count as waiting."""
        for waiter in self._line:
            waiter.since += seconds
            waiter.looked += seconds

    # -- deciding ---------------------------------------------------------------------------------------------------

    def _need(self, unit: Unit) -> Need:
        if unit.listing:  # it runs no test, so it takes nothing that tests might disturb
            return self._capacity.within(_ONE_SLOT)
        need = self._needs[unit.module]
        if self._capacity.memory is None or need.exclusive:
            return need
        return Need(need.slots, min(unit.memory_bytes, self._capacity.memory), need.locks)

    def _exclusive(self) -> bool:
        """Whether an exclusive unit of this run runs or waits."""
        if not self._some_exclusive:
            return False
        return any(need.exclusive for need in self._running.values()) or any(
            waiter.need.exclusive for waiter in self._line
        )

    def _may_run(self) -> bool:
        """Return whether no exclusive unit of another run runs or is next; if so, this run now runs beside others."""
        if self._shared is None:
            return True
        try:
            if not self._shared.gate_is_open():
                return False
            self._beside = self._beside or self._shared.run_beside()
        except OSError:
            return True  # a file system without locks: no run holds one
        return self._beside

    def _turns(self, line: list[_Waiter], now: float) -> list[str | None]:
        waiting = [Waiting(waiter.since, waiter.need, self._capacity) for waiter in line]
        return turns(waiting, list(self._running.values()), now)

    def _decide(self, others: dict[str, Shown], now: float) -> list[Admitted]:
        name = self._shared.name if self._shared is not None else ""
        ours = [(own.since, name, number, own.need, self._capacity, own) for number, own in enumerate(self._line)]
        theirs = [
            (other.since, name, number, other.need, other.capacity, None)
            for name, shown in others.items()
            for number, other in enumerate(shown.waiting)
        ]
        line = sorted([*ours, *theirs], key=lambda row: row[:3])
        waiting = [Waiting(since, need, capacity) for since, _, _, need, capacity, _ in line]
        running = [*self._running.values(), *(shown.taken for shown in others.values())]
        started = []
        for (*_, waiter), turn in zip(line, turns(waiting, running, now), strict=True):
            if waiter is None:
                continue
            answer = EXCLUSIVE if turn is None and not self._enter(waiter.need) else turn
            waiter.look(now, answer)
            if answer is None:
                self._running[waiter.unit.target] = waiter.need
                waited_for = max(waiter.spent, key=lambda reason: waiter.spent[reason], default=None)
                started.append(Admitted(waiter.unit, sum(waiter.spent.values()), waited_for))
        if started:
            self._line = [waiter for waiter in self._line if waiter.unit.target not in self._running]
        return started

    def _enter(self, need: Need) -> bool:
        """Claim the machine for a unit whose turn it is; return whether that was possible."""
        shared = self._shared
        if not need.exclusive:
            self._beside = self._beside or shared is None or shared.run_beside()
            return self._beside
        if shared is not None:
            self._gate_closed = self._gate_closed or shared.close_gate()
        if self._running or (shared is not None and not shared.run_alone()):
            return False
        self._open_gate()
        return True

    def _open_gate(self) -> None:
        if self._gate_closed and self._shared is not None:
            self._shared.open_gate()
        self._gate_closed = False

    def _shown(self, now: float) -> Shown:
        running = list(self._running.values())
        taken = Need(
            sum(need.slots for need in running),
            sum(need.memory for need in running),
            tuple(name for need in running for name in need.locks),
            any(need.exclusive for need in running),
        )
        waiting = (Waiting(waiter.since, waiter.need, self._capacity) for waiter in self._line[:MAX_SHOWN])
        return Shown(now, taken, tuple(waiting))

    def _announce_wait(self, now: float) -> None:
        if self._line and not self._running and not self._announced and now - self._line[0].since > ANNOUNCE_S:
            self._announced = True
            self._announce(f"longpole: waiting for {self._line[0].reason} of other runs")


_ALONE = Need(exclusive=True)
_ONE_SLOT = Need(1)
