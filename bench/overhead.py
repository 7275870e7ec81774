"""`overhead`: what it costs to run a unit that does nothing, executed or warm, and to start and end a run.

Every runner runs /bin/true the same number of times. Longpole also captures output, limits time, looks for processes
that were left behind and records; the bare Makefile does none of that and is what is subtracted.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from bench import budgets
from bench.measure import Contender, Measured, Rounds, difference, interleaved, jobs
from bench.project import Project, make_project, many_units
from bench.result import Comparison, Figure, Result
from bench.tools import EVERY_RUNNER, bare_make, runners

SHORT = 72
"""Units of a run whose start and end are what is measured."""
COLD = 60
"""Cold wasm units: each takes as long as dozens of warm ones."""

WASM = '(module (func (export "nothing") (param i32 i32)))'
_RUN = '[/bin/true, "{chunk}"]'
_RUN_WASM = '{wasm: "{artifact}", call: nothing, args: ["{first_seed}", "{seed_count}"]}'


def measure(scratch: Path, *, quick: bool, rounds: Rounds, say: Callable[[str], None]) -> Result:
    """Run all of it and return what was found. Raises `CannotMeasure`."""
    units = 300 if quick else 2000
    ours, warm, cold = "longpole", "longpole, warm wasm", "longpole, cold wasm"
    bare, few, bare_few = "bare make", "longpole, few", "bare make, few"

    executed = make_project(scratch, "executed", many_units(units, _RUN))
    short = make_project(scratch, "short", many_units(SHORT, _RUN))
    commands = [["/bin/true", str(index)] for index in range(units)]
    contenders = [
        _test(executed, ours),
        bare_make(scratch / "bare", commands, executed.environ, bare),
        _test(short, few),
        bare_make(scratch / "bare-short", commands[:SHORT], executed.environ, bare_few),
    ]
    neighbours, left_out = runners(EVERY_RUNNER, scratch, commands, executed.environ, executed.folder)
    contenders += neighbours
    with_wasm = _can_run_wasm()
    if with_wasm:
        contenders.append(_test(_wasm_project(scratch, "warm", units, warm=True), warm))
        contenders.append(_test(_wasm_project(scratch, "cold", COLD, warm=False), cold))
    else:
        left_out.append("warm and cold wasm units, as wasmtime is not installed")

    measured = interleaved(contenders, rounds, scratch, say)
    apart = (few, bare_few, cold)
    title = f"{units:,} units that do nothing, -j{jobs()}"
    same_work = {name: found for name, found in measured.items() if name not in apart}
    over_bare = _per_unit(measured[ours], measured[bare], units)
    run_s = difference(measured[few], measured[bare_few], lambda sample: sample.wall_s)
    figures = [
        Figure("an executed unit over the bare command, wall", over_bare[0], "ms", budgets.EXECUTED_WALL_MS),
        Figure("an executed unit over the bare command, CPU", over_bare[1], "ms", budgets.EXECUTED_CPU_MS),
        Figure(f"starting and ending a run, {SHORT} units", run_s, "s", budgets.RUN_S),
    ]
    if with_wasm:
        warm_ms = measured[warm].wall_s / units * 1000
        cold_ms = measured[cold].wall_s / COLD * 1000
        figures += [
            Figure("a warm wasm unit, wall", warm_ms, "ms", budgets.WARM_WALL_MS),
            Figure("a warm wasm unit, CPU", measured[warm].cpu_s / units * 1000, "ms"),
            Figure("a cold wasm unit, wall", cold_ms, "ms"),
            Figure("a cold wasm unit, CPU", measured[cold].cpu_s / COLD * 1000, "ms"),
            Figure("a cold wasm unit over a warm one", cold_ms / warm_ms, "x"),
        ]
    note = (
        f"every unit's share of starting and ending the run is in it: {run_s / units * 1000:.2f} ms of {units:,} units"
    )
    return Result("overhead", (Comparison(title, units, bare, same_work),), tuple(figures), tuple(left_out), (note,))


def _test(project: Project, name: str) -> Contender:
    return project.contender(name, "make", f"-j{jobs()}", "test")


def _per_unit(of: Measured, less: Measured, units: int) -> tuple[float, float]:
    """Milliseconds a unit of wall time and of CPU time that one costs more than the other."""
    wall_s = difference(of, less, lambda sample: sample.wall_s)
    cpu_s = difference(of, less, lambda sample: sample.cpu_s)
    return wall_s / units * 1000, cpu_s / units * 1000


def _can_run_wasm() -> bool:
    try:
        import wasmtime  # noqa: F401
    except ImportError:
        return False
    return True


_PRECOMPILE = """\
import sys, wasmtime
from longpole.rts_tests.warm.precompile import main
open("nothing.wasm", "wb").write(wasmtime.wat2wasm(sys.argv[1]))
sys.exit(main(["nothing.wasm", "nothing.cwasm"]))
"""


def _wasm_project(scratch: Path, name: str, units: int, *, warm: bool) -> Project:
    project = make_project(scratch, name, many_units(units, _RUN_WASM, warm=warm, artifact="nothing.cwasm"))
    project.do(sys.executable, "-c", _PRECOMPILE, WASM)
    return project
