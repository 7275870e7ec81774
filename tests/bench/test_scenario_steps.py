"""The benchmark of a scenario's steps measures each way once a round."""

from pathlib import Path

import pytest

from bench import scenario_steps
from bench.measure import Conditions, Rounds


def test_it_measures_each_way_once_a_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_steps, "QUICK", 1)
    result = scenario_steps.measure(Conditions(tmp_path, None, True, Rounds(2), lambda _: None))
    assert [len(figure.values) for figure in result.figures] == [2, 2, 2, 2, 2]
    assert all(value > 0 for figure in result.figures[3:] for value in figure.values)
