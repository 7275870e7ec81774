"""`python -m bench`: run benchmarks and print what they found."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bench import (
    adopt,
    builds,
    cases,
    forks,
    machine,
    overhead,
    page,
    perf_collect,
    perf_detect,
    perf_index,
    perf_ledger,
    perf_page,
    perf_predict,
    perf_run,
    places,
    render,
    report,
    results,
    scenario_files,
    scenario_parts,
    scenario_steps,
    scenarios,
    suite,
    time_left,
    tools,
)
from bench.longpoles import imported_from, python_of
from bench.measure import CannotMeasure, Conditions, Rounds
from bench.result import Result, as_json
from bench.table import result_markdown, result_text
from longpole.rts_tests.machine.file_systems import file_system
from longpole.rts_tests.machine.processes import usable_cores


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What it measures; how, which may raise `CannotMeasure`; in how many rounds, and how many seconds they take."""

    what: str
    measure: Callable[[Conditions], Result]
    rounds: Rounds
    takes_s: float
    quick_s: float
    compares: bool = False
    """Whether it can measure another checkout beside this one."""


BENCHMARKS: dict[str, Benchmark] = {
    "suite": Benchmark(
        "the makespan of the runtime's suite against other orders and runners", suite.measure, Rounds(5, 560), 700, 35
    ),
    "overhead": Benchmark(
        "what a unit, a run and a command cost against other runners",
        overhead.measure,
        Rounds(5, 400),
        320,
        60,
        compares=True,
    ),
    "builds": Benchmark(
        "the makespan of a suite with builds of 1 s and 20 s", builds.measure, Rounds(3, 120), 130, 10, compares=True
    ),
    "forks": Benchmark("what a class costs in a fork", forks.measure, Rounds(5, 60), 30, 6),
    "render": Benchmark("rendering, and make's decision, for many units", render.measure, Rounds(5, 60), 60, 15),
    "report": Benchmark("the report and the history of many records", report.measure, Rounds(5, 60), 40, 10),
    "time-left": Benchmark("how far off the time left is, over recorded runs", time_left.measure, Rounds(1), 2, 2),
    "perf-detect": Benchmark(
        "false changes, steps that are found, and the time of `longpole perf detect`",
        perf_detect.measure,
        Rounds(1),
        400,
        30,
    ),
    "perf-predict": Benchmark(
        "the makespan that is predicted for 1, 2, 4 and 8 jobs, against measured runs",
        perf_predict.measure,
        Rounds(3),
        200,
        25,
    ),
    "page": Benchmark("report.html of many units, written, and opened in a browser", page.measure, Rounds(5), 40, 10),
    "results": Benchmark("reading the 200,000 cases of one unit", results.measure, Rounds(5, 60), 20, 3),
    "scenario-files": Benchmark(
        "reading 855 scenarios, by the parser and from the cache", scenario_files.measure, Rounds(5, 60), 10, 2
    ),
    "scenario-parts": Benchmark(
        "building and materialising the repository of a scenario", scenario_parts.measure, Rounds(5, 60), 20, 4
    ),
    "scenario-steps": Benchmark(
        "what a step of a scenario costs over its command", scenario_steps.measure, Rounds(5, 60), 15, 2
    ),
    "scenarios": Benchmark("what a scenario costs over its commands", scenarios.measure, Rounds(5, 400), 400, 60),
    "perf-run": Benchmark(
        "the time of a program by `longpole perf run` and by hyperfine", perf_run.measure, Rounds(5), 130, 5
    ),
    "perf-collect": Benchmark(
        "adding 3 results to a branch that has 10,000", perf_collect.measure, Rounds(5, 60), 60, 5
    ),
    "perf-index": Benchmark(
        "the index of 10,000 results of 16 benchmarks: made, brought up to date, asked",
        perf_index.measure,
        Rounds(3),
        150,
        5,
    ),
    "perf-page": Benchmark(
        "the page of 10,000 runs of 16 benchmarks, published, and opened in a browser",
        perf_page.measure,
        Rounds(5),
        120,
        15,
    ),
    "perf-ledger": Benchmark(
        "the ledger of 10,000 commits on 3 platforms, and gates simulated", perf_ledger.measure, Rounds(5, 60), 20, 3
    ),
    "adopt": Benchmark(
        "`make test` of suites that `longpole init` wrote, against the projects' own runners",
        adopt.measure,
        Rounds(3),
        1600,
        90,
    ),
    "cases": Benchmark("a run of 200,000 cases: reports, history, page", cases.measure, Rounds(5, 60), 60, 10),
}

