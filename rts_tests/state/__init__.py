"""The state directory: where runs are kept, held while they last, and removed.

May import `machine` and `contracts`.
"""
