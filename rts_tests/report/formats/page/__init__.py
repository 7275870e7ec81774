"""The parts of the HTML report, a file a part, beside the style and the script that go into it.

May import what `report` may.
"""
