"""Benchmarks are set up, executed in their rounds, measured and cleaned up; one that fails stops no other."""

from pathlib import Path

import pytest
import yaml

from longpole.perf.measure.measure import Measured, measure
from longpole.perf.measure.read import bench_from_bytes
from longpole.perf.model import Failure

ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def measured(folder: Path, seed: int = 1, *, reference: bool = False, **benchmarks: dict[str, object]) -> Measured:
    """What is measured of these benchmarks, each of 2 rounds unless it says otherwise, in `folder`."""
    document = {"version": 1, "reference": reference, "defaults": {"rounds": 2}, "benchmarks": benchmarks}
    bench = bench_from_bytes(yaml.safe_dump(document, sort_keys=False).encode(), str(folder / "bench.yaml"), ENVIRON)
    return measure(bench, seed)


def log(word: str) -> str:
    """A command that writes a word into the file `log`."""
    return f"printf '{word} ' >> log"


ALL = {key: log(key) for key in ("setup", "prepare", "run", "conclude", "cleanup")}


def test_the_commands_around_an_execution(tmp_path: Path) -> None:
    made = measured(tmp_path, a={**ALL, "warmup": 1})
    executed = "prepare run conclude " * 4  # cold, warm-up, two rounds
    assert (tmp_path / "log").read_text() == f"setup {executed}cleanup "
    assert made.failures == ()
    assert made.reference is None


def test_the_first_execution_is_apart_and_warm_ups_do_not_count(tmp_path: Path) -> None:
    slow_at_first = "test $(wc -c < n) -ge 3 || sleep 0.2; printf x >> n"
    (one,) = measured(tmp_path, a={"setup": ": > n", "run": slow_at_first, "warmup": 2, "rounds": 3}).benchmarks
    time, cold = one.metrics["time"], one.metrics["cold"]
    assert (time.count, len(time.samples), cold.count, cold.unit) == (3, 3, 1, "s")
    assert cold.mean >= 0.2
    assert (tmp_path / "n").read_text() == "x" * 6
    # the three that slept are the cold one and both warm-ups: what counts does not sleep
    assert min(time.samples) < 0.2


def test_rounds_are_interleaved(tmp_path: Path) -> None:
    measured(tmp_path, a={"run": log("a"), "rounds": 6}, b={"run": log("b"), "rounds": 6})
    words = (tmp_path / "log").read_text().split()
    assert all(set(words[start : start + 2]) == {"a", "b"} for start in range(0, len(words), 2))
    assert len(words) == 16
    again, other = tmp_path / "again", tmp_path / "other"
    for folder, seed in ((again, 1), (other, 3)):
        folder.mkdir()
        measured(folder, seed, a={"run": log("a"), "rounds": 6}, b={"run": log("b"), "rounds": 6})
    assert (again / "log").read_text().split() == words
    assert (other / "log").read_text().split() != words


def test_what_is_measured(tmp_path: Path) -> None:
    prints = 'echo "{\\"nodes\\": $(wc -c < n)}"'
    (one,) = measured(
        tmp_path,
        a={"setup": ": > n", "run": f"printf xx >> n; {prints}", "metrics": "stdout", "output": ["n", "."]},
    ).benchmarks
    assert one.name == "a"
    assert one.metrics["nodes"].samples == (6.0, 8.0)
    assert one.metrics["size"].unit == "B"
    assert one.metrics["size"].samples == (12.0, 16.0)  # the file, and the folder that it is in
    assert one.metrics["time"].lower_is_better
    assert {name: metric.count for name, metric in one.metrics.items()} == {
        "time": 2,
        "cold": 1,
        "cpu": 2,
        "nodes": 2,
        "size": 2,
    }


@pytest.mark.parametrize(
    ("benchmark", "message"),
    [
        ({"run": "echo out; echo why >&2; exit 3"}, "exit status 3, in its first execution\nwhy"),
        ({"setup": ": > n", "run": "printf x >> n; test $(wc -c < n) -lt 3"}, "exit status 1, in round 1"),
        ({"setup": ": > n", "run": "printf x >> n; test $(wc -c < n) -lt 2"}, "exit status 1, in warm-up 1"),
        ({"run": "sleep 600", "timeout": 0.1}, "timed out after 0.1 s, in its first execution"),
        ({"run": ["no-such-program"]}, "there is no program 'no-such-program', in its first execution"),
        ({"run": ["true"], "setup": "echo no; exit 2"}, "`setup`: exit status 2\nno"),
        ({"run": ["true"], "prepare": ["false"]}, "`prepare`: exit status 1"),
        ({"run": ["true"], "conclude": ["false"]}, "`conclude`: exit status 1"),
        ({"run": ["true"], "cleanup": ["false"]}, "`cleanup`: exit status 1"),
        ({"run": ["true"], "output": "none"}, "`output`: {}/none: No such file or directory"),
        ({"run": ["true"], "metrics": "stdout"}, "standard output is not the JSON of `metrics: stdout`"),
    ],
)
def test_a_benchmark_that_fails_and_the_others(tmp_path: Path, benchmark: dict[str, object], message: str) -> None:
    made = measured(tmp_path, bad=benchmark, good={"run": log("good")})
    (failure,) = made.failures
    assert failure.name == "bad"
    assert failure.message.startswith(message.format(tmp_path))
    assert [each.name for each in made.benchmarks] == ["good"]
    assert (tmp_path / "log").read_text() == "good " * 4


def test_what_is_set_up_is_cleaned_up_after_a_failure_and_the_first_failure_is_reported(tmp_path: Path) -> None:
    made = measured(tmp_path, a={**ALL, "run": "exit 7", "cleanup": f"{log('cleanup')}; exit 8"})
    assert made.failures == (Failure("a", "exit status 7, in its first execution"),)
    assert (tmp_path / "log").read_text() == "setup prepare cleanup "
    (tmp_path / "log").unlink()
    made = measured(tmp_path, a={**ALL, "setup": "exit 9"})
    assert made.failures == (Failure("a", "`setup`: exit status 9"),)
    assert (tmp_path / "log").read_text() == "cleanup "


def test_an_expected_exit_status_is_no_failure(tmp_path: Path) -> None:
    assert measured(tmp_path, a={"run": "exit 3", "exit_status": [0, 3]}).failures == ()


def test_the_reference_workload_takes_part_in_every_round(tmp_path: Path) -> None:
    made = measured(tmp_path, reference=True, a={"run": ["true"]}, b={"run": ["true"], "rounds": 3})
    assert made.reference is not None
    assert (made.reference.unit, made.reference.count) == ("s", 3)
    assert min(made.reference.samples) > 0
