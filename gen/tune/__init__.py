"""Better numbers of chunks and groups of tests, from history.

May import the rest of `gen` and `longpole.rts_tests.contracts`.
"""
