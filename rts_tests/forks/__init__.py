"""Test frameworks in several processes: which class runs in which fork, and what a fork is given.

May import `machine` and `contracts`.
"""
