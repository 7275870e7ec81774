"""What a run amounts to.

May import `state` and `contracts`.
"""
