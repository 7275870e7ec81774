"""The formats of the report, one file per format.

May import `report`, `state` and `contracts`.
"""
