"""Values and changes in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.compare.words import change, interval, part, probability, quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123, "s", "12.3 ms"),
        (1.0, "s", "1.00 s"),
        (0.9999, "s", "1.00 s"),
        (0.0, "s", "0.00 s"),
        (754.2, "s", "754 s"),
        (3.21e-7, "s", "321 ns"),
        (-0.0123, "s", "-12.3 ms"),
        (0.0, "B", "0 B"),
        (999.0, "B", "999 B"),
        (4096.0, "B", "4.00 KiB"),
        (123456789.0, "B", "118 MiB"),
        (17.0, "1", "17"),
        (0.5, "1", "0.50"),
        (2.5e9, "1", "2.5e+09"),
    ],
)
def test_quantities(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["s", "B", "1"]))
def test_a_quantity_is_short(value: float, unit: str) -> None:
    assert len(quantity(value, unit)) <= 16


def test_changes() -> None:
    assert [change(each) for each in (1.1309, 0.96, 1.0, 0.9999, 2.125)] == [
        "+13.1 %",
        "-4.0 %",
        "+0.0 %",
        "+0.0 %",
        "x 2.12",
    ]
    assert interval(1.1, 1.152) == "+10.0 to +15.2 %"
    assert interval(1.9, 2.3) == "x 1.9 to x 2.3"
    assert (part(0.1), part(0.025)) == ("10 %", "2.5 %")
    assert (probability(0.0001), probability(0.0123)) == ("below 0.001", "0.012")
