"""What the kernel knows and does: processes, memory, outliving a process that is killed.

May import `contracts`.
"""
