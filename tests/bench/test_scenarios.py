"""The runners that `scenarios` compares all run the same scenarios, and these pass."""

from pathlib import Path

import pytest

from bench import plain_scenarios, scenarios
from bench.measure import Contender, environment, once

COUNT = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {f"s{number}": scenarios.scenario_of(number) for number in range(COUNT)}
    return scenarios._project(tmp_path, "p", texts).folder


def test_the_plain_runner_passes_them_and_sees_a_failure(folder: Path) -> None:
    its = folder / "scenarios"
    assert plain_scenarios.main(str(its), str(its / "fixtures"), "2") == 0
    one = its / "group-0" / "s1.yml"
    one.write_text(one.read_text().replace("branch: topic-1", "branch: main"))
    assert plain_scenarios.main(str(its), str(its / "fixtures"), "2") == 1


def test_longpole_passes_them(folder: Path, tmp_path: Path) -> None:
    once(Contender("make", ("make", "test"), folder, environment(tmp_path)), tmp_path / "output")
    assert "3 passed" in (tmp_path / "output").read_text()


def test_the_floor_runs_their_commands_as_often_as_it_is_asked(tmp_path: Path) -> None:
    floor = scenarios._Floor(tmp_path / "floor", COUNT)
    for _ in range(2):
        once(floor.contender(2), tmp_path / "output")
        assert (tmp_path / "output").read_text().count("Change") == 2 * COUNT
