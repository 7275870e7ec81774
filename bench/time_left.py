"""`time-left`: how good the time left is that the live view shows, replayed over recorded runs. Starts nothing."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import budgets
from bench.measure import Conditions
from bench.recorded import Recorded, recorded
from bench.result import Figure, Result
from longpole.rts_tests.contracts.history import Computing, History, merge_history, read_history
from longpole.rts_tests.contracts.order import ordered
from longpole.rts_tests.contracts.plan import Plan, PlanModule
from longpole.rts_tests.view.time_left import TimeLeft

PARTS = (1 / 3, 1 / 2, 2 / 3)
"""The parts of a run after which the time left is held against what came."""
SUITES = ("mixed", "runtime")
LEARNT = {"none": (), "idle": ("idle-1", "idle-2"), "busy": ("busy-1", "busy-2")}
"""The runs that the history holds; none: there are the weights of the suite only."""
REPLAYED = ("idle-3", "busy-3")
UNFOUNDED = frozenset({("runtime", "none")})
"""Where nothing can be known after a third: no short module has run, and their weights are ten times too high."""
NOTES = (
    "recorded runs are replayed; none is made. The budget is for a third of a run",
    "without history there are weights only; the runtime's short modules took a tenth of those that were recorded",
)


def history_of(runs: Iterable[Recorded]) -> History:
    """What these runs teach, oldest first."""
    with TemporaryDirectory(prefix="longpole-bench-") as folder:
        for run in runs:
            computing = {
                each.unit.id: Computing(each.cpu_s, each.slowdown) for each in run.units if each.slowdown is not None
            }
            outcomes = [(each.unit.id, "passed", each.wall_s) for each in run.units]
            merge_history(Path(folder), outcomes, computing=computing, run=run.name)
        return read_history(Path(folder))


def plan_of(run: Recorded) -> Plan:
    """The plan that the run had, without history."""
    modules = {
        each.module: PlanModule(each.module, each.weight, each.seed_policy, 0, each.seed_count, 600.0, {})
        for each in run.units
    }
    units = tuple(each.unit for each in run.units)
    return Plan("recorded", run.jobs, 5.0, 1 << 24, "fail", "none", {}, modules, units)


def replay(run: Recorded, history: History, parts: Sequence[float]) -> list[tuple[float, float]]:
    """The time left that is shown after these parts of the run, and what came; seconds. Each part is at most 1."""
    units = {unit.id: unit for unit in ordered(plan_of(run), history).units}
    left = TimeLeft(run.jobs)
    left.begin(list(units.values()))
    events = [(each.started_s, 1, each) for each in run.units]
    events += [(each.started_s + each.wall_s, 0, each) for each in run.units]
    events.sort(key=lambda event: event[:2])
    found = []
    running: dict[str, tuple[int, float]] = {}
    moments = [part * run.makespan_s for part in sorted(parts)]
    for at, starts, each in events:
        while moments and at > moments[0]:
            now = moments.pop(0)
            shown = left.left_s((units[name], now - begun) for name, (_, begun) in running.items())
            found.append((shown, run.makespan_s - now))
        name = each.unit.id
        if starts:
            lanes = {lane for lane, _ in running.values()}
            lane = next(number for number in range(len(lanes) + 1) if number not in lanes)
            running[name] = (lane, at)
            left.started(units[name], lane, at)
        else:
            lane, _ = running.pop(name)
            left.finished(units[name], lane, at, took_s=each.wall_s, cpu_s=each.cpu_s, slowdown=each.slowdown)
    return found


def errors(suite: str, name: str, learnt: Sequence[str]) -> list[float]:
    """How far off the time left is after each of PARTS: 0.2 is a fifth too long, -0.2 a fifth too short."""
    run = recorded(f"{suite}-{name}")
    history = history_of(recorded(f"{suite}-{each}") for each in learnt if each != name)
    return [shown / came - 1 for shown, came in replay(run, history, PARTS)]


def measure(conditions: Conditions) -> Result:
    """Replay every recorded run with every history; nothing is started, so the machine does not matter."""
    figures = []
    for suite in SUITES:
        for history, learnt in LEARNT.items():
            for name in REPLAYED:
                conditions.say(f"{suite}, {name}")
                after = [100 * abs(error) for error in errors(suite, name, learnt)]
                what = f"time left, off by: {suite} suite, {name.split('-')[0]} machine, history of "
                what += {"none": "nothing", "idle": "an idle one", "busy": "a busy one"}[history]
                budget = None if (suite, history) in UNFOUNDED else budgets.TIME_LEFT_PERCENT
                figures.append(Figure(f"{what}, after a third", (after[0],), "%", budget))
                figures.append(Figure(f"{what}, after two thirds", (after[2],), "%"))
    return Result("time-left", (), tuple(figures), (), NOTES)
