"""Decides which units of all runs on this machine may start now.

May import `contracts` and `machine`.
"""
