"""What the tools themselves have written: names, units, samples, machines, times and commits are theirs."""

import json
import os
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from longpole.perf.importers.complete import Completer
from longpole.perf.importers.metrics import MAX_SAMPLES
from longpole.perf.model import Failure, Metric
from tests.perf.importers.imported import AT, COMMIT, GIVEN, RECORDED, imported, of_bytes


def document(name: str) -> Any:
    return json.loads((RECORDED / name).read_text())


def test_hyperfine(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "hyperfine.json", completer=GIVEN)
    times = document("hyperfine.json")["results"][0]["times"]
    assert [each.name for each in done.result.benchmarks] == ["sleep 0.01", "sleep 0.02"]
    assert done.metric("sleep 0.01", "time") == Metric("s", fmean(times), stdev(times), 4, tuple(times))
    assert done.metric("sleep 0.01", "cpu").mean == 0.00105125
    assert (done.result.tool, done.result.measured_at, done.result.commit) == ("hyperfine", AT, COMMIT)


def test_hyperfine_summarised_with_memory_and_a_command_twice(tmp_path: Path) -> None:
    row = {"command": "a", "mean": 0.5, "stddev": None, "user": 0.1, "system": 0.2, "memory_usage_byte": [10, 20]}
    data = json.dumps({"results": [row, row, {**row, "command": "a (2)"}]}).encode()
    done = of_bytes(tmp_path, data, "x.json", GIVEN)
    assert [each.name for each in done.result.benchmarks] == ["a", "a (2)", "a (2) (2)"]
    assert done.metric("a", "time") == Metric("s", 0.5)
    assert done.metric("a", "memory") == Metric("B", 15.0, stdev((10, 20)), 2, (10.0, 20.0))


def test_a_file_without_a_time_has_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes((RECORDED / "hyperfine.json").read_bytes())
    os.utime(path, (1_000_000_000, 1_000_000_000.5))
    completer = Completer(platform="p", commit=COMMIT)
    assert imported(tmp_path, path, completer=completer).result.measured_at.isoformat() == "2001-09-09T01:46:40+00:00"


def test_google_benchmark_with_repetitions_and_an_error(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "google-reps.json", completer=GIVEN)
    runs = [each for each in document("google-reps.json")["benchmarks"] if each["run_type"] == "iteration"]
    times = tuple(each["real_time"] / 1e9 for each in runs[:3])
    name = "BM_Copy/8/min_time:0.010"
    assert done.metric(name, "time").samples == times
    assert done.metric(name, "cpu").count == 3
    assert not done.metric(name, "bytes_per_second").lower_is_better
    assert done.metric("BM_N/min_time:0.001/real_time/threads:2", "Foo").mean == 6
    assert done.result.failures == (Failure("BM_Skipped", "no device"),)
    assert done.result.measured_at.isoformat().startswith("2026-11-22T00:")
    assert done.result.machine == {"cpus": "2", "library": "debug"}


def test_google_benchmark_with_aggregates_only(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "google-agg.json", completer=GIVEN)
    by_name = {each.get("aggregate_name"): each for each in document("google-agg.json")["benchmarks"][:4]}
    found = done.metric("BM_Copy/8/min_time:0.010", "time")
    mean, deviation = (by_name[each]["real_time"] / 1e9 for each in ("mean", "stddev"))
    assert found == Metric("s", pytest.approx(mean), pytest.approx(deviation), 3)  # type: ignore[arg-type]


def test_google_benchmark_with_what_is_skipped_or_has_no_name(tmp_path: Path) -> None:
    row = {"name": "a", "real_time": 2, "time_unit": "s"}
    rows = [row, {**row, "name": "b", "skipped": True}]
    done = of_bytes(tmp_path, json.dumps({"context": {}, "benchmarks": rows}).encode(), "x.json", GIVEN)
    assert [each.name for each in done.result.benchmarks] == ["a"]
    assert done.result.failures == ()
    done = of_bytes(tmp_path, json.dumps({"context": {}, "benchmarks": [row, {}]}).encode(), "y.json", GIVEN)
    assert done.messages == (f"{tmp_path}/y.json: a benchmark has no name; correct it, or leave it out",)


