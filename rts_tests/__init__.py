"""The runner: what happens while and after units run.

Imports neither `gen` nor `perf`. It is told what to run by a plan file and never reads `suite.yaml`.
"""
