"""What builds mean for a run's units: which units a build keeps from running, and how early units can end at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from longpole.rts_tests.contracts.builds import Build
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import read_plan
from longpole.rts_tests.contracts.records import Record, seconds_since_1970


def builds_by_unit(run: Path) -> Mapping[str, Sequence[str]]:
    """Unit id to the names of the steps and of the variant that are built before it; empty without a readable plan."""
    try:
        plan = read_plan(run / "plan.json")
    except UseError:
        return {}
    return {unit.id: plan.builds_of(unit) for unit in plan.units}


def released_s(
    records: Sequence[Record], builds: Mapping[str, Build], needs: Mapping[str, Sequence[str]], at_once: int
) -> float:
    """Seconds from the first unit's start before which no order ends; 0 if no unit waits for a build then.

    At the end of a build, all of the units that wait for it or for a later one are left. They take their sum over
    `at_once`, or as long as the longest of them: Graham's bound (1969), for what is left at that time.
    """
    if not records or not builds:
        return 0.0
    begun = seconds_since_1970(min(record.started_at for record in records))
    ends = {name: seconds_since_1970(build.started_at) + build.wall_s - begun for name, build in builds.items()}
    waits = [
        (max((ends.get(name, 0.0) for name in needs.get(record.unit_id, ())), default=0.0), record)
        for record in records
    ]
    bound = sum_s = longest_s = 0.0
    for end, record in sorted(waits, key=lambda wait: -wait[0]):
        if end <= 0:
            break
        sum_s, longest_s = sum_s + record.wall_s, max(longest_s, record.wall_s)
        bound = max(bound, end + max(sum_s / at_once, longest_s))
    return bound
