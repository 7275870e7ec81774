"""Longpole: the command line, and the one import name that is installed.

`longpole.gen` and `longpole.rts_tests` are the folders of the repository's root, to which links lead from here; so are
the templates. In a wheel the same places hold the files themselves. This room may import all others.
"""
