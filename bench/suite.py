"""`suite`: the makespan of this repository's own suite, the runtime in rts/, against other orders and other runners.

The suite is copied into a temporary project, built there (from what the checkout has built already, where it has) and
run once to learn. Where the runtime cannot be built, wasm loops of the suite's weights stand in for it.
"""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from bench import budgets
from bench.measure import CannotMeasure, Contender, interleaved, jobs
from bench.project import CHECKOUT, Project, longpole, make_project
from bench.result import Comparison, Figure, Result
from bench.tools import runners
from rts_tests.records import Record, find_run, read_records, read_run_info
from rts_tests.summary import Makespan, summarize

STAND_IN_SCALE = 0.1
"""Of the suite's weights in seconds, how much a stand-in takes."""
QUICK_SCALE = 0.02


def measure(scratch: Path, *, quick: bool, rounds: int, say: Callable[[str], None]) -> Result:
    """Build, learn, measure, and return what was found. Raises `CannotMeasure`."""
    notes: list[str] = []
    say("building")
    if quick:
        project = _stand_in(scratch, "suite", QUICK_SCALE)
        notes.append("--quick runs a stand-in for the runtime: wasm loops of the suite's weights, scaled down")
    else:
        try:
            project = _runtime(scratch, "runtime")
        except CannotMeasure as error:
            project = _stand_in(scratch, "suite", STAND_IN_SCALE)
            notes.append(f"the runtime cannot be built, and a stand-in of the same shape was run instead: {error}")
    say("learning")
    project.do("make", f"-j{jobs()}", "test")
    records = _last_run(project)[1]
    ours = _Watched(project)
    contenders = [
        ours.contender("longpole"),
        replace(_test(_copy(project, "alphabetical"), "longpole, alphabetical order"), before=None),
        _test(_copy(project, "aot"), "longpole, cold, precompiled", WARM="0"),
        _test(_cold(project), "longpole, cold, compiling"),
    ]
    contenders[1] = _alphabetical(contenders[1])
    commands = [list(record.command) for record in sorted(records, key=lambda record: record.id)]
    neighbours, left_out = runners(("ctest", "xargs", "parallel"), scratch, commands, project.environ, project.folder)
    for neighbour in neighbours:
        if "ctest" in neighbour.name:
            say("ctest learns")
            interleaved([neighbour], 1, scratch, lambda _: None)
    measured = interleaved([*contenders, *neighbours], rounds, scratch, say)
    spans = ours.spans
    bound_s = median(span.bound_s for span in spans)
    figures = (
        Figure("makespan over the least possible", median(s.wall_s / s.bound_s for s in spans), "x", budgets.MAKESPAN),
        Figure("all of `make test` over the least possible", measured["longpole"].wall_s / bound_s, "x"),
        Figure("least possible: max(total CPU / cores, longest unit)", bound_s, "s"),
        Figure("longest unit", median(span.longest_s for span in spans), "s"),
    )
    title = f"the suite, {len(records)} units, -j{jobs()}"
    comparison = Comparison(title, len(records), "longpole", measured)
    return Result("suite", (comparison,), figures, tuple(left_out), tuple(notes))


def _test(project: Project, name: str, **more: str) -> Contender:
    return project.contender(name, "make", f"-j{jobs()}", "test", **more)


@dataclass
class _Watched:
    """A project whose every measured run leaves its makespan here."""

    project: Project
    spans: list[Makespan] = field(default_factory=list)

    def contender(self, name: str) -> Contender:
        return replace(_test(self.project, name), after=lambda: self.spans.append(_last_run(self.project)[0]))


def _last_run(project: Project) -> tuple[Makespan, list[Record]]:
    """The makespan and the records of the last run."""
    folder = find_run(project.folder / ".longpole", None)
    info = read_run_info(folder)
    records = read_records(folder, info)
    return summarize(folder, info, records).makespan, list(records.values())


def _runtime(scratch: Path, name: str) -> Project:
    """The checkout's suite and runtime, built. What the checkout has built is copied with its times, so only the rest
    is compiled. Raises `CannotMeasure` when the build fails.
    """
    project = make_project(scratch, name, (CHECKOUT / "suite.yaml").read_text())
    shutil.copytree(CHECKOUT / "rts", project.folder / "rts")
    for built in CHECKOUT.glob("target-*"):
        shutil.copytree(built, project.folder / built.name)
    project.do("make", f"-j{jobs()}", "build")
    return project


_PRECOMPILE = """\
import sys, wasmtime
from rts_tests.warm.precompile import main
open("stand-in.wasm", "wb").write(wasmtime.wat2wasm(sys.argv[1]))
sys.exit(main(["stand-in.wasm", "stand-in.cwasm"]))
"""


def _stand_in(scratch: Path, name: str, scale: float) -> Project:
    """The checkout's suite with one wasm module for all variants, which counts for as long as the weights say."""
    data = _suite()
    data["defaults"].pop("build", None)
    data["defaults"] |= {"artifact": "stand-in.cwasm"}
    project = make_project(scratch, name, _as_yaml(data))
    functions = []
    for module, given in data["modules"].items():
        keys = given or {}
        turns = round(keys.get("weight", 1) * scale * 1e9 / keys.get("seeds", 1))
        functions.append(f'(func (export "test_{module}") (param i32 i32) {_count(turns)})')
    project.do(sys.executable, "-c", _PRECOMPILE, f"(module {' '.join(functions)})")
    return project


def _count(turns: int) -> str:
    """Count to `turns` for every seed, or once where there is none."""
    return f"""(local $n i64)
        (local.set $n (i64.mul (i64.const {turns})
            (select (i64.const 1) (i64.extend_i32_u (local.get 1)) (i32.eqz (local.get 1)))))
        (loop $again
            (local.set $n (i64.sub (local.get $n) (i64.const 1)))
            (br_if $again (i64.ne (local.get $n) (i64.const 0))))"""


def _suite() -> dict[str, Any]:
    loaded = yaml.safe_load((CHECKOUT / "suite.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def _as_yaml(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, sort_keys=False)


def _copy(project: Project, name: str) -> Project:
    """The same project once more, built and with what was learnt, to be run under other conditions."""
    folder = project.folder.parent / name
    shutil.copytree(project.folder, folder, symlinks=True)
    return Project(folder, project.environ)


def _alphabetical(contender: Contender) -> Contender:
    """The same units, listed by id. The plan is rendered and sorted beforehand, which our own run does within it."""
    state = contender.cwd / ".longpole"
    project = Project(contender.cwd, dict(contender.environ))

    def sort_plan() -> None:
        (state / "history.json").unlink(missing_ok=True)
        project.do(*longpole("render"))
        plan = json.loads((state / "plan.json").read_bytes())
        plan["units"].sort(key=lambda row: (plan["variants"][row[0]]["name"], plan["modules"][row[1]]["name"], row[2]))
        (state / "plan.json").write_text(json.dumps(plan))

    return replace(contender, before=sort_plan)


def _cold(project: Project) -> Project:
    """The same project, where every unit compiles the wasm that the precompiled artifact was made of."""
    cold = _copy(project, "cold")
    path = cold.folder / "suite.yaml"
    data = yaml.safe_load(path.read_text())
    defaults = data["defaults"]
    wasm = defaults["artifact"].removesuffix(".cwasm") + ".wasm"
    words = [wasm if word == "{artifact}" else word for word in defaults["run"]]
    words[2] = "bench.cold_wasm"
    data["defaults"] |= {"run": words, "warm": False, "artifact": wasm}
    path.write_text(_as_yaml(data))
    cold.do(*longpole("render"))
    return cold
