"""Changes in series of results, how sure they are, and how small a change can be seen.

It may import `longpole.rts_tests.contracts` and `longpole.perf`; numpy, scipy and ruptures are imported here only.
"""