EPILOG = """\
benchmarks:
{benchmarks}

examples:
  make bench                              everything
  python -m bench --quick                 everything, smaller: a look, not a measurement
  python -m bench overhead --repeat 9     one of them, with more rounds
  python -m bench render --json r.json    every sample as JSON, too
  python -m bench adopt DIR...            your own projects, in copies, against their own runners
  python -m bench overhead --against DIR  another checkout's Longpole in the same rounds

Figures beyond their budget are marked `over`; they do not change the exit status.
Exit status: 0; 1 when something could not be measured; 2 for wrong arguments;
130 interrupted.
"""


def _rounds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return int(text)


def _folder(text: str) -> Path:
    if not os.path.isdir(text) or not os.access(text, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder that can be written")
    return Path(text)


def _take_folders(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> None:
    """Behind `adopt`, what is no benchmark is a project's folder: it moves from `names` to `folders`."""
    folders = [name for name in parsed.names if name not in BENCHMARKS] if parsed.names[:1] == ["adopt"] else []
    for text in folders:
        if not os.path.isdir(text):
            parser.error(f"{text!r} is neither a benchmark nor a folder")
    parsed.names = [name for name in parsed.names if name not in folders]
    parsed.folders = [Path(text).absolute() for text in folders]


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    listed = "\n".join(f"  {name:10}{benchmark.what}" for name, benchmark in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure what Longpole costs and saves on this machine, as ratios within one run.",
        epilog=EPILOG.format(benchmarks=listed),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer units and one round: a look, not a measurement")
    parser.add_argument("--repeat", type=_rounds, metavar="N", help="rounds that count (default: 5; quick: 1)")
    parser.add_argument(
        "--scratch",
        type=_folder,
        metavar="DIR",
        help="where the projects are that are measured (default: in memory where there is room, else TMPDIR)",
    )
    parser.add_argument(
        "--disk",
        type=_folder,
        metavar="DIR",
        help="where they are once more, on a disk (default: TMPDIR, /var/tmp or the home folder)",
    )
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="another checkout, configured, to measure beside this one"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables to FILE as Markdown as well")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE as well")
    parsed = parser.parse_args(argv)
    _take_folders(parser, parsed)
    for name in parsed.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    comparing = [name for name, benchmark in BENCHMARKS.items() if benchmark.compares]
    if parsed.against is not None and parsed.names not in ([name] for name in comparing):
        parser.error(f"--against is for one benchmark: {' or '.join(comparing)}")
    return parsed


def _say(text: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)


def _measure(name: str, conditions: Conditions) -> Result | None:
    """What one benchmark found; None, and the reason on standard error, when it cannot be measured here."""
    try:
        return BENCHMARKS[name].measure(conditions)
    except CannotMeasure as error:
        _say("")
        print(f"bench: {name} cannot be measured: {error}", file=sys.stderr)
        return None


def _conditions(name: str, arguments: argparse.Namespace, memory: Path, disk: Path | None) -> Conditions:
    """What a benchmark is told: folders of its own in `memory` and on `disk`, and how often to measure."""
    most = arguments.repeat or (1 if arguments.quick else None)
    folders = []
    for place in (memory, disk):
        folders.append(None if place is None else place / name)
        if folders[-1] is not None:
            folders[-1].mkdir()
    scratch, on_disk = folders
    assert scratch is not None
    return Conditions(
        scratch=scratch,
        disk=on_disk,
        quick=arguments.quick,
        rounds=BENCHMARKS[name].rounds if most is None else Rounds(most),
        say=lambda text: _say(f"{name}: {text}"),
        against=None if arguments.against is None else python_of(arguments.against),
        folders=tuple(arguments.folders) if name == "adopt" else (),
    )


def _interrupted(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _temporary(stack: ExitStack, parent: Path) -> Path:
    """A folder that is removed when everything has been measured: what a disk does after removals would be measured.

    The real path: what is rendered mentions paths relative to the folder it is in.
    """
    folder = tempfile.TemporaryDirectory(prefix="longpole-bench-", dir=parent, ignore_cleanup_errors=True)
    return Path(os.path.realpath(stack.enter_context(folder)))


def _about(arguments: argparse.Namespace, memory: Path, disk: Path | None) -> dict[str, str]:
    """What the figures were taken on and with, in the order in which it is printed; may raise `CannotMeasure`."""
    about = machine.description()
    about["runners"] = ", ".join(tools.versions())
    for what, place in (("scratch", memory), ("disk", disk)):
        if place is not None:
            about[what] = f"{place.parent} ({file_system(place) or 'unknown'})"
    if arguments.against is not None:
        about["ours"] = imported_from(sys.executable, memory)
        about["against"] = imported_from(python_of(arguments.against), memory)
    return about


def _minutes(names: Sequence[str], arguments: argparse.Namespace) -> str:
    """How long all of it will take, roughly."""
    seconds = 0.0
    for name in names:
        benchmark = BENCHMARKS[name]
        takes_s = benchmark.quick_s if arguments.quick else benchmark.takes_s
        usual = 1 if arguments.quick else benchmark.rounds.most
        # The round that does not count takes as long as the others.
        seconds += takes_s * ((arguments.repeat or usual) + 1) / (usual + 1)
    if arguments.against is not None:
        seconds *= 1.5
    return f"{max(1, round(seconds / 60))} min"


def main(argv: Sequence[str]) -> int:
    """Run the benchmarks that were named; return the exit status."""
    arguments = _arguments(argv)
    signal.signal(signal.SIGTERM, _interrupted)
    names = [name for name in BENCHMARKS if not arguments.names or name in arguments.names]
    begun = time.monotonic()
    results: list[Result] = []
    with ExitStack() as stack:
        memory = _temporary(stack, arguments.scratch or places.memory())
        on_disk = arguments.disk or places.disk()
        disk = None if on_disk is None else _temporary(stack, on_disk)
        try:
            about = _about(arguments, memory, disk)
        except CannotMeasure as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
        for name, value in about.items():
            print(f"{name + ':':9}{value}")
        if usable_cores() != 2:
            print("         the budgets are for two cores; what runs in parallel runs two at once all the same")
        print(f"         this will take about {_minutes(names, arguments)}", flush=True)
        for name in names:
            result = _measure(name, _conditions(name, arguments, memory, disk))
            _say("")
            if result is not None:
                results.append(result)
                print(f"\n{result_text(result)}", end="", flush=True)
    print(f"\ntook {time.monotonic() - begun:.0f} s")
    written = True
    if arguments.markdown is not None:
        head = "\n".join(f"- {name}: {value}" for name, value in about.items())
        written &= _write(arguments.markdown, "\n\n".join([head, *map(result_markdown, results)]))
    if arguments.json is not None:
        listed = [as_json(result) for result in results]
        data = {"version": 2, "about": about, "quick": arguments.quick, "results": listed}
        written &= _write(arguments.json, json.dumps(data, indent=2) + "\n")
    return 0 if written and len(results) == len(names) else 1


def _write(path: Path, text: str) -> bool:
    """Whether it could be written; why not is said on standard error."""
    try:
        path.write_text(text)
    except OSError as error:
        print(f"bench: {path}: {error.strerror}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nbench: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(141)
