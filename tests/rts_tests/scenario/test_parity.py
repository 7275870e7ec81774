"""The product and the reference interpreter come to the same verdicts, step by step, of 200 random scenarios."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from longpole.rts_tests.scenario.model import Settings
from tests.project import Project
from tests.rts_tests.scenario import product, reference
from tests.rts_tests.scenario.generator import generate
from tests.rts_tests.scenario.reference import StepVerdict

BATCH = 10
SEEDS = range(0, 200, BATCH)
GITCONFIG = "[test]\n\tkey = value of the configuration\n"


def task(folder: Path, seed: int) -> product.Task:
    generated = generate(seed)
    path = generated.write(folder / str(seed))
    settings = Settings(
        str(path.parent),
        str(path.parent / "fixtures"),
        strict=generated.strict,
        env={"LC_ALL": "C", "TERM": "dumb"},
        identity=("Some Body", "body@example.com"),
        gitconfig=GITCONFIG,
        home="sandbox",
        object_format=generated.object_format,
    )
    return path, settings, path.parent


_OF_THIS_RUN = re.compile(r"\b[0-9a-f]{7,12}\b|(?<=line 1: )[0-9 ]+(?=Killed)")
"""Short names of commits, in which there are dates, and numbers of processes."""


def comparable(verdicts: tuple[StepVerdict, ...]) -> list[StepVerdict]:
    """Verdicts without what differs from run to run, and without the words for why a step could not be started."""
    outputs = ["" if verdict.exit_code is None else _OF_THIS_RUN.sub("...", verdict.output) for verdict in verdicts]
    return [replace(verdict, output=output) for verdict, output in zip(verdicts, outputs, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("first", SEEDS)
def test_random_scenarios_have_the_verdicts_of_the_reference(tmp_path: Path, first: int) -> None:
    tasks = [task(tmp_path, seed) for seed in range(first, first + BATCH)]
    expected = [comparable(reference.run(*each)) for each in tasks]
    found = [comparable(verdicts) for verdicts in product.run(tasks)]
    assert dict(enumerate(found, first)) == dict(enumerate(expected, first))


def test_the_environment_of_a_scenario_does_not_replace_path(tmp_path: Path) -> None:
    """Found by random scenarios."""
    path = tmp_path / "scenario.yml"
    steps = [
        {"name": name, "run": run} for name, run in (("kept", "git version"), ("own", "PATH=/nowhere git version"))
    ]
    path.write_text(json.dumps({"name": "x", "env": {"PATH": "/nowhere"}, "steps": steps}))
    own = Settings(str(tmp_path), str(tmp_path / "fixtures"), home="sandbox")
    (found,) = product.run([(path, own, tmp_path)])
    assert [verdict.exit_code for verdict in found] == [0, 127]
    assert list(found) == list(reference.run(path, own, tmp_path))


@pytest.mark.slow
def test_random_scenarios_have_these_verdicts_as_units_of_a_suite(project: Project) -> None:
    """The whole way: found, planned, parsed before the fork, run side by side, recorded step by step."""
    folder = project.root / "scenarios"
    tasks = [task(folder / "work", seed) for seed in range(200, 240)]
    for seed, (path, _settings, parent) in enumerate(tasks, 200):
        path.rename(folder / f"seed-{seed}.yml")
        (parent / "fixtures").mkdir(exist_ok=True)
        shutil.copytree(parent / "fixtures", folder / "fixtures", dirs_exist_ok=True)
    shutil.rmtree(folder / "work")
    scenarios = {"home": "sandbox", "strict": True, "gitconfig": GITCONFIG, "env": {"LC_ALL": "C"}}
    suite = {"version": 1, "name": "random", "variants": {"v": {}}, "scenarios": scenarios}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    project.render()
    done = project.make("-j2", "test", "--keep-going")
    assert "40 units" in done.out
    own = Settings(str(project.root), str(folder / "fixtures"), strict=True, gitconfig=GITCONFIG, home="sandbox")
    own = replace(own, env={"LC_ALL": "C"})
    expected = {f"v/{path.stem}": reference.run(path, own, project.root) for path in folder.glob("*.yml")}
    found = {unit: [case[2] == "passed" for case in record["cases"]] for unit, record in project.records().items()}
    assert found == {unit: [verdict.passed for verdict in verdicts] for unit, verdicts in expected.items()}
    passed = {unit: all(verdict.passed for verdict in verdicts) for unit, verdicts in expected.items()}
    assert {unit: status == "passed" for unit, status in project.statuses().items()} == passed
