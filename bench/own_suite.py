"""This project's own tests, four ways in turn: pytest, `pytest -n2`, and the two forks of `tests.yaml`, cold and warm.

    python -m bench.own_suite [--rounds 3] [PYTEST ARGUMENTS...]

Without arguments the fast tests run. All ways must run the same tests by name with the same outcome; their times are
printed, and how they compare with `pytest -n2` of the same round. The exit status is 1 if the tests differ.
"""

import ast
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest
import yaml

from longpole.rts_tests.contracts.cases import cases_in

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "tests.yaml"
FAST = ("-m", "not slow")
SAME_EXAMPLES = "--hypothesis-seed=0"
"""All ways try the same inputs: otherwise one of them may find a failure that another does not."""
FORKS = 2
_TOLD_IN = "OWN_SUITE_OUTCOMES"
_WORST = ("failed", "error", "skipped", "passed")

Outcomes = Mapping[str, str]
"""Test to outcome, by `file::name`."""


class Outcome:
    """A plugin of pytest that writes the outcome of each test, one a line, as the reports of its phases arrive."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._write = os.write  # a test may replace what it likes

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a phase adds to the outcome of its test."""
        outcome = report.outcome if report.when == "call" or report.outcome != "failed" else "error"
        self._write(self._file, f"{outcome} {report.nodeid!r}\n".encode())


def pytest_configure(config: pytest.Config) -> None:
    """Note outcomes where that is wanted, in the process that hears of all of them."""
    path = os.environ.get(_TOLD_IN)
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcome(path))


@dataclass(frozen=True)
class Way:
    """A way to run the tests; `run` returns their outcomes."""

    name: str
    run: Callable[[], Outcomes]


def by_pytest(arguments: Sequence[str], *own: str) -> Outcomes:
    """Run pytest by itself."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "outcomes"
        path.touch()
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "bench.own_suite", *own, *arguments]
        environ = {**os.environ, _TOLD_IN: str(path)}
        subprocess.run(argv, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, check=False)
        rows = [line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    found: dict[str, str] = {}
    for outcome, quoted in rows:
        name = ast.literal_eval(quoted)
        found[name] = min(outcome, found.get(name, "passed"), key=_WORST.index)
    return found


def by_forks(suite: str, state: Path, **variables: str) -> Outcomes:
    """Run `suite`, with runs and history in `state`."""
    environ = {**os.environ, "LONGPOLE_STATE": os.path.relpath(state, ROOT), **variables}
    makefile = f"{Path(suite).stem}.mk"
    command = [sys.executable, "-m", "longpole", "render", "-q", "--suite", suite, "-o", makefile]
    subprocess.run(command, cwd=ROOT, env=environ, check=True)
    make = ["make", "-f", makefile, f"-j{FORKS}", "test"]
    subprocess.run(make, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    run = max((state / "runs").iterdir())
    records = [json.loads(line) for line in (run / "records.jsonl").read_text().splitlines()]
    cases = [case for record in records if "id" in record for case in cases_in(record.get("cases", []))]
    return {f"{case.class_name}::{case.name}": str(case.status) for case in cases if case.name}


def write_suite(path: Path, arguments: Sequence[str]) -> None:
    """Write the suite of `tests.yaml` with one variant, whose tests are those that pytest runs with these arguments."""
    suite = yaml.safe_load(SUITE.read_text(encoding="utf-8"))
    suite["variants"] = {"own": {"args": [word.replace("{", "{{").replace("}", "}}") for word in arguments]}}
    path.write_text(json.dumps(suite))


def difference(expected: Outcomes, found: Outcomes) -> list[str]:
    """What differs, one line each, the first ten."""
    names = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    return [f"  {name}: {expected.get(name, 'no such test')} -> {found.get(name, 'no such test')}" for name in names][
        :10
    ]


def cpu_s() -> float:
    """The CPU time of all processes that have been waited for, in seconds; unlike wall time, also on a busy machine."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def column(measured: Sequence[float], reference: Sequence[float]) -> str:
    """The median, and the median ratio to the reference of the same round."""
    ratios = [one / other for one, other in zip(measured, reference, strict=True)]
    return f"{median(measured):8.1f} s {median(ratios):7.2f}"


def main(argv: Sequence[str]) -> int:
    """Measure; return the exit status."""
    rounds, words = (int(argv[1]), argv[2:]) if argv[:1] == ["--rounds"] else (1, argv)
    arguments = [*(words or FAST), SAME_EXAMPLES]
    suite, state = ROOT / "own-suite.yaml", ROOT / ".longpole" / "own-suite"
    write_suite(suite, arguments)
    ways = [
        Way("pytest", lambda: by_pytest(arguments, "-n0")),
        Way("pytest -n2", lambda: by_pytest(arguments, f"-n{FORKS}", "--dist=loadgroup")),
        Way("2 forks, cold", lambda: by_forks(suite.name, state, WARM="0")),
        Way("2 forks, warm", lambda: by_forks(suite.name, state, WARM="1")),
    ]
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    cpu: dict[str, list[float]] = {way.name: [] for way in ways}
    same = True
    try:
        for number in range(rounds):
            expected: Outcomes = {}
            for way in ways:
                begun, used = time.perf_counter(), cpu_s()
                found = way.run()
                took, used = time.perf_counter() - begun, cpu_s() - used
                seconds[way.name].append(took)
                cpu[way.name].append(used)
                expected = expected or found
                print(
                    f"round {number + 1}: {way.name}: {took:.1f} s, {used:.1f} s of CPU, {len(found)} tests", flush=True
                )
                if lines := difference(expected, found):
                    same = False
                    print("\n".join([f"not as with {ways[0].name}:", *lines]), flush=True)
    finally:
        for path in (suite, suite.with_suffix(".mk")):
            path.unlink(missing_ok=True)
        shutil.rmtree(state, ignore_errors=True)
    print(f"{'median':14} {'wall':>8}    of -n2 {'CPU':>8}    of -n2")
    for name in seconds:
        columns = [column(each[name], each["pytest -n2"]) for each in (seconds, cpu)]
        print(f"{name:14} {'  '.join(columns)}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
