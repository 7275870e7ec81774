"""Warm units: the zygote loads once what they share, and each warm unit is a fork of the zygote.

A warm module has `prepare(argv)`, called in the zygote before the fork, and `main(argv)`, which does all of the work;
`python -m longpole.rts_tests.warm.<module> ARGUMENTS...` runs the unit cold. May import `machine` and `contracts`.
"""
