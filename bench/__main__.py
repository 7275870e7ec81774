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
from pathlib import Path
from typing import NoReturn, Protocol

from bench import machine, overhead, page, render, report, suite
from bench.measure import CannotMeasure, Rounds
from bench.result import Result, as_json
from bench.table import result_text
from longpole.rts_tests.machine.processes import usable_cores

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  what is made in it has a name by chance and is closed to others
_ROOM = 2 << 30


class Measure(Protocol):
    """A benchmark: it works in a folder of its own, and returns what it found."""

    def __call__(self, scratch: Path, *, quick: bool, rounds: Rounds, say: Callable[[str], None]) -> Result:
        """Raises `CannotMeasure`."""


BENCHMARKS: dict[str, tuple[str, Measure, Rounds]] = {
    "suite": ("the makespan of the runtime's suite against other orders and runners", suite.measure, Rounds(3, 170.0)),
    "overhead": ("what a unit and a run cost against other runners", overhead.measure, Rounds(3, 90.0)),
    "render": ("rendering, and make's decision, for many units", render.measure, Rounds(3, 20.0)),
    "report": ("the report and the history of many records", report.measure, Rounds(5, 20.0)),
    "page": ("report.html of many units, written, and opened in a browser", page.measure, Rounds(5, 20.0)),
}
"""What each measures, how, and in how many rounds unless told otherwise: the whole is to last less than six minutes."""

EPILOG = """\
benchmarks:
{benchmarks}

examples:
  make bench                            everything, in five minutes or so
  python -m bench --quick               everything, smaller, in less than one
  python -m bench overhead --repeat 9   one of them, with more rounds
  python -m bench render --json r.json  every sample as JSON, too

Numbers beyond their budget are marked `over`; they do not change the exit status.
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


def _scratch() -> Path:
    """In memory, so that figures do not depend on what a disk did in the minutes before; see docs/performance.md."""
    try:
        free = shutil.disk_usage(_IN_MEMORY).free
    except OSError:
        free = 0
    roomy = free >= _ROOM and os.access(_IN_MEMORY, os.W_OK | os.X_OK)
    return _IN_MEMORY if roomy else Path(tempfile.gettempdir())


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    listed = "\n".join(f"  {name:10}{what}" for name, (what, _, _) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure what Longpole costs and saves on this machine, as ratios within one run.",
        epilog=EPILOG.format(benchmarks=listed),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer units and one round: a look, not a measurement")
    parser.add_argument(
        "--repeat",
        type=_rounds,
        metavar="N",
        help="rounds of every comparison (default: 3 to 5 where time allows; quick: 1)",
    )
    parser.add_argument(
        "--scratch",
        type=_folder,
        metavar="DIR",
        default=None,
        help="where the projects are that are measured (default: in memory where there is room, else TMPDIR)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE as well")
    parsed = parser.parse_args(argv)
    for name in parsed.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    return parsed


def _say(text: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)


def _measure(name: str, arguments: argparse.Namespace) -> Result | None:
    """What one benchmark found; None, and the reason on standard error, when it cannot be measured here."""
    _, measure, usual = BENCHMARKS[name]
    most = arguments.repeat or (1 if arguments.quick else None)
    rounds = usual if most is None else Rounds(most, None)
    prefix = f"longpole-bench-{name}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=arguments.scratch, ignore_cleanup_errors=True) as scratch:
        try:
            # The real path: what is rendered mentions paths relative to the folder it is in.
            folder = Path(os.path.realpath(scratch))
            return measure(folder, quick=arguments.quick, rounds=rounds, say=lambda text: _say(f"{name}: {text}"))
        except CannotMeasure as error:
            _say("")
            print(f"bench: {name} cannot be measured: {error}", file=sys.stderr)
            return None


def _interrupted(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main(argv: Sequence[str]) -> int:
    """Run the benchmarks that were named; return the exit status."""
    arguments = _arguments(argv)
    signal.signal(signal.SIGTERM, _interrupted)
    found: list[Result] = []
    begun = time.monotonic()
    arguments.scratch = arguments.scratch or _scratch()
    about = {**machine.description(), "scratch": str(arguments.scratch)}
    for name, value in about.items():
        print(f"{name + ':':9}{value}")
    if usable_cores() != 2:
        print("         the budgets are for two cores; what runs in parallel runs two at once all the same")
    names = [name for name in BENCHMARKS if not arguments.names or name in arguments.names]
    for name in names:
        result = _measure(name, arguments)
        _say("")
        if result is not None:
            found.append(result)
            print(f"\n{result_text(result)}", end="", flush=True)
    print(f"\ntook {time.monotonic() - begun:.0f} s")
    if arguments.json is not None:
        data = {"version": 1, "about": about, "quick": arguments.quick, "results": [as_json(each) for each in found]}
        try:
            arguments.json.write_text(json.dumps(data, indent=2) + "\n")
        except OSError as error:
            print(f"bench: {arguments.json}: {error.strerror}", file=sys.stderr)
            return 1
    return 0 if len(found) == len(names) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nbench: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(141)
