"""What measured numbers say: intervals, differences, and models of how a suite scales. Pure functions in plain Python.

May import `contracts`.
"""
