"""From a suite to a plan, and the plan as text.

May import `gen.suite` and `longpole.rts_tests.contracts`.
"""
