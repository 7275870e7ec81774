"""`suite`: the makespan of this repository's own suite, the runtime in rts/, against other orders and other runners.

The suite and what the checkout has built of the runtime are copied into a temporary project and run once to learn.
A module that is split runs one seed a chunk, so that a round lasts seconds: as many units, the long poles unchanged.
Building is no part of it; where `make build` has not been run, wasm loops of the suite's weights stand in.
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
from bench.measure import Contender, Rounds, interleaved, jobs, once
from bench.project import CHECKOUT, Project, longpole, make_project
from bench.result import Comparison, Figure, Result
from bench.tools import runners
from longpole.gen.suite.read import load_suite
from longpole.rts_tests.contracts.records import Record, read_records, read_run_info
from longpole.rts_tests.report.summary import Makespan, summarize
from longpole.rts_tests.state.run_folders import find_run

STAND_IN_SCALE = 0.1
"""Of the suite's weights in seconds, how much a stand-in takes."""
QUICK_SCALE = 0.02


def measure(scratch: Path, *, quick: bool, rounds: Rounds, say: Callable[[str], None]) -> Result:
    """Build, learn, measure, and return what was found. Raises `CannotMeasure`."""
    notes: list[str] = []
    if quick:
        project = _stand_in(scratch, QUICK_SCALE)
        notes.append("--quick runs a stand-in for the runtime: wasm loops of the suite's weights, scaled down")
    elif _is_built():
        project = _runtime(scratch)
        notes.append("one seed a chunk; compiling: `Module.from_file` in every unit; other runners start cold units")
    else:
        project = _stand_in(scratch, STAND_IN_SCALE)
        notes.append("the runtime is not built (`make build`); wasm loops of the suite's weights were run instead")
    say("learning")
    project.do("make", f"-j{jobs()}", "test")
    records = _last_run(project)[1]
    ours = _Watched(project)
    contenders = [
        ours.contender("longpole"),
        _alphabetical(_test(_copy(project, "alphabetical"), "longpole, alphabetical order")),
        _test(_copy(project, "aot"), "longpole, cold, precompiled", WARM="0"),
        _test(_cold(project), "longpole, cold, compiling"),
    ]
    commands = [list(record.command) for record in sorted(records, key=lambda record: record.id)]
    neighbours, left_out = runners(("ctest", "xargs", "parallel"), scratch, commands, project.environ, project.folder)
    for neighbour in neighbours:
        if neighbour.name == "ctest":  # it orders by what it has seen, as we do
            say("ctest learns")
            once(neighbour, scratch / "output.txt")
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


def _artifacts() -> list[Path]:
    """Where the suite's artifacts are in the checkout, one a variant, and beside each the wasm that it was made of."""
    suite = load_suite(str(CHECKOUT / "suite.yaml"))
    names = [variant.artifact for variant in suite.variants if variant.artifact is not None]
    return [Path(name).with_suffix(suffix) for name in names for suffix in (".wasm", ".cwasm")]


def _is_built() -> bool:
    return all((CHECKOUT / artifact).is_file() for artifact in _artifacts())


def _runtime(scratch: Path) -> Project:
    """The checkout's suite, one seed a chunk, over copies of what the checkout has built."""
    data = _suite()
    for keys in data["modules"].values():
        if keys and "chunks" in keys:
            keys["weight"] = keys.get("weight", 1) * keys["chunks"] / keys["seeds"]
            keys["seeds"] = keys["chunks"]
    project = make_project(scratch, "runtime", _as_yaml(data))
    for artifact in _artifacts():
        (project.folder / artifact).parent.mkdir(exist_ok=True)
        shutil.copy2(CHECKOUT / artifact, project.folder / artifact)
    return Project(project.folder, {**project.environ, "PREBUILT": "1"})


_PRECOMPILE = """\
import sys, wasmtime
from longpole.rts_tests.warm.precompile import main
open("stand-in.wasm", "wb").write(wasmtime.wat2wasm(sys.argv[1]))
sys.exit(main(["stand-in.wasm", "stand-in.cwasm"]))
"""


def _stand_in(scratch: Path, scale: float) -> Project:
    """The checkout's suite with one wasm module for all variants, which counts for as long as the weights say."""
    data = _suite()
    data["defaults"].pop("build", None)
    data["defaults"] |= {"artifact": "stand-in.cwasm"}
    project = make_project(scratch, "stand-in", _as_yaml(data))
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
    words = ["{python}", "-m", "bench.cold_wasm", wasm, defaults["run"]["call"], *defaults["run"]["args"]]
    data["defaults"] |= {"run": words, "warm": False, "artifact": wasm}
    path.write_text(_as_yaml(data))
    cold.do(*longpole("render"))
    return cold