def test_an_aggregate_of_google_benchmark_without_a_name_is_left_out(tmp_path: Path) -> None:
    data = document("google-agg.json")
    data["benchmarks"][-1]["aggregate_name"] = []
    assert of_bytes(tmp_path, json.dumps(data).encode(), "x.json", GIVEN).messages == ()


def test_google_benchmark_of_old_and_with_a_context_of_its_own(tmp_path: Path) -> None:
    row = {"name": "BM_Old", "iterations": 3, "real_time": 2, "cpu_time": 1, "time_unit": "ms"}
    context = {"date": "2017/05/10-01:02:03", "commit": COMMIT, "platform": "board"}
    data = json.dumps({"context": context, "benchmarks": [row]}).encode()
    done = of_bytes(tmp_path, data, "x.json")
    assert (done.result.commit, done.result.platform) == (COMMIT, "board")
    assert done.result.measured_at.isoformat() == "2017-05-10T01:02:03+00:00"
    assert done.metric("BM_Old", "time") == Metric("s", 0.002, None, 1, (0.002,))


def test_a_counter_of_google_benchmark_does_not_stand_for_a_time(tmp_path: Path) -> None:
    row = {"name": "a", "run_type": "iteration", "real_time": 2, "cpu_time": 1, "time_unit": "s", "cpu": 7, "time": 8}
    data = json.dumps({"context": {}, "benchmarks": [row]}).encode()
    found = of_bytes(tmp_path, data, "x.json", GIVEN).benchmark("a").metrics
    assert {name: metric.mean for name, metric in found.items()} == {
        "time": 2,
        "cpu": 1,
        "counter:time": 8,
        "counter:cpu": 7,
    }


def test_pyperf(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "pyperf.json", completer=Completer(commit=COMMIT))
    runs = document("pyperf.json")["benchmarks"][0]["runs"]
    values = tuple(value for run in runs for value in run.get("values", ()))
    assert [each.name for each in done.result.benchmarks] == ["sum", "noop"]
    assert done.metric("sum", "time").samples == values
    assert done.metric("sum", "memory").samples == tuple(run["metadata"]["mem_max_rss"] for run in runs[1:])
    assert done.metric("noop", "memory").samples == ()
    assert (done.result.platform, done.result.tool) == ("x86_64-linux", "pyperf 2.10.0")
    assert done.result.measured_at.isoformat() == "2026-11-22T00:24:04.452085+00:00"


def test_pyperf_of_one_benchmark_that_measures_memory(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "pyperf-memory.json", completer=GIVEN)
    assert done.benchmark("command").metrics == {"memory": Metric.of("B", (12767232.0, 12779520.0))}


def test_pytest_benchmark(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "pytest-benchmark.json")
    stats = document("pytest-benchmark.json")["benchmarks"][0]["stats"]
    found = done.metric("test_b.py::test_sum", "time")
    assert (found.mean, found.deviation, found.count) == (stats["mean"], stats["stddev"], stats["rounds"])
    assert found.samples == tuple(stats["data"])
    assert (done.result.platform, done.result.commit) == ("x86_64-linux", "0123456789abcdef0123456789abcdef01234567")
    assert {each.name for each in done.result.benchmarks} >= {"test_b.py::test_p[1]", "test_b.py::test_p[2]"}
    assert done.result.machine["cpu"] == "CPU"


def test_asv(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "asv")
    result = done.result
    names = [each.name for each in result.benchmarks]
    after = " [virtualenv-py3.11-numpy]"
    assert f"b.S.time_sum(1, 'a'){after}" in names
    assert {each for each in names if "track_x" in each} == {
        f"b.S.track_x(1, 'a'){after}",
        f"b.S.track_x(2, 'a'){after}",
    }
    assert [each.name for each in result.failures] == [f"b.S.track_x(2, 'b'){after}", f"b.time_fails{after}"]
    assert done.metric(f"b.peakmem_one{after}", "memory").unit == "B"
    assert done.metric(f"b.S.track_x(2, 'a'){after}", "things") == Metric("1", 6.0)
    assert (result.platform, result.commit[:8]) == ("x86_64-linux", "7b50f56e")
    assert result.measured_at.isoformat() == "2026-11-22T00:24:49.875000+00:00"


