"""The ways to make a repository that `scenario-parts` compares make the same one."""

from pathlib import Path

import pytest

from bench import scenario_parts
from bench.measure import Conditions, Rounds
from longpole.rts_tests.scenario import git
from longpole.rts_tests.scenario.repositories import Store
from tests.rts_tests.scenario.plain_git import contents


def test_all_ways_make_the_same_repository(tmp_path: Path) -> None:
    repository = scenario_parts.repository_of(7)
    Store(f"{tmp_path}/store", "sha1", scenario_parts.IDENTITY).materialise(repository, f"{tmp_path}/built")
    git.empty_repository(f"{tmp_path}/skeleton", "sha1")
    scenario_parts._fast_import(f"{tmp_path}/imported", 7, f"{tmp_path}/skeleton")
    scenario_parts._by_commands(f"{tmp_path}/commanded", 7)
    expected = contents(tmp_path / "built")
    assert len([name for name in expected if name.startswith("tree")]) == 5
    assert contents(tmp_path / "imported") == contents(tmp_path / "commanded") == expected


def test_it_measures_each_way_once_a_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_parts, "QUICK", 1)
    result = scenario_parts.measure(Conditions(tmp_path, None, True, Rounds(2), lambda _: None))
    assert [len(figure.values) for figure in result.figures] == [2, 2, 2, 2]
    assert all(value > 0 for figure in result.figures for value in figure.values)
