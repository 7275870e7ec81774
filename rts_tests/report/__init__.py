"""The reports of a run, and what several runs have in common.

May import `state`, `forks` and `contracts`.
"""
