"""Better numbers of chunks, from history.

May import the rest of `gen` and `longpole.rts_tests.contracts`.
"""
