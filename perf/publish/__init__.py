"""The page: results, the ledger and change points as a static site.

It may import the rest of `longpole.perf`, and `longpole.rts_tests.contracts`. What needs the libraries of statistics is
imported when it is used: without them the page says that changes were not computed.
"""
