"""What the kernel offers: processes, memory, a guard that outlives a killed process.

May import `contracts`.
"""
