"""Select the units of a run: from the goals on the command line and the variables FILTER and SHARD."""

from collections.abc import Collection, Sequence

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.filter import HOW, Filter
from longpole.rts_tests.contracts.partition import partition
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.unit_ids import module_goal, scenario_goals
from longpole.rts_tests.forks.selection import Selection


def _of_goal(plan: Plan, goal: str) -> set[str]:
    if goal == "test":
        return {unit.target for unit in plan.units}
    found = {
        unit.target
        for unit in plan.units
        if goal in (unit.target, f"test-{unit.variant}", module_goal(unit.variant, unit.module))
    }
    if found:
        return found  # goals of several scenarios give way to a variant, a module or a scenario of the name
    return {
        unit.target
        for unit in plan.units
        if goal in scenario_goals(unit.variant, unit.module, plan.modules[unit.module].cell)
    }


def select(
    plan: Plan,
    goals: Sequence[str],
    *,
    only: Filter | None,
    shard: tuple[int, int] | None,
    again: Collection[str] | None = None,
    selection: Selection | None = None,
) -> list[Unit]:
    """The units of `goals`, in plan order, that match `only`, are in `shard`, and (for `retest`) are in `again`.

    With a `selection`, which is about the classes of forks, only forks are selected.

    Raises `UseError` for an unknown goal (exit status 2), and if nothing is left (exit status 4).
    """
    wanted: set[str] = set()
    for goal in goals:
        targets = set(again or ()) & _of_goal(plan, "test") if goal == "retest" else _of_goal(plan, goal)
        if not targets and goal != "retest":
            raise UseError.at("make", f"no unit belongs to the goal {goal!r}", "`make list` shows the plan")
        wanted |= targets
    mine = plan.units if shard is None else partition(plan, shard[1])[shard[0] - 1]
    chosen = [unit for unit in mine if unit.target in wanted]
    if only is not None:
        only.refuse_misspelt(plan.labels)
        chosen = [unit for unit in chosen if only.matches(unit.id, plan.labels_of(unit))]
    if selection is not None and chosen:
        chosen = [unit for unit in chosen if unit.fork is not None]
        if not chosen:
            what = f"{selection.text!r} selects classes of forks, and {' '.join(goals)} has no fork"
            raise UseError.at("SELECT", what, "FILTER selects other units", ExitStatus.NOTHING_SELECTED)
    if not chosen:
        raise _nothing(goals, only, shard)
    return chosen


def _nothing(goals: Sequence[str], only: Filter | None, shard: tuple[int, int] | None) -> UseError:
    """The error that no unit is left, and why."""
    if only is not None:
        what = f"{only.text!r} matches no unit of {' '.join(goals)}"
        remedy = f"`make list` shows every id and its labels; {HOW}"
        return UseError.at("FILTER", what, remedy, ExitStatus.NOTHING_SELECTED)
    if shard is not None:
        what = f"shard {shard[0]}/{shard[1]} holds no unit of {' '.join(goals)}"
        return UseError.at("SHARD", what, "use fewer shards", ExitStatus.NOTHING_SELECTED)
    return UseError.at("retest", "there is nothing to run again", "type `make test`", ExitStatus.NOTHING_SELECTED)
