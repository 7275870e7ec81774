"""From a suite and a plan to files.

May import `gen.suite`, `gen.plan` and `longpole.rts_tests.contracts`.
"""
