"""The suite: `suite.yaml` read, checked and made definite.

May import `longpole.rts_tests.contracts`.
"""
