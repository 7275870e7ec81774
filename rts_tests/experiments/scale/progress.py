"""What `longpole bench scale` shows while it measures: a bar on a terminal, elsewhere a line for each run."""

import os
import sys
from collections.abc import Mapping, Sequence

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.median import median
from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.experiments.scale.trials import WARM_UP, Planned, Trial
from longpole.rts_tests.supervise.executions import CLEAR_LINE
from longpole.rts_tests.view.settings import moves_cursor
from longpole.rts_tests.view.shorten import left, middle

STDERR = 2
MIN_BAR, MAX_BAR = 5, 30
ROOM = 3
"""Columns that are left free, so that `^C`, which a terminal shows after the line, does not begin another one."""


class Progress:
    """Shows how many of the planned runs have ended, and how long the rest will take."""

    def __init__(self, planned: Sequence[Planned], units: int, cores: int, environ: Mapping[str, str]) -> None:
        self.moves = os.isatty(STDERR) and moves_cursor(environ)
        """Whether it redraws one line."""
        self._planned = planned
        self._units = units
        self._cores = cores
        self._ended: list[Trial] = []

    def building(self) -> None:
        """The builds are under way."""
        self._redraw("building", 0.0)

    def running(self, planned: Planned, units_done: int) -> None:
        """So many units of this run have ended."""
        number = len([trial for trial in self._ended if trial.number != WARM_UP])
        what = "warm-up" if planned.number == WARM_UP else f"run {planned.number} of {len(self._planned)}"
        text = f"{what}, -j{planned.jobs}: {min(units_done, self._units)}/{self._units} units"
        left_s = remaining_s(self._ended, self._planned[number:], self._cores)
        if left_s is not None:
            text += f"  {left(left_s)}"
        self._redraw(text, number / len(self._planned))

    def ended(self, trial: Trial) -> None:
        """This run has ended."""
        self._ended.append(trial)
        what = "warm-up" if trial.number == WARM_UP else f"run {trial.number} of {len(self._planned)}"
        result = seconds(trial.wall_s) if trial.valid else f"failed: {trial.problems[0]}"
        if not self.moves or not trial.valid:
            self.clear()
            print(f"{what}, -j{trial.jobs}: {harmless(result, colour=False)}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the line from the terminal."""
        if self.moves:
            self._write(CLEAR_LINE)

    def _redraw(self, text: str, share: float) -> None:
        if self.moves:
            room = _columns() - ROOM
            bar = min(MAX_BAR, room - len(text) - len("[] "))
            drawn = f"[{'#' * int(bar * share):.<{bar}}] " if bar >= MIN_BAR else ""
            self._write(f"{CLEAR_LINE}{middle(drawn + text, room)}")

    def _write(self, text: str) -> None:
        try:
            os.write(STDERR, text.encode())
        except OSError:
            self.moves = False  # the terminal went away


def remaining_s(ended: Sequence[Trial], planned: Sequence[Planned], cores: int) -> float | None:
    """Return how long the planned runs will take, in seconds; None while no run has ended.

    Each is expected to take what runs with as many jobs took. Without one, the work of the last run is expected to be
    shared by as many jobs as there are cores for.
    """
    if not ended:
        return None
    walls: dict[int, list[float]] = {}
    for trial in ended:
        walls.setdefault(trial.jobs, []).append(trial.wall_s)
    known = {jobs: median(values) for jobs, values in walls.items()}
    last = ended[-1]
    work_s = last.wall_s * min(last.jobs, cores)
    return sum(known.get(each.jobs, work_s / min(each.jobs, cores)) for each in planned)


def _columns() -> int:
    try:
        return os.get_terminal_size(STDERR).columns or 80
    except OSError:
        return 80
