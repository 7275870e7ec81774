"""The generator: a suite becomes a plan, and a plan becomes text. It decides what can be decided, and starts no test.

Rooms: suite ─▶ plan ─▶ render, with tune on top. Of the runner it may import `longpole.rts_tests.contracts` only; it
never imports `longpole.perf`.
"""
