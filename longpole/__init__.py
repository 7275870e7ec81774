"""Longpole: the command line, and the one import name that is installed.

`longpole.gen` and `longpole.rts_tests` are the folders of the repository's root, to which links lead from here; so are
the templates. In a wheel the same places hold the files themselves.

In this folder: `__main__` ─▶ errors_to_messages ─▶ command_line ─▶ commands, which share options. It may import every
room; no room may import it, but for the folder's own place.
"""
