"""The commands, one file per group. A command has options, makes one call and prints its result.

A command imports what it needs besides click when it is called, so that `--help` is quick. It may import every room.
"""
