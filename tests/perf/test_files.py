"""Result files: what is written is read again, and what no result file may be is refused."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from longpole.perf.files import MAX_BYTES, NewerVersion, place_of, read, to_bytes, write
from longpole.perf.model import Benchmark, Failure, Metric, Result, Skip
from longpole.perf.schema import json_schema
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.results import COMMIT, RESULT, RESULTS, SKIPS, result
from tests.project import REPOSITORY

SCHEMA = Draft202012Validator(json.loads(json_schema()))


def test_the_published_schema_is_the_one_that_is_printed() -> None:
    assert (REPOSITORY / "docs/perf-result.schema.json").read_text() == json_schema(), "longpole perf schema > ..."


@given(RESULTS | SKIPS)
def test_what_is_written_is_read_again_and_fits_the_schema(item: Result | Skip) -> None:
    data = to_bytes(item)
    assert read(data, "a file") == item
    assert to_bytes(item) == data
    SCHEMA.validate(json.loads(data))


def test_a_file_is_named_by_its_content_below_its_month() -> None:
    data = to_bytes(RESULT)
    assert place_of(RESULT, data) == f"runs/x86-64-linux/2026/04/{sha256(data).hexdigest()}.json"
    assert data.endswith(b"}\n")
    assert b" " not in data


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = Path(write(RESULT, str(tmp_path / "new" / "folder")))
    assert path == tmp_path / "new" / "folder" / place_of(RESULT, to_bytes(RESULT))
    assert path.read_bytes() == to_bytes(RESULT)
    before = path.stat()
    assert write(RESULT, str(tmp_path / "new" / "folder")) == str(path)
    assert path.stat() == before
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]
    with pytest.raises(UseError, match="name another --out"):
        write(RESULT, str(path))


@given(RESULTS | SKIPS, st.data())
def test_a_canonical_file_is_read_as_any_other(item: Result | Skip, data: st.DataObject) -> None:
    """Both ways of reading agree, also about files of which anything is missing or different."""
    content = json.loads(to_bytes(item))
    name = data.draw(st.sampled_from(sorted(content)))
    value: object = data.draw(st.sampled_from([None, 3, "result", "skip", [], {}, 1e400]))
    for changes in ({}, {name: value}, {"version": 3}):
        other = {key: each for key, each in {**content, **changes}.items() if (key, each) != (name, {})}
        dense = json.dumps(other, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        assert outcome(dense) == outcome(json.dumps(other).encode())


def outcome(data: bytes) -> Result | Skip | str:
    try:
        return read(data, "a file")
    except UseError as error:
        return str(error)


def test_equal_times_of_different_zones_are_equal_files() -> None:
    there = timezone(timedelta(hours=2))
    assert to_bytes(result(measured_at=RESULT.measured_at.astimezone(there))) == to_bytes(RESULT)
    skips = [Skip("p", COMMIT, RESULT.measured_at.astimezone(zone), "why") for zone in (UTC, there)]
    assert len(set(map(to_bytes, skips))) == 1
    with pytest.raises(UseError, match="timezone"):
        to_bytes(result(measured_at=datetime(2026, 4, 20)))


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(to_bytes(RESULT)), **changes}).encode()


METRIC = json.loads(to_bytes(RESULT))["benchmarks"][0]["metrics"]["time"]


def with_metric(**changes: Any) -> bytes:
    return changed(benchmarks=[{"name": "parse", "metrics": {"time": {**METRIC, **changes}}}])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "not a JSON object"),
        (b"{}", "not a result file of version 3"),
        (changed(version=True), "not a result file of version 3"),
        (changed(version=2), "longpole perf import"),
        (changed(kind="other"), "not a result file of version 3"),
        (changed(kind=[]), "not a result file of version 3"),
        (changed(platform="../x"), "platform: String should match pattern"),
        (changed(platform="x\n"), "platform: String should match pattern"),
        (changed(commit="abc"), "commit: String should match pattern"),
        (changed(commit=None), "commit: Input should be a valid string"),
        (changed(measured_at="2026-04-20T20:27:37"), "measured_at: Input should have timezone info"),
        (changed(measured_at=5), "measured_at"),
        (changed(measured_at="0001-01-01T00:00:00+14:00"), "measured_at: Value error, not a time of 1970 to 2200"),
        (changed(measured_at="0999-01-01T00:00:00Z"), "measured_at: Value error, not a time of 1970 to 2200"),
        (changed(unknown=1), "unknown: "),
        (changed(reason="a\x1b[31m"), "not printable"),
        (changed(seed=-1), "seed: "),
        (changed(benchmarks=[]), "neither benchmarks nor failures"),
        (changed(benchmarks=[{"name": "a", "metrics": {}}] * 2), "benchmark 'a' occurs twice"),
        (with_metric(mean="1"), "benchmarks[0].metrics.time.mean: Input should be a valid number"),
        (with_metric(mean=True), "benchmarks[0].metrics.time.mean"),
        (with_metric(deviation=-1), "benchmarks[0].metrics.time.deviation"),
        (with_metric(count=0), "benchmarks[0].metrics.time.count"),
        (with_metric(unit="ms"), "benchmarks[0].metrics.time.unit"),
        (with_metric().replace(b'"mean": 0.5', b'"mean": NaN'), "not JSON"),
        (with_metric().replace(b'"mean": 0.5', b'"mean": 1e999'), "finite"),
        (b" " * (MAX_BYTES + 1), "larger than 16 MiB"),
    ],
)
def test_what_is_refused_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(UseError) as error:
        read(data, "runs/x.json")
    assert str(error.value).startswith("runs/x.json: ")
    assert message in str(error.value)


def test_a_later_version_is_told_apart() -> None:
    with pytest.raises(NewerVersion, match="of version 4; this Longpole reads version 3"):
        read(changed(version=4, anything="else"), "x.json")


def test_what_could_not_be_read_is_not_written() -> None:
    twice = (Benchmark("a", {}), Benchmark("a", {}))
    infinite = (Benchmark("a", {"time": Metric("s", float("inf"))}),)
    surrogate = (Failure("a", "\udc80"),)
    for changes in (
        {"benchmarks": twice},
        {"platform": "a/b"},
        {"benchmarks": ()},
        {"benchmarks": infinite},
        {"failures": surrogate},
        {"measured_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
    ):
        with pytest.raises(UseError, match=r"^result of 0123456789ab on "):
            to_bytes(result(**changes))


def test_a_metric_of_samples() -> None:
    assert Metric.of("s", (1.0, 3.0)) == Metric("s", 2.0, 2**0.5, 2, (1.0, 3.0))
    assert Metric.of("B", (7.0,)) == Metric("B", 7.0, None, 1, (7.0,))
