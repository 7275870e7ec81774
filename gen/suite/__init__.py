"""The suite: `suite.yaml` read and checked, with all defaults filled in.

May import `longpole.rts_tests.contracts`.
"""
