"""What `overhead` subtracts from what."""

import pytest

from bench.measure import Measured, Sample
from bench.overhead import SHORT, comparison, per_unit_ms


def _measured() -> Measured:
    return Measured((Sample(1.0, 1.0, 0, None),))


def test_what_one_more_unit_costs_is_a_long_run_less_a_short_one_within_a_round() -> None:
    units = SHORT + 1000
    assert per_unit_ms((1.5, 4.0), (0.5, 1.0), units) == pytest.approx((1.0, 3.0))


def test_each_contender_is_compared_with_the_bare_command_that_it_runs() -> None:
    names = ["bare make", "bare make, the Rust binary", "Longpole", "CTest, JUnit", "nextest, JUnit"]
    apart = ["Longpole: 72 units", "Longpole: list", "bare make: 72 units", "Longpole, cold wasm"]
    nothing_executed = ["Longpole, warm wasm", "pytest, empty functions"]
    on_disk = ["Longpole, on disk", "bare make, on disk", "bare make: 72 units, on disk"]
    made = comparison({name: _measured() for name in [*names, *apart, *nothing_executed, *on_disk]}, 1000)
    assert set(made.measured) == {*names, *nothing_executed}
    assert set(made.on_disk) == {"Longpole", "bare make"}
    assert {name: made.bare.get(name) for name in made.measured} == {
        "bare make": None,
        "bare make, the Rust binary": None,
        "Longpole": "bare make",
        "CTest, JUnit": "bare make",
        "nextest, JUnit": "bare make, the Rust binary",
        "Longpole, warm wasm": None,
        "pytest, empty functions": None,
    }
