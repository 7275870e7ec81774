"""`perf-run`: what `longpole perf run` adds to the time of a program, beside hyperfine without a shell."""

import json
from collections.abc import Callable
from pathlib import Path

from bench.budgets import PERF_RUN_MS
from bench.measure import Conditions, Contender, environment, once
from bench.project import longpole
from bench.result import Figure, Result
from bench.tools import find

PROGRAMS = {"true": ("true",), "sleep 0.05": ("sleep", "0.05")}
EXECUTIONS = 200
QUICK = 20
"""Executions of each program in a round."""


def measure(conditions: Conditions) -> Result:
    """Measure each program by both, round after round, and return what was found. Raises `CannotMeasure`."""
    folder = conditions.scratch / "perf-run"
    folder.mkdir()
    environ = environment(conditions.scratch)
    count = QUICK if conditions.quick else EXECUTIONS
    ways: dict[str, tuple[Contender, Callable[[], dict[str, float]]]] = {"longpole": _longpole(folder, environ, count)}
    hyperfine = find("hyperfine")
    if hyperfine is not None:
        ways["hyperfine -N"] = _hyperfine(hyperfine, folder, environ, count)
    found: dict[tuple[str, str], list[float]] = {}
    for number in range(conditions.rounds.most):
        for way in sorted(ways, reverse=number % 2 == 1):
            conditions.say(f"round {number + 1}: {way}")
            contender, read = ways[way]
            once(contender, folder / "output.txt")
            for program, milliseconds in read().items():
                found.setdefault((program, way), []).append(milliseconds)
    figures = tuple(
        Figure(f"`{program}`, by {way}", tuple(values), "ms", PERF_RUN_MS if (program, way) == _BUDGETED else None)
        for (program, way), values in sorted(found.items(), reverse=True)
    )
    left_out = () if hyperfine is not None else ("hyperfine is not installed",)
    return Result("perf-run", (), figures, left_out, ("each value is the least of one round's executions",))


_BUDGETED = ("true", "longpole")


def _longpole(folder: Path, environ: dict[str, str], count: int) -> tuple[Contender, Callable[[], dict[str, float]]]:
    """The command that measures all programs, and what reads the least milliseconds of each."""
    benchmarks = {name: {"run": argv} for name, argv in PROGRAMS.items()}
    file = {"version": 1, "defaults": {"rounds": count}, "reference": False, "benchmarks": benchmarks}
    (folder / "bench.yaml").write_text(json.dumps(file))

    def read() -> dict[str, float]:
        result = json.loads((folder / "output.txt").read_bytes())
        return {each["name"]: 1e3 * min(each["metrics"]["time"]["samples"]) for each in result["benchmarks"]}

    return Contender("longpole", longpole("perf", "run", "--json", "--commit", "0" * 40), folder, environ), read


def _hyperfine(
    program: str, folder: Path, environ: dict[str, str], count: int
) -> tuple[Contender, Callable[[], dict[str, float]]]:
    """As `_longpole`."""
    argv = (program, "-N", "--style", "none", "--warmup", "2", "--runs", str(count), "--export-json", "hyperfine.json")

    def read() -> dict[str, float]:
        result = json.loads((folder / "hyperfine.json").read_bytes())
        return {each["command"]: 1e3 * min(each["times"]) for each in result["results"]}

    return Contender("hyperfine", (*argv, *PROGRAMS), folder, environ), read
