"""Records as the benchmarks of gruel write them, to vary."""

import json
from typing import Any

SHA = "50067ca07f625e0bb6073d377de5aa29466be930"
BENCHMARK: dict[str, Any] = {
    "name": "arithmetic_heavy@O3",
    "opt_level": "O3",
    "iterations": 5,
    "mean_ms": 293.355,
    "std_ms": 4.0,
    "peak_memory_bytes": 57116262,
    "binary_size_bytes": 155032,
    "runtime_ms": 17.967,
    "runtime_std_ms": 0.0,
    "passes": {"parse": {"mean_ms": 23.774}, "sema": {"mean_ms": 4.482}},
    "source_metrics": {"bytes": 70112, "lines": 2120, "tokens": 25820},
}
RECORD: dict[str, Any] = {
    "version": 2,
    "timestamp": "2026-04-20T20:27:37Z",
    "commit": SHA[:8],
    "commit_range": [SHA],
    "benchmark_reason": "scheduled",
    "build_mode": "release",
    "host": {"arch": "x86_64", "os": "linux"},
    "iterations": 5,
    "benchmarks": [BENCHMARK],
}
OLD: dict[str, Any] = {
    "version": 1,
    "timestamp": "2025-12-27T10:30:00Z",
    "commit": "abc123def",
    "host": {"os": "darwin", "arch": "arm64"},
    "iterations": 5,
    "benchmarks": [{"name": "many_functions", "mean_ms": 10.5, "std_ms": 0.5, "iterations": 5}],
}


def record(**changes: Any) -> dict[str, Any]:
    """`RECORD` with other fields."""
    return {**RECORD, **changes}


def benchmark(**changes: Any) -> dict[str, Any]:
    """`RECORD` with other fields of its one benchmark."""
    return record(benchmarks=[{**BENCHMARK, **changes}])


def lines(*records: object) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)
