"""`results`: the CPU time of reading the cases of one unit: TAP while it is printed, JUnit XML at the end."""

import gc
import time
from collections.abc import Callable
from pathlib import Path

from bench import budgets
from bench.measure import Conditions
from bench.result import Figure, Result
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.junit import JunitReader
from longpole.rts_tests.results.tap import TapReader
from longpole.rts_tests.results.told import End, Reader

CASES = 200_000
QUICK = 10_000
FAILS = 100
"""One in so many cases fails."""
OF_CLASS = 100
READ = 65536
"""Bytes that the supervisor reads at once."""


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    count, rounds = (QUICK if conditions.quick else CASES), conditions.rounds.most
    folder = conditions.scratch / "results"
    folder.mkdir()
    (folder / "junit.xml").write_text(junit_of(count))
    figures = []
    for name, reader, output in (
        ("TAP", TapReader, tap_of(count, yaml=False)),
        ("TAP with durations", TapReader, tap_of(count, yaml=True)),
        ("JUnit XML", lambda: JunitReader("*.xml"), b""),
    ):
        conditions.say(name)
        read, ended = zip(*(_seconds(reader, output, folder, count) for _ in range(rounds)), strict=True)
        if output:
            figures.append(Figure(f"{count:,} cases of {name}, while they are printed, CPU", read, "s"))
        budget = None if conditions.quick else budgets.RESULTS_S
        figures.append(Figure(f"{count:,} cases of {name}, at the end of the unit, CPU", ended, "s", budget))
    return Result("results", (), tuple(figures))


def _seconds(make: Callable[[], Reader], output: bytes, folder: Path, count: int) -> tuple[float, float]:
    """The CPU seconds of reading the output, and then of the end."""
    gc.collect()
    gc.disable()  # as in the supervisor
    try:
        begun = time.process_time()
        reader = make()
        for at in range(0, len(output), READ):
            reader.feed(output[at : at + READ])
        printed = time.process_time()
        told = reader.finish(End(Status.PASSED, 0, str(folder)))
        ended = time.process_time()
    finally:
        gc.enable()
    assert len(told.cases) == count
    return printed - begun, ended - printed


def tap_of(count: int, *, yaml: bool) -> bytes:
    """That many tests; with `yaml` each has a duration, as Node writes it."""
    below = "  ---\n  duration_ms: 0.5\n  ...\n" if yaml else ""
    lines = (
        f"{'not ok' if number % FAILS == 0 else 'ok'} {number} - does something useful, part {number}\n{below}"
        for number in range(1, count + 1)
    )
    return f"{''.join(lines)}1..{count}\n".encode()


def junit_of(count: int) -> str:
    """That many cases, in suites of `OF_CLASS` of them."""
    suites = []
    for first in range(0, count, OF_CLASS):
        of = f"com.example.Behaviour{first}Test"
        cases = (_case(of, number) for number in range(first, min(first + OF_CLASS, count)))
        suites.append(f'<testsuite name="{of}" tests="{OF_CLASS}" failures="1">\n{"".join(cases)}</testsuite>\n')
    return f"<testsuites>\n{''.join(suites)}</testsuites>\n"


def _case(of: str, number: int) -> str:
    trace = "\tat com.example.Behaviour.does(Behaviour.java:17)\n" * 10
    inside = f'><failure message="expected" type="Error">{trace}</failure></testcase' if number % FAILS == 0 else "/"
    return f'  <testcase classname="{of}" name="does_something_{number}(int)" time="0.0{number % 10}"{inside}>\n'
