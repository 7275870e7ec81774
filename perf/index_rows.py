"""The rows of an index: what a result file becomes, and numbers as they are packed in a row.

A result of 16 benchmarks with 15 metrics each has 240 numbers; a row for each would make the index slow to write and
slow to ask. So a row holds one metric of all benchmarks of a run: means, deviations and counts, one after another. The
*shape* of the row says which benchmarks these are; runs of the same benchmarks share it.
"""

import math
import struct
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longpole.perf.model import Metric, Result

MAX_COUNT = 2**53
"""Larger counts, which nobody has, are this one: it is exact as a float."""
_NAME = attrgetter("name")
_FIELDS = attrgetter("unit", "lower_is_better", "mean", "deviation", "count", "samples")
_AT = struct.Struct("d").unpack_from
_NONE = math.nan
"""Stands for a deviation that is not known: no number in a result file is this one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of the benchmarks of a run. `columns` has (benchmark, unit, whether lower is better) for each number.

    `lengths` are the numbers of samples of each benchmark, `samples` all of them one after another; both are empty if
    no benchmark has samples.
    """

    metric: str
    columns: tuple[tuple[str, str, bool], ...]
    numbers: bytes
    lengths: bytes = b""
    samples: bytes = b""


def rows_of(result: "Result") -> Iterator[Row]:
    """The rows of a result, a row for each name of a metric."""
    by_name: dict[str, tuple[list[str], list[Metric]]] = {}
    for benchmark in sorted(result.benchmarks, key=_NAME):
        for name, metric in benchmark.metrics.items():
            if name not in by_name:
                by_name[name] = ([], [])
            benchmarks, metrics = by_name[name]
            benchmarks.append(benchmark.name)
            metrics.append(metric)
    for name, (benchmarks, metrics) in by_name.items():
        units, better, means, deviations, counts, samples = zip(*map(_FIELDS, metrics), strict=True)
        if None in deviations:
            deviations = tuple(_NONE if each is None else each for each in deviations)
        if max(counts) > MAX_COUNT:
            counts = tuple(min(each, MAX_COUNT) for each in counts)
        columns = _one(tuple(zip(benchmarks, units, better, strict=True)))
        numbers = array("d", means + deviations + counts).tobytes()
        if any(samples):
            lengths = array("Q", map(len, samples))
            yield Row(name, columns, numbers, lengths.tobytes(), array("d", chain.from_iterable(samples)).tobytes())
        else:
            yield Row(name, columns, numbers)


@lru_cache(maxsize=64)
def _one(columns: tuple[tuple[str, str, bool], ...]) -> tuple[tuple[str, str, bool], ...]:
    """The same columns as one object: runs of the same benchmarks have equal ones, and workers send an object once."""
    return columns


def pack_ids(ids: Iterable[int]) -> bytes:
    """The columns of a shape, as they are stored."""
    return array("Q", ids).tobytes()


def unpack_ids(data: bytes) -> list[int]:
    """The columns of a shape."""
    ids = array("Q")
    ids.frombytes(data)
    return ids.tolist()


def means(numbers: bytes) -> list[float | None]:
    """The means in a row; none of them is None."""
    packed = array("d")
    packed.frombytes(memoryview(numbers)[: len(numbers) // 3])
    return list(packed)


def unpack(numbers: bytes) -> tuple[list[float], list[float | None], list[int]]:
    """The means, deviations and counts in a row."""
    packed = array("d")
    packed.frombytes(numbers)
    size = len(packed) // 3
    deviations = [None if each != each else each for each in packed[size : 2 * size]]  # noqa: PLR0124  quicker than isnan
    return packed[:size].tolist(), deviations, list(map(int, packed[2 * size :]))


def unpack_one(numbers: bytes, position: int) -> tuple[float, float | None, int]:
    """The mean, deviation and count of the benchmark at `position` of a row."""
    size, at = len(numbers) // 3, 8 * position
    (mean,), (deviation,), (count,) = _AT(numbers, at), _AT(numbers, at + size), _AT(numbers, at + 2 * size)
    return mean, None if math.isnan(deviation) else deviation, int(count)


def samples_at(lengths: bytes, samples: bytes, position: int) -> tuple[float, ...]:
    """The samples of the benchmark at `position` of a row."""
    before = unpack_ids(lengths)
    packed = array("d")
    packed.frombytes(samples)
    begin = sum(before[:position])
    return tuple(packed[begin : begin + before[position]])
