"""`overhead`: what it costs to run a unit that does nothing, executed or warm, and to start and end a run.

Every runner runs /bin/true the same number of times, in memory and some of them on a disk. Longpole also captures
output, limits time, looks for processes that were left behind, records, and writes three reports, JUnit among them; the
bare Makefile does none of that and is what is subtracted.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench import budgets
from bench.longpoles import OURS, Longpole, longpoles
from bench.measure import (
    Conditions,
    Contender,
    Measured,
    Sample,
    cpu_s,
    differences,
    environment,
    interleaved,
    jobs,
    ratios,
    wall_s,
)
from bench.nextest import BARE as BARE_RUST
from bench.nextest import nextest
from bench.project import Project, make_project, many_units
from bench.result import Comparison, Figure, Result, joined
from bench.start import TRUE, start_contenders, start_figures
from bench.tools import RUNNERS, Work, bare_make, runners

SHORT = 72
"""Units of the run that is subtracted from a longer one, so that what is left is the cost of units alone."""
COLD = 30
"""Cold wasm units: each takes as long as dozens of warm ones."""
BARE = "bare make"
CTEST = "CTest, JUnit"
ON_DISK = ("ninja", "CTest", CTEST, "lit, JUnit")
"""Runners that are measured on the disk as well, beside Longpole and the bare Makefile."""
IN_MEMORY = tuple(name for name in RUNNERS if name != "CTest, learnt")

_SHORT = f": {SHORT} units"
_DISK = ", on disk"
_WARM, _COLD = ", warm wasm", ", cold wasm"
_WASM = '(module (func (export "nothing") (param i32 i32)))'
# The older of two spellings, so that an older checkout can be measured, too.
_RUN_WASM = '["{python}", -m, rts_tests.warm.wasm, "{artifact}", nothing, "{first_seed}", "{seed_count}"]'


def measure(conditions: Conditions) -> Result:
    """Run all of it and return what was found. Raises `CannotMeasure`."""
    units = 200 if conditions.quick else budgets.PLANNED
    scratch, sides = conditions.scratch, longpoles(conditions)
    conditions.say("preparing")
    contenders, left_out = _in_folder(scratch, sides, units, IN_MEMORY)
    rust, missing = nextest(units, environment(scratch), scratch)
    contenders += rust
    left_out += missing
    for side in sides:
        contenders += start_contenders(side, scratch, units)
    with_wasm = _can_run_wasm()
    if with_wasm:
        contenders += _wasm_contenders(scratch, sides, units)
    else:
        left_out.append("warm and cold wasm units: wasmtime is not installed")
    if conditions.disk is None:
        left_out.append("the disk: no folder on a disk was found; name one with --disk")
    else:
        there, _ = _in_folder(conditions.disk, sides, units, ON_DISK)
        contenders += [replace(each, name=f"{each.name}{_DISK}") for each in there]

    measured = interleaved(contenders, conditions.rounds, scratch, conditions.say)
    per_side = [_figures(side, measured, units, with_wasm=with_wasm) for side in sides]
    figures = joined(per_side[0], per_side[1] if len(sides) > 1 else ())
    if conditions.quick:
        figures = tuple(replace(each, budget=None) if f"{units:,} units" in each.what else each for each in figures)
    note = (
        f"JUnit is part of every run of Longpole and meson; what one more unit costs is a run less one of {SHORT} units"
    )
    return Result("overhead", (comparison(measured, units),), figures, tuple(left_out), (note,))


def _in_folder(
    folder: Path, sides: Sequence[Longpole], units: int, names: Sequence[str]
) -> tuple[list[Contender], list[str]]:
    """Long and short runs of Longpole and of bare make, and of the runners of `names` that are installed."""
    environ = environment(folder)
    commands = [["/bin/true", str(index)] for index in range(units)]
    contenders = [
        bare_make(folder / "bare", commands, environ, BARE),
        bare_make(folder / "bare-short", commands[:SHORT], environ, f"{BARE}{_SHORT}"),
    ]
    for side in sides:
        for name, count in ((side.name, units), (f"{side.name}{_SHORT}", SHORT)):
            project = make_project(folder, f"{side.folder}-{count}", many_units(count, TRUE), python=side.python)
            contenders.append(_test(project, name))
    neighbours, left_out = runners(names, Work(commands, folder, environ), folder)
    return contenders + neighbours, left_out


def _test(project: Project, name: str) -> Contender:
    return project.contender(name, "make", f"-j{jobs()}", "test")


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


def _wasm_contenders(scratch: Path, sides: Sequence[Longpole], units: int) -> list[Contender]:
    """Warm units of every side, in a long and a short run, and cold ones of ours."""
    contenders = []
    for side in sides:
        for suffix, count in ((_WARM, units), (f"{_WARM}{_SHORT}", SHORT), (_COLD, COLD)):
            suite = many_units(count, _RUN_WASM, warm=suffix != _COLD, artifact="nothing.cwasm")
            project = make_project(scratch, f"{side.folder}-wasm-{count}", suite, python=side.python)
            # One release of the engine makes the artifact of both sides.
            project.do(sys.executable, "-c", _PRECOMPILE, _WASM)
            contenders.append(_test(project, f"{side.name}{suffix}"))
    return contenders


def comparison(measured: Mapping[str, Measured], units: int) -> Comparison:
    """All that ran as many units that do nothing."""
    same = {
        name: each for name, each in measured.items() if _SHORT not in name and ": " not in name and _COLD not in name
    }
    bare = {name: BARE_RUST if name.startswith("nextest") else BARE for name in same if name not in (BARE, BARE_RUST)}
    on_disk = {name.removesuffix(_DISK): each for name, each in same.items() if name.endswith(_DISK)}
    in_memory = {name: each for name, each in same.items() if not name.endswith(_DISK)}
    # No process is executed for these, so that there is nothing to subtract.
    processes = {name: other for name, other in bare.items() if _WARM not in name and "empty" not in name}
    return Comparison(f"{units:,} units that do nothing, -j{jobs()}", units, OURS, in_memory, processes, on_disk)


def _figures(side: Longpole, measured: dict[str, Measured], units: int, *, with_wasm: bool) -> list[Figure]:
    """What one Longpole costs, in memory and on the disk."""

    def cost_ms(where: str, what: Callable[[Sample], float]) -> tuple[float, ...]:
        names = side.name, f"{side.name}{_SHORT}", BARE, f"{BARE}{_SHORT}"
        long, short, bare_long, bare_short = (measured[f"{name}{where}"] for name in names)
        longer, shorter = differences(long, bare_long, what), differences(short, bare_short, what)
        return per_unit_ms(longer, shorter, units)

    unit = "an executed unit over the bare command"
    short = measured[f"{side.name}{_SHORT}"], measured[f"{BARE}{_SHORT}"]
    figures = [
        Figure(f"{unit}, wall", cost_ms("", wall_s), "ms", budgets.UNIT_WALL_MS),
        Figure(f"{unit}, CPU", cost_ms("", cpu_s), "ms", budgets.UNIT_CPU_MS),
    ]
    if f"{BARE}{_DISK}" in measured:
        figures.append(Figure(f"{unit}, wall, on disk", cost_ms(_DISK, wall_s), "ms", budgets.UNIT_WALL_ON_DISK_MS))
    for where in ("", _DISK):
        if f"{CTEST}{where}" in measured:
            times = ratios(measured[f"{side.name}{where}"], measured[f"{CTEST}{where}"], wall_s)
            figures.append(
                Figure(f"a whole run of {units:,} units, over CTest with JUnit{where}", times, "x", budgets.OVER_CTEST)
            )
    figures.append(
        Figure(f"starting and ending a run of {SHORT} units", differences(*short, wall_s), "s", budgets.RUN_S)
    )
    figures += start_figures(side, measured, units)
    return figures + (_wasm_figures(side, measured, units) if with_wasm else [])


def _wasm_figures(side: Longpole, measured: Mapping[str, Measured], units: int) -> list[Figure]:
    """What a wasm unit that does nothing costs, warm and cold."""
    long, short, cold = (measured[f"{side.name}{suffix}"] for suffix in (_WARM, f"{_WARM}{_SHORT}", _COLD))
    warm_ms, warm_cpu_ms = (per_unit_ms(long.values(what), short.values(what), units) for what in (wall_s, cpu_s))
    cold_ms = tuple(seconds / COLD * 1000 for seconds in cold.values(wall_s))
    return [
        Figure("a warm wasm unit, wall", warm_ms, "ms", budgets.WARM_WALL_MS),
        Figure("a warm wasm unit, CPU", warm_cpu_ms, "ms"),
        Figure("a cold wasm unit, wall", cold_ms, "ms"),
    ]


def per_unit_ms(long: Sequence[float], short: Sequence[float], units: int) -> tuple[float, ...]:
    """Milliseconds that each unit adds to a run, from the seconds of a long and of a short run of each round."""
    return tuple((one - other) / (units - SHORT) * 1000 for one, other in zip(long, short, strict=True))