def test_asv_of_version_1_without_its_list_of_benchmarks(tmp_path: Path) -> None:
    results = {
        "suite.time_a": 0.5,
        "suite.Time.peakmem_b": {"result": [1024, float("nan")], "params": [["1", "2"]]},
        "suite.track_c": {"result": [7], "params": [], "samples": [[6, 8]]},
    }
    data = json.dumps({"commit_hash": COMMIT, "date": 1776716857000, "params": {}, "results": results}).encode()
    done = of_bytes(tmp_path, data, "x.json", Completer(platform="p"))
    assert done.benchmark("suite.time_a").metrics == {"time": Metric("s", 0.5)}
    assert done.benchmark("suite.Time.peakmem_b(1)").metrics == {"memory": Metric("B", 1024.0)}
    assert done.benchmark("suite.track_c").metrics == {"value": Metric("1", 7.0, stdev((6, 8)), 2, (6.0, 8.0))}
    assert done.result.measured_at == AT


def test_criterion(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "criterion", completer=GIVEN)
    sample = document("criterion/sum 100/new/sample.json")
    samples = tuple(time / count / 1e9 for time, count in zip(sample["times"], sample["iters"], strict=True))
    assert [each.name for each in done.result.benchmarks] == ["group/x/f/10", "sum 100"]
    assert done.metric("sum 100", "time").samples == samples
    assert done.result.measured_at == AT


def test_files_of_criterion_that_are_named_singly_are_one_result(tmp_path: Path) -> None:
    paths = [RECORDED / "criterion" / name / "new/estimates.json" for name in ("sum 100", "group_x/f/10")]
    assert len(imported(tmp_path, *paths, completer=GIVEN).result.benchmarks) == 2


def test_a_file_of_criterion_that_is_missing_leaves_the_others(tmp_path: Path) -> None:
    paths = (RECORDED / "criterion/none/new/estimates.json", RECORDED / "criterion/sum 100/new/estimates.json")
    done = imported(tmp_path, *paths, completer=Completer(platform="p", commit=COMMIT))
    assert len(done.results) == 1
    assert [message.split(": ")[1] for message in done.messages] == [
        "No such file or directory; name a file that can be read"
    ]


def test_estimates_of_criterion_alone(tmp_path: Path) -> None:
    folder = tmp_path / "criterion/mine/new"
    folder.mkdir(parents=True)
    (folder / "estimates.json").write_bytes((RECORDED / "criterion/sum 100/new/estimates.json").read_bytes())
    mean = document("criterion/sum 100/new/estimates.json")["mean"]["point_estimate"]
    done = imported(tmp_path, folder / "estimates.json", completer=GIVEN)
    assert done.metric("mine", "time").mean == mean / 1e9


def test_messages_of_cargo_criterion_are_one_result(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "cargo-criterion.jsonl", completer=GIVEN)
    assert done.metric("norm", "time").samples == (4140 / 1e9, 4200 / 1e9)
    one = (RECORDED / "cargo-criterion.jsonl").read_bytes().splitlines()[0]
    (tmp_path / "alone").mkdir()
    assert of_bytes(tmp_path / "alone", one, "one.json", GIVEN).metric("norm", "time") == done.metric("norm", "time")


def test_a_history_of_github_action_benchmark(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "data.js", completer=Completer(platform="p"))
    assert done.messages == ()
    cargo, pytest_, go, custom = done.results
    assert (cargo.commit, cargo.measured_at) == ("1" * 40, AT)
    assert [(each.name, each.metrics) for each in cargo.benchmarks] == [
        ("bench_fib_10", {"time": Metric("s", 135 / 1e9)}),
        ("bench_fib_20", {"time": Metric("s", 18149 / 1e9)}),
    ]
    assert pytest_.benchmarks[0].metrics == {"time": Metric("s", 1 / 40000, 0.000006, 38523)}
    assert go.benchmarks[0].name == "Go/BenchmarkFib10"
    assert go.benchmarks[0].metrics == {
        "time": Metric("s", 325 / 1e9),
        "bytes": Metric("B", 128.0),
        "allocs/op": Metric("1", 2.0),
    }
    assert [list(each.metrics.items()) for each in custom.benchmarks] == [
        [("Percent", Metric("1", 70.0, lower_is_better=False))],
        [("req/s", Metric("1", 50.5, lower_is_better=False))],
    ]


