"""Warm units: Python modules prepared once in the supervisor and called in a forked child per unit.

A warm module has `prepare(argv)`, called in the supervisor before the fork, and `main(argv)`, called in the child; run
by hand as `python -m rts_tests.warm.<module> ARGUMENTS...` it does the same, cold.
"""
