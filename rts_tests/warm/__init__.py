"""Warm units: what they share is loaded once, by the zygote, and each of them is a fork of it.

A warm module has `prepare(argv)`, called in the zygote before the fork, and `main(argv)`, which does all of the work;
`python -m longpole.rts_tests.warm.<module> ARGUMENTS...` does the same, cold. May import `machine` and `contracts`.
"""
