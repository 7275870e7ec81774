"""`scenario-files`: the CPU time of reading a corpus of scenarios, by the parser and from the cache."""

import os
import time
from pathlib import Path

from bench import budgets
from bench.measure import Conditions
from bench.result import Figure, Result
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.discover import discover
from longpole.rts_tests.scenario.fixtures import Fixtures

FILES = 855
QUICK = 100
STEPS = (3, 4, 4, 5, 6)
"""Steps of a file, in turn: 4.4 in the mean."""
OF_GROUP = 20
FIXTURES = 4


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    count, rounds = (QUICK if conditions.quick else FILES), conditions.rounds.most
    folder = conditions.scratch / "scenarios"
    write_corpus(folder, count)
    cache = conditions.scratch / "cache"
    cold, warm = [], []
    conditions.say(f"{count} files")
    read_corpus(folder, None)  # imports the loader of YAML
    for _ in range(rounds):
        cache.unlink(missing_ok=True)
        cold.append(read_corpus(folder, cache))
        warm.append(read_corpus(folder, cache))
    budget = (None, None) if conditions.quick else (budgets.SCENARIOS_COLD_S, budgets.SCENARIOS_WARM_S)
    figures = (
        Figure(f"{count} scenarios, parsed and kept, CPU", tuple(cold), "s", budget[0]),
        Figure(f"{count} scenarios, from the cache, CPU", tuple(warm), "s", budget[1]),
    )
    return Result("scenario-files", (), figures)


def read_corpus(folder: Path, cache: Path | None) -> float:
    """The CPU seconds of finding and reading all scenarios, and of saving the cache if there is anything new."""
    begun = time.process_time()
    kept, fixtures = Cache(os.fspath(cache) if cache else None), Fixtures(os.fspath(folder / "fixtures"))
    for found in discover(os.fspath(folder)):
        with open(found.path, "rb") as file:
            kept.scenario(file.read(), found.path, fixtures, strict=True)
    kept.save()
    return time.process_time() - begun


def write_corpus(folder: Path, count: int) -> None:
    """Write that many scenarios in groups, most of them with repositories from fixtures."""
    repos = folder / "fixtures" / "repos"
    repos.mkdir(parents=True)
    for number in range(FIXTURES):
        (repos / f"fixture-{number}.yml").write_text(_branches("") + f"# {number}\n")
    for number in range(count):
        path = folder / f"group-{number // OF_GROUP}" / f"scenario-{number}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(scenario_of(number))


def scenario_of(number: int) -> str:
    """One scenario; equal numbers give equal texts."""
    steps = "".join(_step(number, step) for step in range(STEPS[number % len(STEPS)]))
    if number % 4:
        repository = f"  - name: my-repo\n    use_fixture: fixture-{number % FIXTURES}\n"
    else:
        repository = f"  - name: my-repo\n    default_branch: main\n{_branches('    ')}"
    words = f"  What scenario {number} is about,\n  in two lines of text.\n"
    return f"name: Scenario {number} clones and looks\ndescription: |\n{words}\nrepos:\n{repository}\nsteps:\n{steps}"


def _branches(indent: str) -> str:
    lines = ["branches:"]
    for name in ("main", "develop", "feature/one"):
        lines += [f"  - name: {name}", "    files:", f"      - path: {name}.txt", "        content: |"]
        lines += [f"          # {{{{NAME}}}} on {name}", "    commits:", f'      - message: "Add {name}"']
    return "".join(f"{indent}{line}\n" for line in lines)


def _step(number: int, step: int) -> str:
    lines = [f"- name: Step {step} clones and looks", f"  run: git clone $REMOTE_MY_REPO clone-{step} 2>&1"]
    lines += [f'  cwd: "$WORK_DIR/{step}"'] if (number + step) % 2 else []
    lines += ["  expect:", "    exit_code: 0"]
    if (number + step) % 5 == 0:
        lines += ["    dirs_exist:", '      - "$WORK_DIR/my-repo"', f'      - "$WORK_DIR/my-repo/{step}"']
    if (number + step) % 3 == 0:
        lines += ["    output_contains:", '      - "Cloning into"', f'      - "done {number}"']
    if (number + step) % 20 == 0:
        lines += ["    file_contains:", f'      - path: "$WORK_DIR/{step}/README.md"', '        content: "Hello"']
    return "".join(f"  {line}\n" for line in lines) + "\n"
