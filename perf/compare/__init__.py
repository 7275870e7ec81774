"""Two commits compared, and the commit of a change found: values of two sides, tests, verdicts, and their text.

It imports `longpole.perf` and the contracts only; numpy and scipy are imported when a comparison is made.
"""
