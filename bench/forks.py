"""`forks`: what a class costs in a fork, over the same client without Longpole; and with a queue.

The client is the least that speaks the protocol: it prints what it tells of each class, and runs nothing. So what is
left is listing, distributing, reading, recording, reporting and learning, and the start and the end of the run.
"""

import json
import sys
from pathlib import Path

from bench import budgets
from bench.longpoles import longpoles
from bench.measure import Conditions, Contender, cpu_s, differences, environment, interleaved, jobs, wall_s
from bench.project import make_project
from bench.result import Comparison, Figure, Result

FORKS = 8
QUICK = 200
CASES = 5
"""Cases of each class."""

_CLIENT = f"""
import json, os, sys

def tell(**fields):
    os.write(1, b"@@LONGPOLE@@ " + json.dumps(fields).encode() + b"\\n")

def classes():
    if len(sys.argv) > 1:
        yield from open(sys.argv[1]).read().splitlines()
        return
    queue = os.environ["LONGPOLE_QUEUE"]
    for name in sorted(os.listdir(queue)):
        try:
            claimed = f"{{queue}}/{{name}}.fork-{{os.environ['LONGPOLE_FORK']}}"
            os.rename(f"{{queue}}/{{name}}", claimed) if name.isdigit() else None
        except FileNotFoundError:
            continue
        if name.isdigit():
            yield open(claimed).read().strip()

cases = [dict(name=f"case {{number}}", status="passed", seconds=0.001) for number in range({CASES})]
suites = 0
tell(event="fork_started", version=1, client="bench")
for name in classes():
    tell(event="suite_started", suite=name)
    output = f"a line of {{name}}\\n"
    tell(event="suite_completed", suite=name, status="passed", seconds=0.005, output=output, cases=cases)
    suites += 1
tell(event="fork_completed", suites=suites, cases=dict(passed=suites * {CASES}))
"""


def suite_of(client: Path, listed: Path, *, stealing: bool) -> str:
    """The suite, whose classes are the lines of the file `listed`."""
    run = [sys.executable, "-ES", str(client), *([] if stealing else ["{classes_file}"])]
    forks = {"list": ["cat", str(listed)], "run": run, "max_forks": FORKS, "stealing": stealing}
    return json.dumps({"version": 1, "name": "forks", "variants": {"v": None}, "modules": {"m": {"forks": forks}}})


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found. Raises `CannotMeasure`."""
    count = QUICK if conditions.quick else budgets.CLASSES
    scratch = conditions.scratch
    client, listed = scratch / "client.py", scratch / "classes"
    client.write_text(_CLIENT)
    names = [f"com.example.part{number % 20}.Class{number:04}Test" for number in range(count)]
    listed.write_text("\n".join(names) + "\n")
    for fork in range(FORKS):
        (scratch / f"classes-{fork}").write_text("\n".join(names[fork::FORKS]) + "\n")
    files = " ".join(f"classes-{fork}" for fork in range(FORKS))
    shell = f"printf '%s\\n' {files} | xargs -n 1 -P {jobs()} {sys.executable} -ES client.py >bare.out"
    bare = Contender("the client alone", ["sh", "-c", shell], scratch, environment(scratch))
    contenders, against = [bare], {}
    for side in longpoles(conditions):
        for stealing in (False, True):
            folder = scratch / f"{side.folder}-{'stealing' if stealing else 'static'}"
            folder.mkdir()
            suite = suite_of(client, listed, stealing=stealing)
            project = make_project(folder, "forks", suite, python=side.python)
            name = f"{side.name}{', a queue' if stealing else ''}"
            contenders.append(project.contender(name, "make", f"-j{jobs()}", "test"))
            against[name] = bare.name
    measured = interleaved(contenders, conditions.rounds, scratch, conditions.say)
    figures = []
    for name in against:
        for what, kind, budget in ((wall_s, "wall", budgets.CLASS_MS), (cpu_s, "CPU", None)):
            over = tuple(1000 * each / count for each in differences(measured[name], measured[bare.name], what))
            title = f"{name}: a class over the client alone, {kind}, {count:,} classes in {FORKS} forks"
            figures.append(Figure(title, over, "ms", None if conditions.quick else budget))
    comparison = Comparison(f"{count:,} classes in {FORKS} forks, -j{jobs()}", count, bare.name, measured, against, {})
    return Result("forks", (comparison,), tuple(figures), (), ("start and end of the run are part of it",))
