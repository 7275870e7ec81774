"""How long a run will still take: expected from the estimates, and corrected by what the run itself has shown so far.

Estimates are what units take on an idle machine, or the suite's weights, which need not be seconds at all. So three
things are learnt while the run goes on, of which the latest count most, because other programs come and go:

- the slowdown, from what was measured beside each unit (see `machine.load`); a unit feels it while it computes;
- the pace: what the units that have ended would have taken without it, over what was expected of them;
- the pace of each module, because modules differ in how far the estimates are off, most of all while there is no
  history. It is trusted the more the more of the module's units have ended; and until then that of the run is.

The rest of the run is then at least the share of each place in the remaining work, and at least what the longest unit
needs. A sum of many units hardly varies, so it is taken at its expected value and one standard deviation; a single unit
is taken at its upper quantile.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.duration import alone_s
from longpole.rts_tests.contracts.plan import Unit

_MEMORY = 0.2
"""The part of a run's expected work after which a measurement counts half."""
_HISTORY = 0.1
"""As much as this part of the run's expected work counts that the pace is 1, if the estimates are from history."""
_TRUST = 2.0
"""As much as this many average units of a module counts that its pace is that of the run."""
_RECENT_GAP = 0.1
"""The weight of the latest time for which a place was empty between two units."""
_OVERDUE = 0.1
"""A unit that has run longer than expected is expected to run for this part of its time again."""


@dataclass(slots=True)
class _Module:
    """The units of one module in a run. Sums are seconds, as estimated, of the units that have not started."""

    units: int = 0
    total_s: float = 0.0
    waiting_s: float = 0.0
    computing_s: float = 0.0
    variance: float = 0.0
    by_length: list[tuple[float, Unit]] = field(default_factory=list)
    took_s: float = 0.0
    expected_s: float = 0.0
    """What its ended units took, as without a slowdown, and what the estimates said."""

    def count(self, unit: Unit, sign: int) -> None:
        """Add a waiting unit to the sums, or take it away."""
        self.waiting_s += sign * unit.estimate_s
        self.computing_s += sign * unit.estimate_s * unit.computes
        self.variance += sign * unit.spread_s**2

    def pace(self, of_run: float) -> float:
        """How many seconds a second of its units' estimates takes, without a slowdown."""
        prior_s = _TRUST * self.total_s / max(1, self.units)
        return (self.took_s + of_run * prior_s) / (self.expected_s + prior_s) if prior_s > 0 else of_run


