"""Performance over many commits: result files, the branch that collects them, the ledger, detection and the page.

Of the runner it may import `longpole.rts_tests.contracts` only; it never imports `longpole.gen`.
"""
