"""Numbers as the page's data have them: whole numbers of a power of ten, because these are short and exact."""

import math
from collections.abc import Sequence

DIGITS = 6
"""The significant digits that the smallest number keeps."""
MAX_WHOLE = 2**53
"""Up to this, JavaScript's numbers are exact."""
_EXPONENT = 15
"""Ten to this power is below `MAX_WHOLE`."""
_MOST = 300
"""Powers of ten beyond are at the limits of floating point."""


def decimals(values: Sequence[float | None]) -> int:
    """The decimal places that keep `DIGITS` digits of the smallest value; negative for numbers that are huge.

    They are fewer if the greatest value would not be exact in JavaScript then. 0 if all values are whole numbers that
    are exact there: sizes in bytes are not rounded.
    """
    sizes = [abs(value) for value in values if value]
    if not sizes or (max(sizes) <= MAX_WHOLE and all(float(size).is_integer() for size in sizes)):
        return 0
    wanted = DIGITS - 1 - math.floor(math.log10(min(sizes)))
    return min(wanted, _MOST, _EXPONENT - math.ceil(math.log10(max(sizes))))


def column(values: Sequence[float | None]) -> tuple[int, list[int | None]]:
    """Decimal places, and the values times that power of ten, rounded; None where there is no value."""
    places = decimals(values)
    factor = 10.0**places
    return places, [None if value is None else round(value * factor) for value in values]
