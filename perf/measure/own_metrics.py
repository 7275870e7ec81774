"""Metrics that a program measures itself, and prints as JSON.

{"throughput": {"value": 1250, "lower_is_better": false}, "parse": {"value": 0.12, "unit": "s"}, "nodes": 2817}
"""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from longpole.perf.model import Metric, Text, Unit
from longpole.rts_tests.contracts.files import parse_json

RESERVED = ("time", "cold", "cpu", "memory", "size")
"""The metrics that Longpole measures."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a metric of the program's own."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    value: float
    unit: Unit = "1"
    lower_is_better: bool = True


_VALUES = TypeAdapter(
    Annotated[dict[Text, Value | float], Field(max_length=1000)],
    config=ConfigDict(strict=True, allow_inf_nan=False),
)


def parse(output: bytes) -> dict[str, Value]:
    """The values in the standard output of an execution. Raises `ValueError` with a message if it is anything else."""
    try:
        parse_json(output)  # it says what is wrong with a text that is no JSON
        values = _VALUES.validate_json(output)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in details["loc"][:1])
        raise ValueError(f"metrics on standard output: {place[:200]}: {details['msg']}") from None
    except ValueError as error:
        raise ValueError(f"standard output is not the JSON of `metrics: stdout`: {error}") from None
    for name in values.keys() & RESERVED:
        raise ValueError(f"metrics on standard output: `{name}` is measured by Longpole; choose another name")
    return {name: value if isinstance(value, Value) else Value(value) for name, value in values.items()}


@dataclass(slots=True)
class Collected:
    """The values of several executions, by the names of their metrics."""

    values: dict[str, list[Value]] = field(default_factory=dict)

    def add(self, values: dict[str, Value]) -> None:
        """Add those of one execution."""
        for name, value in values.items():
            self.values.setdefault(name, []).append(value)

    def metrics(self) -> dict[str, Metric]:
        """A metric of each name; unit and direction are those of its last value."""
        return {
            name: Metric.of(
                values[-1].unit,
                tuple(each.value for each in values),
                lower_is_better=values[-1].lower_is_better,
            )
            for name, values in self.values.items()
        }
