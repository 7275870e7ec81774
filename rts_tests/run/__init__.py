"""request ─▶ prepare ─▶ supervise ─▶ report, readable as that list.

May import `supervise`, `report`, `view` and what these may.
"""
