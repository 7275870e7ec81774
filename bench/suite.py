"""`suite`: the makespan of this repository's own suite, the runtime in rts/, against other orders and other runners.

The suite and what the checkout has built of the runtime are copied into temporary projects. A module that is split runs
one seed a chunk there, so that a round lasts seconds: as many units, the long poles unchanged. The whole suite follows,
in fewer rounds and by fewer contenders. Building is no part of it; where `make build` has not been run, wasm loops of
the suite's weights stand in.

Other runners execute a cold process a unit in the order of suite.yaml's weights, heaviest first; CTest also in
alphabetical order, and in the order of what it has learnt in the round before.
"""

import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from bench import budgets
from bench.measure import Conditions, Contender, Measured, Rounds, interleaved, jobs, once, wall_s
from bench.project import CHECKOUT, Project, make_project
from bench.result import Comparison, Figure, Result
from bench.tools import Work, runners
from longpole.gen.suite.read import load_suite
from longpole.rts_tests.contracts.record_file import read_records
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.report.summary import Makespan, summarize
from longpole.rts_tests.state.run_folders import find_run

OURS = "Longpole"
HEAVIEST, ALPHABETICAL = ", heaviest first", ", alphabetical"
WHOLE_ROUNDS = 3
"""The most rounds of the whole suite: one takes a minute."""
STAND_IN_SCALE = 0.1
"""Of the suite's weights in seconds, how much a stand-in takes."""
QUICK_SCALE = 0.02


