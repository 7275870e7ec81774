"""`longpole perf run`: benchmarks are executed in interleaved rounds, and measured.

    bench.yaml ─▶ Bench ─▶ steps, in a random order ─▶ launcher ─▶ samples ─▶ Result

It may import what `longpole.perf` may; of its other folders only `importers`, for names and commits.
"""
