"""The budgets that figures are printed beside, for a machine with two cores. docs/performance.md tells them."""

EXECUTED_WALL_MS = 1.5
EXECUTED_CPU_MS = 2.5
WARM_WALL_MS = 3.0
RUN_S = 0.5
MAKESPAN = 1.05
RENDER_S = 5.0
RENDER_MB = 600.0
DECIDE_S = 1.0
UNCHANGED_S = 0.3
REPORT_S = 2.0

LARGE = 100_000
"""The number of units that the budgets of rendering and deciding are for."""
RECORDS = 10_000
"""The number of records that the budget of report and history merge is for."""
