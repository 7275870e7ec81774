"""Every commit accounted for: the main branch, what is known of each commit, and what to measure next.

It may import `longpole.perf` and `longpole.rts_tests.contracts`; never numpy, so that the gate starts at once.
"""
