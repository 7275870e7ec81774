"""Longpole: the command line, and the one import name that is installed.

In the repository, `gen`, `rts_tests`, `templates` and `Makefile.in` in this folder are links to the repository's root.
A wheel holds the files themselves in the same places.

In this folder: `__main__` ─▶ errors_to_messages ─▶ command_line ─▶ commands, which share options. It may import every
room. No room may import it, except to find this folder.
"""
