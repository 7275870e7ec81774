"""Units that are executed many times.

May import `run` and what it may.
"""