class TimeLeft:
    """Follows one run. `jobs` units run at once, None for any number. Times are seconds of one clock."""

    def __init__(self, jobs: int | None) -> None:
        self._jobs = jobs
        self._modules: dict[str, _Module] = {}
        self._waiting: dict[str, Unit] = {}  # by target
        self._half_s = 1.0
        self._prior_s = self._took_s = self._expected_s = 0.0
        self._lost_s = self._computed_s = 0.0
        self._gap_s = 0.0
        self._freed: dict[int, float] = {}  # by lane: when its last unit ended

    def begin(self, units: Sequence[Unit]) -> None:
        """These units are about to run."""
        self._waiting = {unit.target: unit for unit in units}
        self._modules = {}
        for unit in units:
            module = self._modules.setdefault(unit.module, _Module())
            module.units += 1
            module.total_s += unit.estimate_s
            module.count(unit, 1)
            module.by_length.append((unit.upper_s, unit))
        for module in self._modules.values():
            module.by_length.sort(key=lambda row: row[0])
        self._half_s = max(1e-9, _MEMORY * sum(unit.estimate_s for unit in units))
        self._prior_s = _HISTORY * sum(unit.estimate_s for unit in units if unit.estimate_from == "history")

    def not_run(self, units: Iterable[Unit]) -> None:
        """These units will not run after all."""
        for unit in units:
            self.drop(unit.target)

    def drop(self, target: str) -> None:
        """The unit of this target waits no more."""
        unit = self._waiting.pop(target, None)
        if unit is not None:
            self._modules[unit.module].count(unit, -1)

    def started(self, unit: Unit, lane: int, now: float) -> None:
        """A unit has started. The time for which its place was empty before is expected before others, too."""
        self.not_run([unit])
        freed = self._freed.pop(lane, None)
        if freed is not None:
            gap_s = min(max(0.0, now - freed), self.factor(unit) * unit.estimate_s)
            self._gap_s += _RECENT_GAP * (gap_s - self._gap_s)

    def finished(
        self, unit: Unit, lane: int, now: float, *, took_s: float, cpu_s: float, slowdown: float | None
    ) -> None:
        """A unit has ended: how long it took, its CPU time, and the slowdown measured meanwhile, None if not known."""
        self._freed[lane] = now
        module = self._modules.get(unit.module)
        if module is None:
            return
        fades = 0.5 ** (unit.estimate_s / self._half_s)
        seconds = alone_s(took_s, cpu_s, slowdown, 1.0)
        self._lost_s = self._lost_s * fades + took_s - seconds
        self._computed_s = self._computed_s * fades + min(cpu_s, seconds)
        self._took_s = self._took_s * fades + seconds
        self._expected_s = self._expected_s * fades + unit.estimate_s
        module.took_s += seconds
        module.expected_s += unit.estimate_s

    @property
    def _pace(self) -> float:
        """How many seconds a second of the estimates takes at present, beside the slowdown."""
        expected_s = self._expected_s + self._prior_s
        took_s = self._took_s + self._prior_s
        return took_s / expected_s if took_s > 0 and expected_s > 0 else 1.0

    @property
    def _slowdown(self) -> float:
        """By which factor computing takes longer at present: what the units lost, over what they computed."""
        return 1 + self._lost_s / self._computed_s if self._computed_s > 0 else 1.0

    def factor(self, unit: Unit) -> float:
        """How many seconds a second of the unit's estimate takes in this run, as far as it has shown."""
        module = self._modules.get(unit.module)
        return _slowed(unit, self._slowdown) * (self._pace if module is None else module.pace(self._pace))

    def left_s(self, running: Iterable[tuple[Unit, float]]) -> float:
        """Seconds until the last unit ends, never negative. `running` are units and for how long they have run."""
        rests = []
        work_s = 0.0
        for unit, elapsed in running:
            factor, overdue_s = self.factor(unit), _OVERDUE * elapsed
            work_s += max(unit.estimate_s * factor - elapsed, overdue_s)
            rests.append(max(unit.upper_s * factor - elapsed, overdue_s))
        waiting_s, longest_s = self._of_waiting()
        if self._jobs is None:
            return max([0.0, longest_s, *rests])
        if longest_s and len(rests) >= self._jobs:
            longest_s += min(rests)
        return max([0.0, (work_s + waiting_s) / self._jobs, longest_s, *rests])

    def _of_waiting(self) -> tuple[float, float]:
        """The time of all waiting units, and of the longest, as expected in this run."""
        sum_s = variance = longest_s = 0.0
        pace, slowdown = self._pace, self._slowdown
        for module in self._modules.values():
            while module.by_length and module.by_length[-1][1].target not in self._waiting:
                module.by_length.pop()
            if module.by_length:
                factor = module.pace(pace)
                slowed_s = max(0.0, module.waiting_s + module.computing_s * (slowdown - 1))
                sum_s += slowed_s * factor
                variance += max(0.0, module.variance) * (factor * slowed_s / max(module.waiting_s, 1e-9)) ** 2
                upper_s, unit = module.by_length[-1]
                longest_s = max(longest_s, upper_s * _slowed(unit, slowdown) * factor)
        return sum_s + math.sqrt(variance) + len(self._waiting) * self._gap_s, longest_s


def _slowed(unit: Unit, slowdown: float) -> float:
    """By which factor a unit takes longer at this slowdown: only while it computes."""
    return 1 + unit.computes * (slowdown - 1)
