"""What the kernel offers: processes, memory, ports, trees of files, namespaces, a guard that outlives a killed process.

May import `contracts`.
"""
