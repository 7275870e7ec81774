"""A report, one file a format.

May import `report`, `state` and `contracts`.
"""
