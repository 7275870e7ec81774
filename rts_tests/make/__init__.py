"""Everything about make: its flags and arguments, and the pipes to which its recipes write.

May import `contracts` and `machine`.
"""
