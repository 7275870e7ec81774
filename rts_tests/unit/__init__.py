"""One unit as a process: from its command to its record.

May import `warm`, `machine` and `contracts`.
"""
