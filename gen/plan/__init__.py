"""From a suite to a plan, and the plan for people.

May import `gen.suite` and `longpole.rts_tests.contracts`.
"""
