"""Warm units: Python modules that the zygote prepares once and calls in a forked child per unit.

A warm module has `prepare(argv)`, called in the zygote before the fork, and `main(argv)`, called in the child; run by
hand as `python -m rts_tests.warm.<module> ARGUMENTS...` it does the same, cold. May import `machine` and `contracts`.
"""
