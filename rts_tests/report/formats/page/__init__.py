"""The parts of the HTML report, one file per part, with its style and its script.

May import what `report` may.
"""