ENTRY: dict[str, Any] = {"commit": {"id": COMMIT}, "date": 1776716857000, "tool": "catch2"}


def entry(*benches: dict[str, Any]) -> bytes:
    return json.dumps({"entries": {"Benchmark": [{**ENTRY, "benches": benches}]}}).encode()


@pytest.mark.parametrize("text", ["± 1.5", "+/- 1.5", "+- 1.5"])
def test_the_range_of_catch2_is_a_deviation(tmp_path: Path, text: str) -> None:
    data = entry({"name": "a", "value": 20.5, "unit": "us", "range": text, "extra": "100 samples"})
    found = of_bytes(tmp_path, data, "x.json", Completer(platform="p")).metric("a", "time")
    assert (found.mean, found.deviation) == (20.5 / 1e6, 1.5 / 1e6)


@pytest.mark.parametrize(
    ("benches", "message"),
    [
        (({"name": "a", "value": 1, "unit": "s", "range": "± 1.5.2"},), "'1.5.2' is not a number"),
        (({"name": "a", "value": 1, "unit": "s"}, {"name": "a", "value": 2, "unit": "ms"}), "'a' occurs twice"),
        (({"value": 1, "unit": "s"},), "a benchmark has no name"),
        (({"name": "a", "value": None, "unit": "s"},), "neither benchmarks nor failures"),
    ],
)
def test_entries_that_are_broken(tmp_path: Path, benches: tuple[dict[str, Any], ...], message: str) -> None:
    (found,) = of_bytes(tmp_path, entry(*benches), "x.json", Completer(platform="p")).messages
    assert found.startswith(f"{tmp_path}/x.json: Benchmark[0]: ")
    assert message in found


def test_one_name_with_values_of_several_units_is_one_benchmark(tmp_path: Path) -> None:
    data = entry({"name": "a", "value": 1, "unit": "s"}, {"name": "a", "value": 2, "unit": "B/op"})
    assert of_bytes(tmp_path, data, "x.json", Completer(platform="p")).benchmark("a").metrics.keys() == {
        "time",
        "bytes",
    }


def test_the_same_history_as_json(tmp_path: Path) -> None:
    text = (RECORDED / "data.js").read_text().partition("=")[2].strip().rstrip(";")
    first = imported(tmp_path, RECORDED / "data.js", completer=Completer(platform="p"))
    done = of_bytes(tmp_path, text.encode(), "x.json", Completer(platform="p"))
    assert (done.results, done.new) == (first.results, 0)


def test_a_broken_entry_of_a_history_leaves_the_others(tmp_path: Path) -> None:
    history = json.loads((RECORDED / "data.js").read_text().partition("=")[2].strip().rstrip(";"))
    history["entries"]["Benchmark"][0]["benches"][0]["value"] = "135"
    done = of_bytes(tmp_path, json.dumps(history).encode(), "x.json", Completer(platform="p"))
    assert len(done.results) == 3
    assert done.messages == (
        f"{tmp_path}/x.json: Benchmark[0]: value is not a finite number; correct it, or leave it out",
    )


def test_result_files_of_longpole_are_taken_over(tmp_path: Path) -> None:
    first = imported(tmp_path / "a", RECORDED / "hyperfine.json", completer=GIVEN)
    done = imported(tmp_path / "b", tmp_path / "a/out")
    assert (done.results, done.messages) == (first.results, ())


def test_of_very_many_samples_some_are_kept(tmp_path: Path) -> None:
    row = {"command": "a", "times": list(range(1, 2 * MAX_SAMPLES + 2))}
    found = of_bytes(tmp_path, json.dumps({"results": [row]}).encode(), "x.json", GIVEN).metric("a", "time")
    assert (found.count, found.mean) == (2 * MAX_SAMPLES + 1, MAX_SAMPLES + 1)
    assert found.samples == tuple(range(1, 2 * MAX_SAMPLES + 2, 3))
