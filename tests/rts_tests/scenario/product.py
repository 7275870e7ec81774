"""The product's interpreter as a function like `reference.run`, in a process of its own.

It makes itself the parent of orphans and ends all of its descendants, which a test's process must not do to its own.
`python -m tests.rts_tests.scenario.product` reads tasks from standard input and writes verdicts, as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from longpole.rts_tests.scenario.config import Config, read_config, to_text
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.interpreter import Interpreter, StepResult
from longpole.rts_tests.scenario.model import Settings
from longpole.rts_tests.scenario.parse import parse
from longpole.rts_tests.scenario.repositories import Store
from tests.project import REPOSITORY
from tests.rts_tests.scenario.reference import StepVerdict

Task = tuple[Path, Settings, Path]
"""A scenario's file, its settings, and the folder in which its sandbox is made."""


def run(tasks: Sequence[Task]) -> list[tuple[StepVerdict, ...]]:
    """The verdicts of all steps of each scenario."""
    rows = [[str(path), to_text(Config({"v": settings})), str(parent)] for path, settings, parent in tasks]
    argv = [sys.executable, "-m", __name__]
    done = subprocess.run(argv, cwd=REPOSITORY, input=json.dumps(rows), stdout=subprocess.PIPE, text=True, check=True)
    return [tuple(map(_verdict, row)) for row in json.loads(done.stdout)]


def _verdict(row: dict[str, object]) -> StepVerdict:
    checks = row["checks"]
    assert isinstance(checks, list)
    return StepVerdict(**{**row, "checks": tuple((key, holds) for key, holds in checks)})  # type: ignore[arg-type]


def _run_here(path: str, settings: Settings, parent: str) -> list[StepVerdict]:
    with tempfile.TemporaryDirectory(dir=parent, prefix="product-") as folder:
        scenario = parse(Path(path).read_bytes(), path, Fixtures(settings.fixtures), strict=settings.strict)
        store = Store(f"{folder}/repositories", settings.object_format, settings.identity)
        Path(folder, "unit").mkdir()
        running = Interpreter(scenario, settings, f"{folder}/unit", store, os.environ)
        try:
            running.reset()
            results = [running.run_step(number) for number in range(1, len(scenario.steps) + 1)]
            return [_of(result, running.sandbox.base) for result in results]
        finally:
            running.close()
            assert os.listdir(f"{folder}/unit") == [], "the sandbox was not removed"


def _of(result: StepResult, base: str) -> StepVerdict:
    checks = tuple((each.key, each.failure is None) for each in result.checked)
    if result.outcome.problem is not None:
        return StepVerdict(result.step.name, None, result.outcome.problem, ())
    output = result.outcome.output.replace(base, "[BASE_DIR]")
    verdict = StepVerdict(result.step.name, result.outcome.exit_code, output, checks)
    assert verdict.passed == (result.status == "passed"), (result.status, result.message)
    return verdict


def _main() -> None:
    verdicts = []
    for path, config, parent in json.load(sys.stdin):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(config)
            file.flush()
            settings = read_config(file.name).variants["v"]
        verdicts.append([asdict(verdict) for verdict in _run_here(path, settings, parent)])
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    _main()
