"""What may start now on this machine, of all runs on it.

May import `contracts` and `machine`.
"""
