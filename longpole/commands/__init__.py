"""The commands, one file a group. A command is its options, one call and what is printed of its result.

What a command needs beyond click it imports when it is called, so that `--help` is quick. It may import every room.
"""
