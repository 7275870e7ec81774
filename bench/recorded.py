"""Runs that were recorded once, to replay: what was learnt, and the time left that was shown, are functions of them.

`bench/recorded/NAME.json` holds what such functions take: the units in the order in which they were planned, and what
each of them measured. `python -m bench.recorded RUN NAME` makes one of the folder of a run.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.plan import Plan, Unit, read_plan
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import read_run_info

FOLDER = Path(__file__).parent / "recorded"


@dataclass(frozen=True, slots=True)
class Measured:
    """A unit and what one run measured of it; seconds. `started_s` counts from the start of the run's first unit."""

    variant: str
    module: str
    chunk: int | None
    seed_count: int
    weight: float
    seed_policy: str | None
    started_s: float
    wall_s: float
    cpu_s: float
    slowdown: float | None

    @property
    def unit(self) -> Unit:
        """The unit as planned without history."""
        return Unit(self.variant, self.module, self.chunk, 0, self.seed_count, self.weight, "weight", False)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run: how many units ran at once, and all of them in the order in which they started."""

    name: str
    jobs: int
    units: tuple[Measured, ...]

    @property
    def makespan_s(self) -> float:
        """Seconds from the start of the first unit to the end of the last."""
        return max(each.started_s + each.wall_s for each in self.units)


def recorded(name: str) -> Recorded:
    """The recorded run of that name."""
    data = json.loads((FOLDER / f"{name}.json").read_text())
    return Recorded(name, data["jobs"], tuple(Measured(*row) for row in data["units"]))


def text_of(run: Path, plan: Plan) -> str:
    """The text of the file for a run; `plan` has the weights of its units. One unit a line."""
    info = read_run_info(run)
    records = sorted(read_records(run, info).values(), key=lambda record: record.started_s)
    weights = {unit.id: unit.estimate_s for unit in plan.units}
    begun = records[0].started_s
    rows = [
        json.dumps(
            [
                record.variant,
                record.module,
                record.chunk,
                record.seed_count,
                round(weights[record.id], 4),
                plan.modules[record.module].seed_policy,
                round(record.started_s - begun, 4),
                round(record.wall_s, 4),
                round(record.cpu_s, 4),
                record.slowdown,
            ]
        )
        for record in records
    ]
    listed = ",\n".join(rows)
    return f'{{"jobs": {info.jobs or 1}, "units": [\n{listed}\n]}}\n'


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    rendered = read_plan(folder.parent.parent / "plan.json")
    (FOLDER / f"{sys.argv[2]}.json").write_text(text_of(folder, rendered))
