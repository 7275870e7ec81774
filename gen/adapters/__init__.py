"""`longpole init`: from the tests that a project has to a suite, an adapter for each test runner.

An adapter may import `model`, `grouping`, `tool`, `suite` and the contracts; no adapter imports another one.
"""
