"""A process that may not make namespaces, by a real limit: that of a user namespace around it."""

NAMESPACES = """
import os
from longpole.rts_tests.machine import namespaces
user, group = os.geteuid(), os.getegid()
namespaces.enter(network=False)
namespaces._unshare(0x10000000)  # CLONE_NEWUSER
namespaces._write("/proc/self/setgroups", "deny")
namespaces._write("/proc/self/uid_map", f"{user} {user} 1")
namespaces._write("/proc/self/gid_map", f"{group} {group} 1")
for name in ("user", "mnt"):
    namespaces._write(f"/proc/sys/user/max_{name}_namespaces", "0")
"""
"""Python code after which this process, and all that it starts, gets none."""
