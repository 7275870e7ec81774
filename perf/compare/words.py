"""Values and changes in words: one format each, for text and Markdown."""

_SCALES = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")),
    "1": ((1.0, ""),),
}


def quantity(value: float, unit: str) -> str:
    """A value of a metric with three significant digits: `12.3 ms`, `4.10 MiB`, `17`."""
    scales = _SCALES[unit]
    factor, name = next((each for each in scales if abs(value) >= each[0] * 0.9995), scales[-1])
    if value == 0:
        factor, name = scales[0] if unit != "B" else scales[-1]
    scaled = value / factor
    if scaled == int(scaled) and abs(scaled) < 1e6 and factor == 1.0 and unit != "s":
        return f"{scaled:.0f} {name}".rstrip()
    digits = max(0, 2 - _magnitude(scaled))
    text = f"{scaled:.{digits}f}" if abs(scaled) < 1e6 else f"{scaled:.3g}"
    return f"{text} {name}".rstrip()


def change(ratio: float) -> str:
    """A ratio as a change: `+13.1 %`, `-4.0 %`, from twice as much on `x 2.13`."""
    if ratio >= 2:
        return f"x {ratio:.3g}"
    return f"{_percent(ratio):+.1f} %"


def interval(low: float, high: float) -> str:
    """An interval of a ratio, as changes: `+11.0 to +15.2 %`, `x 1.98 to x 2.30`."""
    if high >= 2:
        return f"x {low:.3g} to x {high:.3g}"
    return f"{_percent(low):+.1f} to {_percent(high):+.1f} %"


def part(value: float) -> str:
    """A part as per cent: `10 %`, `2.5 %`."""
    return f"{100 * value:.3g} %"


def probability(value: float) -> str:
    """A p-value or q-value: `0.012`, `below 0.001`."""
    return "below 0.001" if value < 0.001 else f"{value:.2g}"


def _percent(ratio: float) -> float:
    return round(100 * (ratio - 1), 1) + 0.0


def _magnitude(value: float) -> int:
    magnitude, least = 0, 9.995
    while abs(value) >= least and magnitude < 6:
        magnitude, least = magnitude + 1, least * 10
    return magnitude
