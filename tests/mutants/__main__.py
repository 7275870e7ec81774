"""`python -m tests.mutants`: break the pure functions, a mistake at a time, and print which of them no test notices.

Of each module a sample is taken, the same every time: all mutants take too long. The status is 1 when fewer than the
wanted share of them was noticed.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.engine import OURS, own_cpu_s, start, warm_up
from tests.mutants.mutate import Mutant, mutants, mutated
from tests.mutants.table import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
WANTED = 0.9
SAMPLE = 40


@dataclass
class Result:
    """Of one module: how many mutants there are, how many were tried, and those that no test noticed."""

    target: Target
    source: str
    total: int
    tried: list[Mutant]
    cpu_s: int
    unnoticed: list[Mutant] = field(default_factory=list)

    @property
    def noticed(self) -> int:
        """How many of those that were tried a test noticed."""
        return len(self.tried) - len(self.unnoticed)


def main() -> int:
    """Try the mutants and print the table; the exit status."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="only modules whose name contains one of these")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="mutants a module, 0 for all (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (default: one a core)")
    arguments = parser.parse_args()
    chosen = [
        each for each in TARGETS if not arguments.modules or any(map(each.module.__contains__, arguments.modules))
    ]
    os.chdir(ROOT)
    warm_up([f"{OURS}.{each.module}" for each in TARGETS])
    begun = time.monotonic()
    results = [_prepare(each, arguments.sample) for each in chosen]
    _try_all(results, arguments.jobs)
    _print(results, time.monotonic() - begun)
    return 0 if _share(results) >= WANTED else 1


def _prepare(target: Target, sample: int) -> Result:
    source = Path(ROOT, *target.module.split(".")).with_suffix(".py").read_text()
    everything = mutants(source, target.only)
    tried = everything
    if sample and len(everything) > sample:
        tried = sorted(random.Random(target.module).sample(everything, sample), key=lambda each: each.line)
    cpu_s = own_cpu_s(f"{OURS}.{target.module}", _files(target))
    return Result(target, source, len(everything), tried, round(5 + 5 * cpu_s))


def _files(target: Target) -> list[Path]:
    return [ROOT / "tests" / name for name in target.tests]


def _try_all(results: Sequence[Result], jobs: int) -> None:
    coming = _all(results)
    running: dict[int, tuple[Result, Mutant]] = {}
    done, number = 0, sum(len(each.tried) for each in results)
    while True:
        while len(running) < jobs and (following := next(coming, None)):
            result, mutant = following
            text = mutated(result.source, mutant)
            pid = start(f"{OURS}.{result.target.module}", text, _files(result.target), result.cpu_s)
            running[pid] = following
        if not running:
            return
        pid, status = os.wait()
        result, mutant = running.pop(pid)
        if status == 0:
            result.unnoticed.append(mutant)
        done += 1
        if sys.stderr.isatty():
            print(f"\r{done} of {number} mutants", end="", file=sys.stderr, flush=True)


def _all(results: Sequence[Result]) -> Iterator[tuple[Result, Mutant]]:
    return ((result, mutant) for result in results for mutant in result.tried)


def _share(results: Sequence[Result]) -> float:
    tried = sum(len(each.tried) for each in results)
    return sum(each.noticed for each in results) / tried if tried else 1.0


def _print(results: Sequence[Result], seconds: float) -> None:
    print(f"{'module':36} mutants  tried  noticed")
    for each in results:
        share = f"{each.noticed / len(each.tried):.0%}" if each.tried else "-"
        print(f"{each.target.module:36} {each.total:7} {len(each.tried):6} {each.noticed:5} {share:>5}")
    for each in results:
        lines = each.source.splitlines()
        for mutant in sorted(each.unnoticed, key=lambda mutant: mutant.line):
            place = f"{each.target.module.replace('.', '/')}.py:{mutant.line}"
            print(f"unnoticed: {place}: {mutant.operator}[{mutant.occurrence}]: {lines[mutant.line - 1].strip()}")
    tried = sum(len(each.tried) for each in results)
    print(f"{tried} mutants in {seconds:.0f} s: {_share(results):.1%} noticed; {WANTED:.0%} are wanted")


if __name__ == "__main__":
    sys.exit(main())
