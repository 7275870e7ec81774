"""The suite whose builds take 1 s and 20 s, and its lower bound."""

from pathlib import Path

from bench.builds import least_s, suite_of
from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import load_suite


def test_the_suite_is_what_the_bound_is_of(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(suite_of(1.0))
    units = make_plan(load_suite(str(tmp_path / "suite.yaml"))).units
    assert len(units) == 30
    assert all(unit.estimate_s == float(unit.module) for unit in units)
    assert sum(unit.estimate_s for unit in units) == 28.0


def test_the_bound_is_that_of_the_slow_build_or_of_all_work() -> None:
    assert least_s(1.0, 2) == 20 + 14 / 2
    assert least_s(1.0, 100) == 20 + 2
    assert least_s(1.0, 1) == 21 + 28
    assert least_s(0.5, 2) == 13.5
