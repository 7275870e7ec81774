"""Results for tests: hypothesis strategies, and one small result to vary."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from longpole.perf.model import Benchmark, Failure, Metric, Result, Skip

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
PLATFORMS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
SHAS = st.from_regex(r"[0-9a-f]{40}|[0-9a-f]{64}", fullmatch=True)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))
METRICS = st.builds(
    Metric,
    st.sampled_from(["s", "B", "1"]),
    NUMBERS,
    st.none() | NUMBERS.map(abs),
    st.integers(1, 1000),
    st.lists(NUMBERS, max_size=5).map(tuple),
    st.booleans(),
)
BENCHMARKS = st.builds(Benchmark, TEXTS, st.dictionaries(TEXTS, METRICS, max_size=3))
FAILURES = st.builds(Failure, TEXTS, st.text(max_size=50))
RESULTS = st.builds(
    Result,
    platform=PLATFORMS,
    commit=SHAS,
    measured_at=TIMES,
    benchmarks=st.lists(BENCHMARKS, max_size=3, unique_by=lambda each: each.name).map(tuple),
    failures=st.lists(FAILURES, min_size=1, max_size=2).map(tuple),
    reason=st.none() | TEXTS,
    tool=st.none() | TEXTS,
    machine=st.dictionaries(TEXTS, TEXTS, max_size=3),
    reference=st.none() | METRICS,
    seed=st.none() | st.integers(0, 2**32),
)
SKIPS = st.builds(Skip, PLATFORMS, SHAS, TIMES, TEXTS, st.none() | st.integers(0, 10**6), st.none() | TEXTS)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
RESULT = Result(
    "x86-64-linux",
    COMMIT,
    datetime(2026, 4, 20, 20, 27, 37, tzinfo=UTC),
    (Benchmark("parse", {"time": Metric.of("s", (0.5, 0.25, 0.75))}),),
)


def result(**changes: object) -> Result:
    """`RESULT`, with other fields."""
    return replace(RESULT, **changes)  # type: ignore[arg-type]
