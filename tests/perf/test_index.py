"""The index says what the files say, whatever they are and however it came to know them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.perf.files import MAX_BYTES, place_of, to_bytes
from longpole.perf.index import Index, Point, Run, Summary, Unreadable
from longpole.perf.model import Benchmark, Failure, Metric, Result, Skip
from longpole.perf.sources import FolderSource
from tests.perf.branches import files_of, write
from tests.perf.results import COMMIT, RESULT, RESULTS, SKIPS, result

FEW_NAMES = st.sampled_from(["a", "b", "c"])
ITEMS = st.lists(
    RESULTS | SKIPS | st.builds(result, platform=FEW_NAMES, reason=FEW_NAMES, benchmarks=st.just(RESULT.benchmarks)),
    max_size=6,
    unique_by=to_bytes,
)


def indexed(folder: Path, *items: Result | Skip) -> Index:
    write(folder / "results", files_of(*items))
    (folder / "results").mkdir(exist_ok=True)
    return Index.open(FolderSource(folder / "results"), folder / "state")


def results_of(items: list[Result | Skip]) -> list[Result]:
    """The results in the order of an index."""
    results = [item for item in items if isinstance(item, Result)]
    return sorted(results, key=lambda each: (each.measured_at, place_of(each, to_bytes(each))))


def as_run(item: Result, number: int) -> Run:
    reference = item.reference.mean if item.reference else None
    about = (item.failed, item.reason, item.tool, reference, len(item.benchmarks), dict(item.machine))
    return Run(number, item.platform, item.commit, item.measured_at, place_of(item, to_bytes(item)), *about)


def points_of(results: list[Result], ids: list[int]) -> list[Point]:
    return [
        Point(number, each.name, name, m.mean, m.deviation, m.count, m.unit, m.lower_is_better)
        for number, item in zip(ids, results, strict=True)
        for each in item.benchmarks
        for name, m in each.metrics.items()
    ]


@settings(max_examples=30)
@given(ITEMS)
def test_every_question_is_answered_as_the_files_would(items: list[Result | Skip]) -> None:
    with TemporaryDirectory() as folder:
        index = indexed(Path(folder), *items)
        results = results_of(items)
        ids = [run.id for run in index.runs()]
        assert index.runs() == [as_run(*each) for each in zip(results, ids, strict=True)]
        points = points_of(results, ids)
        assert sorted(index.points(), key=repr) == sorted(points, key=repr)
        assert index.platforms() == sorted({each.platform for each in results})
        assert index.benchmarks() == sorted({each.benchmark for each in points})
        assert index.metrics() == sorted({each.metric for each in points})
        for item, number in zip(results, ids, strict=True):
            for each in item.benchmarks:
                for name, metric in each.metrics.items():
                    assert index.samples(number, each.name, name) == metric.samples
        skips = [item for item in items if isinstance(item, Skip)]
        assert index.skips() == sorted(skips, key=lambda each: (each.decided_at, place_of(each, to_bytes(each))))
        failures = [(run, each) for run, item in zip(index.runs(), results, strict=True) for each in item.failures]
        assert index.failures() == failures
        times = [each.measured_at for each in results]
        counts = (len(results), sum(each.failed for each in results), len(skips), 0)
        version = 3 if items else None
        assert index.summary() == Summary(*counts, min(times, default=None), max(times, default=None), version)


@settings(max_examples=30)
@given(ITEMS)
def test_parts_are_parts_of_the_whole(items: list[Result | Skip]) -> None:
    with TemporaryDirectory() as folder:
        index = indexed(Path(folder), *items)
        runs = {run.id: run for run in index.runs()}
        everything = index.points()
        for platform in [*index.platforms(), "none"]:
            of_platform = [each for each in everything if runs[each.run].platform == platform]
            assert index.points(platform) == of_platform
            assert index.runs(platform) == [run for run in runs.values() if run.platform == platform]
            assert index.benchmarks(platform) == sorted({each.benchmark for each in of_platform})
            assert index.metrics(platform) == sorted({each.metric for each in of_platform})
            assert [run for run, _ in index.failures(platform)] == [
                run for run, _ in index.failures() if run.platform == platform
            ]
            assert index.skips(platform) == [each for each in index.skips() if each.platform == platform]
            for metric in [*index.metrics(platform), "none"]:
                assert index.points(platform, metric=metric) == [each for each in of_platform if each.metric == metric]
            for benchmark in [*index.benchmarks(platform), "none"]:
                of_benchmark = [each for each in of_platform if each.benchmark == benchmark]
                assert index.points(platform, benchmark) == of_benchmark
                assert index.metrics(platform, benchmark) == sorted({each.metric for each in of_benchmark})


@settings(max_examples=30)
@given(ITEMS)
def test_a_table_has_the_means_of_the_points(items: list[Result | Skip]) -> None:
    with TemporaryDirectory() as folder:
        index = indexed(Path(folder), *items)
        for platform in [*index.platforms(), "none"]:
            for metric in [*index.metrics(platform), "none"]:
                points = index.points(platform, metric=metric)
                table = index.table(platform, metric)
                assert list(table.benchmarks) == sorted({each.benchmark for each in points})
                measured = {each.run for each in points}
                assert list(table.runs) == [run for run in index.runs(platform) if run.id in measured]
                means = {(each.run, each.benchmark): each.mean for each in points}
                rows = [[means.get((run.id, name)) for name in table.benchmarks] for run in table.runs]
                assert table.means == rows
                latest = {each.benchmark: (each.unit, each.lower_is_better) for each in points}
                columns = zip(table.units, table.lower_is_better, strict=True)
                assert dict(zip(table.benchmarks, columns, strict=True)) == latest


def test_runs_of_a_time(tmp_path: Path) -> None:
    day = [datetime(2026, 4, number, tzinfo=UTC) for number in range(1, 5)]
    index = indexed(tmp_path, *(result(measured_at=each) for each in day))
    assert [run.measured_at for run in index.runs(since=day[1], until=day[3])] == day[1:3]


def test_a_table_of_runs_with_other_benchmarks(tmp_path: Path) -> None:
    def measured(minute: int, **means: float) -> Result:
        benchmarks = tuple(Benchmark(name, {"time": Metric("s", mean)}) for name, mean in means.items())
        return result(measured_at=RESULT.measured_at + timedelta(minutes=minute), benchmarks=benchmarks)

    table = indexed(tmp_path, measured(1, a=1, c=3), measured(2, b=2), measured(3, c=6, a=4, b=5)).table(
        RESULT.platform, "time"
    )
    assert table.benchmarks == ("a", "b", "c")
    assert table.means == [[1, None, 3], [None, 2, None], [4, 5, 6]]


def test_absurdly_large_numbers_are_bounded(tmp_path: Path) -> None:
    item = result(benchmarks=(Benchmark("a", {"time": Metric("s", 1.0, count=10**30)}),))
    skip = Skip("p", COMMIT, RESULT.measured_at, "why", 10**30)
    index = indexed(tmp_path, item, skip)
    assert [point.count for point in index.points()] == [2**53]
    assert [each.queue_depth for each in index.skips()] == [2**63 - 1]


def test_the_same_result_under_two_names_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "results", {"a.json": to_bytes(RESULT), "b/c.json": to_bytes(RESULT)})
    assert [run.path for run in indexed(tmp_path).runs()] == ["a.json"]


NEWER = to_bytes(RESULT).replace(b'"version":3', b'"version":12')
PLACE = place_of(RESULT, to_bytes(RESULT))


@pytest.mark.parametrize(
    ("path", "data", "why", "is_newer"),
    [
        ("x.json", b"", "not JSON: Expecting value: line 1 column 1 (char 0); name a result file", False),
        ("x.json", b"{}", "not a result file of version 3; convert it with `longpole perf import`", False),
        ("x.json", NEWER, "of version 12; this Longpole reads version 3: install a newer one", True),
        ("x.json", b" " * (MAX_BYTES + 1), "larger than 16 MiB; it is no result file", False),
        (
            PLACE.replace(RESULT.platform, "other"),
            to_bytes(RESULT),
            "its content does not fit its name; remove it",
            False,
        ),
        (PLACE, to_bytes(result(reason="other")), "its content does not fit its name; remove it", False),
        (PLACE.replace("/04/", "/05/"), to_bytes(RESULT), "its content does not fit its name; remove it", False),
    ],
)
def test_what_cannot_be_read_is_said_and_hides_no_other(
    tmp_path: Path, path: str, data: bytes, why: str, is_newer: bool
) -> None:
    write(tmp_path / "results", {path: data})
    index = indexed(tmp_path, result(tool="good"))
    assert index.unreadable() == [Unreadable(path, why, is_newer)]
    assert [run.tool for run in index.runs()] == ["good"]
    assert index.summary().unreadable == 1
    assert index.summary().newest_version == (12 if is_newer else 3)


def test_a_misplaced_copy_does_not_hide_the_file(tmp_path: Path) -> None:
    write(tmp_path / "results", {PLACE.replace("/04/", "/03/"): to_bytes(RESULT)})
    assert [run.path for run in indexed(tmp_path, RESULT).runs()] == [PLACE]


def test_an_evidence_of_failure_is_a_run(tmp_path: Path) -> None:
    failure = Failure("build", "out of memory")
    index = indexed(tmp_path, result(benchmarks=(), failures=(failure,)))
    ((run, found),) = index.failures()
    assert (run.failed, run.benchmarks, found) == (True, 0, failure)
    assert index.points() == []
    assert index.summary().failed == 1
