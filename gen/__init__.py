"""The generator: a suite becomes a plan and a plan becomes text. It decides everything and starts no test.

Of `rts_tests` it imports the contracts only: `errors`, `files`, `history`, `plan` and `seeds`. It never imports `perf`.
"""