def measure(conditions: Conditions) -> Result:
    """Learn, measure, and return what was found. Raises `CannotMeasure`."""
    scratch = conditions.scratch
    if conditions.quick:
        project, cut = _stand_in(scratch, QUICK_SCALE), ", a stand-in"
        notes = ["--quick runs wasm loops of the suite's weights, scaled down, instead of the runtime"]
    elif not _is_built():
        project, cut = _stand_in(scratch, STAND_IN_SCALE), ", a stand-in"
        notes = ["the runtime is not built (`make build`); wasm loops of the suite's weights were run instead"]
    else:
        project, cut = _runtime(scratch, "one-seed", one_seed=True), ", one seed a chunk"
        notes = ["the whole suite is compared in fewer rounds and with fewer runners: one takes a minute"]
    ours = [
        _test(alphabetical_copy(project), f"{OURS}{ALPHABETICAL}", forget=True),
        _test(_copy(project, "cold"), f"{OURS}, cold units", WARM="0"),
    ]
    parts = [_Part(project, cut, ours, ("CTest", "lit"), ("CTest", "CTest, learnt"), conditions.rounds)]
    if cut == ", one seed a chunk":
        most = min(WHOLE_ROUNDS, conditions.rounds.most)
        whole = _runtime(scratch, "whole", one_seed=False)
        parts.append(_Part(whole, ", the whole of it", [], ("CTest",), (), Rounds(most)))
    comparisons, figures, left_out = [], [], []
    for part in parts:
        comparison, made, missing = _compare(part, conditions)
        comparisons.append(comparison)
        figures += made
        left_out += missing
    return Result("suite", tuple(comparisons), tuple(figures), tuple(left_out), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Part:
    """One form of the suite, and who runs it beside Longpole in its usual order: the last two name other runners."""

    project: Project
    name: str
    ours: Sequence[Contender]
    heaviest_first: Sequence[str]
    alphabetical: Sequence[str]
    rounds: Rounds


def _compare(part: _Part, conditions: Conditions) -> tuple[Comparison, list[Figure], list[str]]:
    """Measure one form of the suite; also returns what is left out, with the reason. Raises `CannotMeasure`."""
    project = part.project
    folder = project.folder.parent / f"{project.folder.name}-runners"
    folder.mkdir()
    commands = commands_of(project)
    heaviest_first = Work([command for _, command in commands], project.folder, project.environ)
    alphabetical = replace(heaviest_first, commands=[command for _, command in sorted(commands)])
    watched = _Watched(project)
    contenders = [watched.contender(OURS), *part.ours]
    left_out = []
    for names, work, suffix in (
        (part.heaviest_first, heaviest_first, HEAVIEST),
        (part.alphabetical, alphabetical, ALPHABETICAL),
    ):
        found, missing = runners(names, work, folder, suffix)
        contenders += [replace(each, name=each.name.replace(f", learnt{suffix}", ", learnt")) for each in found]
        left_out += missing
    measured = interleaved(contenders, part.rounds, conditions.scratch, conditions.say)
    title = f"the suite{part.name}, {len(commands)} units, -j{jobs()}"
    comparison = Comparison(title, len(commands), OURS, measured, {}, {})
    return comparison, _figures(part.name, watched.spans, measured[OURS]), left_out


def _figures(name: str, spans: Sequence[Makespan], ours: Measured) -> list[Figure]:
    """The makespans beside the least possible; the first span is that of the round that does not count."""
    spans = spans[1:]
    bounds = tuple(span.cpu_bound_s for span in spans)
    over = tuple(span.wall_s / span.cpu_bound_s for span in spans)
    whole = tuple(wall / bound for wall, bound in zip(ours.values(wall_s), bounds, strict=True))
    return [
        Figure(f"makespan over the least possible{name}", over, "x", budgets.MAKESPAN),
        Figure(f"all of `make test` over the least possible{name}", whole, "x"),
        Figure(f"least possible: max(total CPU / cores, longest unit){name}", bounds, "s"),
    ]


def commands_of(project: Project) -> list[tuple[str, list[str]]]:
    """Every unit's id and command as `make -n` shows them, in the order in which a first run starts them."""
    output = project.folder.parent / "commands.txt"
    once(project.contender("make -n", "make", "--no-print-directory", "-n", "test"), output)
    lines = [line.rpartition("  # ") for line in output.read_text().splitlines()]
    return [(name, shlex.split(command)) for command, mark, name in lines if mark]


def _test(project: Project, name: str, *, forget: bool = False, **more: str) -> Contender:
    """A run of all units, after forgetting what was learnt if told so."""
    contender = project.contender(name, "make", f"-j{jobs()}", "test", **more)
    history = project.folder / ".longpole" / "history.json"
    return replace(contender, before=lambda: history.unlink(missing_ok=True)) if forget else contender


@dataclass
class _Watched:
    """A project whose every run leaves its makespan here."""

    project: Project
    spans: list[Makespan] = field(default_factory=list)

    def contender(self, name: str) -> Contender:
        return replace(_test(self.project, name), after=lambda: self.spans.append(_last_makespan(self.project)))


def _last_makespan(project: Project) -> Makespan:
    folder = find_run(project.folder / ".longpole", None)
    info = read_run_info(folder)
    return summarize(folder, info, read_records(folder, info)).makespan


def _artifacts() -> list[Path]:
    """Where the suite's artifacts are in the checkout, one a variant, and beside each the wasm that it was made of."""
    suite = load_suite(str(CHECKOUT / "suite.yaml"))
    names = [variant.artifact for variant in suite.variants if variant.artifact is not None]
    return [Path(name).with_suffix(suffix) for name in names for suffix in (".wasm", ".cwasm")]


def _is_built() -> bool:
    return all((CHECKOUT / artifact).is_file() for artifact in _artifacts())


def _runtime(scratch: Path, name: str, *, one_seed: bool) -> Project:
    """The checkout's suite, maybe with one seed a chunk, over copies of what the checkout has built."""
    data = _suite()
    for keys in data["modules"].values():
        if one_seed and keys and "chunks" in keys:
            keys["weight"] = keys.get("weight", 1) * keys["chunks"] / keys["seeds"]
            keys["seeds"] = keys["chunks"]
    project = make_project(scratch, name, _as_yaml(data))
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


def alphabetical_copy(project: Project) -> Project:
    """The same units with equal weights, which are ordered by id while nothing is learnt."""
    copy = _copy(project, "alphabetical")
    path = copy.folder / "suite.yaml"
    data = yaml.safe_load(path.read_text())
    data["modules"] = {
        name: {**(keys or {}), "weight": (keys or {}).get("chunks", 1)} for name, keys in data["modules"].items()
    }
    path.write_text(_as_yaml(data))
    return copy
