"""The budgets that figures are printed beside, for a machine with two cores. docs/performance.md lists them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that something may cost, and the cost that is aimed at, if that is less. Both in the figure's unit."""

    most: float
    goal: float | None = None


UNIT_WALL_MS = Budget(1.2, 1.0)
UNIT_WALL_ON_DISK_MS = Budget(1.5, 1.0)
UNIT_CPU_MS = Budget(2.0, 1.5)
WARM_WALL_MS = Budget(3.0, 2.0)
OVER_CTEST = Budget(1.3, 1.0)
FIRST_UNIT_S = Budget(0.3, 0.15)
SINGLE_UNIT_S = Budget(0.5, 0.25)
RUN_S = Budget(0.5, 0.25)
OVER_PYTHON_S = Budget(0.1)
MAKESPAN = Budget(1.05, 1.03)
TIME_LEFT_PERCENT = Budget(20.0)
PREDICTED_PERCENT = Budget(10.0)
LEDGER_S = Budget(1.0)
RENDER_S = Budget(5.0)
RENDER_MB = Budget(600.0)
DECIDE_S = Budget(1.0)
UNCHANGED_S = Budget(0.3, 0.1)
REPORT_S = Budget(2.0, 1.0)
CLASS_MS = Budget(1.0)
PAGE_SMALL_MS = Budget(50.0)
PAGE_MS = Budget(1000.0)
PAGE_OPEN_S = Budget(2.0)
PERF_PAGE_S = Budget(2.0, 1.0)
CASES_S = Budget(5.0)
CASES_MB = Budget(500.0)
CASE_HISTORY_S = Budget(1.0)
RESULTS_S = Budget(1.5, 0.5)
SCENARIOS_COLD_S = Budget(0.5)
SCENARIOS_WARM_S = Budget(0.15, 0.1)
REPOSITORY_BUILT_MS = Budget(10.0)
REPOSITORY_MS = Budget(5.0)
STEP_MS = Budget(0.7, 0.4)
SCENARIO_MS = Budget(5.0)
SCENARIOS_OVER_PLAIN = Budget(0.6)
COLLECT_S = Budget(2.0, 1.0)
INDEX_S = Budget(10.0)
INDEX_UPDATE_MS = Budget(300.0)
INDEX_VIEW_MS = Budget(50.0)
EFFICIENCY_LOST_PERCENT = Budget(3.0)

LARGE = 100_000
"""The number of units that the budgets of rendering and deciding are for."""
SCENARIOS = 300
"""The number of scenarios that their budgets are for."""
CLASSES = 2000
"""The number of classes that the budget of a class in a fork is for."""
RECORDS = 10_000
"""The number of records that the budgets of reports are for."""
PLANNED = 1000
"""The number of units that the budgets of a whole run and of its first unit are for."""
ADOPT = Budget(1.0)
"""Of the best other runner's time, where that is more than 20 s."""
ADOPT_SHORT_S = Budget(0.5)
"""Seconds more than the best other runner, where that takes less."""
PERF_RUN_MS = Budget(1.0)
DETECT_S = Budget(20.0)
