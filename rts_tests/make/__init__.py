"""Make's side: its flags and arguments, and the pipes that its recipes write to.

May import `contracts` and `machine`.
"""
