"""Runs of a suite as benchmarks: every unit has the samples of all rounds."""

import yaml

from longpole.perf.measure.measure import Measured, measure
from longpole.perf.measure.read import bench_from_bytes
from longpole.perf.measure.text import summary
from tests.project import Project


def measured(project: Project, **benchmark: object) -> Measured:
    document = {
        "version": 1,
        "reference": False,
        "benchmarks": {"tests": {"warmup": 0, "rounds": 2, "records": ".longpole", **benchmark}},
    }
    text = yaml.safe_dump(document).encode()
    return measure(bench_from_bytes(text, str(project.root / "bench.yaml"), project.environ), 1)


def test_every_unit_of_a_run_is_a_series(project: Project) -> None:
    project.write({"one": "sleep 0.05", "two": "true"})
    made = measured(project, run=["make", "-j2", "test"])
    assert made.failures == ()
    by_name = {each.name: each.metrics for each in (*made.benchmarks, *made.of_runs)}
    assert list(by_name) == ["tests", "tests: suite", "tests: unit v/one", "tests: unit v/two"]
    assert by_name["tests: unit v/one"]["time"].count == 2
    assert min(by_name["tests: unit v/one"]["time"].samples) >= 0.05
    assert by_name["tests: suite"]["makespan"].count == 2
    assert by_name["tests: suite"]["units"].samples == (2.0, 2.0)
    text = summary(made)
    assert [line.split("  ")[0] for line in text.splitlines()[:-1] if line[0] != " "] == ["tests", "tests: suite"]
    assert "unit v" not in text
    assert text.endswith("\n2 units of runs are not shown, but in the result.")
    # of the three runs the first was cold
    rows = [project.records(run)["v/one"]["wall_s"] for run in project.runs]
    assert sorted(by_name["tests: unit v/one"]["time"].samples) == sorted(rows[1:])


def test_a_unit_that_fails_is_a_failure_of_the_benchmark(project: Project) -> None:
    project.write({"one": "echo why; exit 1", "two": "true"})
    made = measured(project, run=["make", "-j2", "test"])
    assert [each.name for each in made.failures] == ["tests"]
    assert made.failures[0].message.startswith("exit status 2, in its first execution")
    # where that is no failure, what passed is measured
    made = measured(project, run=["make", "-j2", "test"], exit_status=[0, 2])
    assert [each.name for each in (*made.benchmarks, *made.of_runs)] == ["tests", "tests: unit v/two"]


def test_a_program_that_makes_no_run_is_a_failure(project: Project) -> None:
    project.write({"one": "true"})
    project.make("test")
    made = measured(project, run=["true"])
    assert [each.message for each in made.failures] == [f"`records`: no new run in {project.root}/.longpole"]


def test_a_damaged_run_is_a_failure(project: Project) -> None:
    project.write({"one": "true"})
    damage = "d=.longpole/runs/20991231T000000000Z-00000000; mkdir -p $d; echo x > $d/run.json"
    made = measured(project, run=damage)
    assert len(made.failures) == 1
    assert made.failures[0].message.startswith("`records`: ")
    assert "run.json" in made.failures[0].message


def test_a_run_needs_no_commit(project: Project) -> None:
    del project.environ["LONGPOLE_REV"]
    project.write({"one": "true"})
    assert len(measured(project, run=["make", "test"]).of_runs) == 2
