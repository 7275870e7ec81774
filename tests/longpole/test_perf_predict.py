"""`longpole perf predict` after real runs of make."""

import json
import shutil

import pytest

from tests.project import Project


def test_a_suite_that_ran_is_predicted(project: Project) -> None:
    """The newest whole run says which units there are; later runs of a part of them do not."""
    project.write({"long": "sleep 0.3", "short": "sleep 0.1", "quick": ":"})
    assert project.make("test", "-j2").status == 0
    assert project.make("test-v-short").status == 0
    done = project.longpole("perf", "predict", "--json", "--levels", "1,2,64", "--over", "jobs")
    assert (done.status, done.err) == (0, "")
    shown = json.loads(done.out)
    assert (shown["units"], shown["estimated_units"], shown["jobs"], len(shown["runs"])) == (3, 0, 2, 2)
    assert [level["count"] for level in shown["levels"]] == [1, 2, 64]
    one, *_, many = (level["makespan_s"] for level in shown["levels"])
    assert one > many >= 0.3
    assert {level["pole"] for level in shown["levels"]} == {"v/long"}
    assert "jobs on one machine of" in project.longpole("perf", "predict").out


def test_builds_count_for_shards_once_each(project: Project) -> None:
    project.write({"a": ":", "b": ":"}, variants={"v": {"build": ["sleep", "0.5"]}})
    assert project.make("test").status == 0
    shown = json.loads(project.longpole("perf", "predict", "--json", "--levels", "2").out)
    cpu = {level["over"]: level["cpu_s"] for level in shown["levels"]}
    assert cpu["shards"] - cpu["builders"] >= 0.5
    assert cpu["jobs"] == pytest.approx(cpu["builders"])


@pytest.mark.parametrize("words", [("--levels", "0"), ("--levels", "1,x"), ("--cores", "0"), ("--over", "moons")])
def test_wrong_options_are_refused(project: Project, words: tuple[str, ...]) -> None:
    done = project.longpole("perf", "predict", *words)
    assert done.status == 2
    assert "Traceback" not in done.err


def test_without_a_run_it_says_what_to_do(project: Project) -> None:
    done = project.longpole("perf", "predict")
    assert (done.status, done.err) == (2, "longpole: .longpole: no run is kept here; type `make test`\n")


def test_damaged_runs_are_passed_over(project: Project) -> None:
    project.write({"a": ":"})
    for _ in range(2):
        assert project.make("test").status == 0
    older, newer = project.runs
    (older / "run.json").write_text("{")
    assert project.longpole("perf", "predict").status == 0
    (newer / "plan.json").unlink()
    done = project.longpole("perf", "predict")
    assert (done.status, "no plan here" in done.err) == (2, True)
    shutil.rmtree(newer)
    assert project.longpole("perf", "predict").status == 2
