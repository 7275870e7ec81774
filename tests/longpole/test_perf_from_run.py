"""`longpole perf from-run`: what runs of the suite measured, as result files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longpole.perf.files import place_of, read
from longpole.perf.model import Metric, Result
from longpole.version import VERSION
from tests.project import REVISION, Project, records_in, write_records

UNITS = {"a": "true", "b": "exit 7"}
SKIPS = {"b": {"skip_status": [7]}}


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """One run in which every unit passed or was skipped."""
    project = Project(tmp_path_factory.mktemp("from-run") / "project").write(UNITS, modules=SKIPS)
    assert project.make("-j2", "test").status == 0
    yield project
    project.end()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "project")
    yield made
    made.end()


def results(project: Project, *words: str, out: str = "results", **environ: str) -> list[Result]:
    """The results below `out` after `longpole perf from-run`."""
    done = project.longpole("perf", "from-run", *words, "--out", out, **environ)
    assert done.status == 0, done.text
    found = []
    for path in (project.root / out).rglob("*.json"):
        data = path.read_bytes()
        item = read(data, str(path))
        assert isinstance(item, Result)
        assert str(path.relative_to(project.root / out)) == place_of(item, data)
        found.append(item)
    return found


def metrics(result: Result) -> dict[str, dict[str, Metric]]:
    return {each.name: dict(each.metrics) for each in result.benchmarks}


def altered(project: Project, name: str, rows: list[dict[str, Any]], **info: object) -> str:
    """A copy of the last run, with other records and other fields of `run.json`; its folder."""
    run = project.root / name
    run.mkdir()
    known = json.loads((project.last / "run.json").read_bytes())
    (run / "run.json").write_text(json.dumps({**known, **info}))
    write_records(run, rows)
    return str(run)


def test_every_unit_that_passed_and_the_suite_are_measured(green: Project) -> None:
    (result,) = results(green, "--platform", "here")
    (record,) = (row for row in records_in(green.last) if row["id"] == "v/a")
    found = metrics(result)
    assert found.keys() == {"suite", "unit v/a"}
    assert found["unit v/a"] == {
        "time": Metric.of("s", (record["wall_s"],)),
        "cpu": Metric.of("s", (record["user_s"] + record["sys_s"],)),
        "memory": Metric.of("B", (float(record["max_rss_bytes"]),)),
    }
    rows = records_in(green.last)
    makespan = max(row["started_s"] + row["wall_s"] for row in rows) - min(row["started_s"] for row in rows)
    assert found["suite"]["makespan"].mean == makespan
    assert found["suite"]["longest"].mean == max(row["wall_s"] for row in rows)
    assert found["suite"]["units"].mean == 2
    assert (result.commit, result.platform, result.failures) == (REVISION, "here", ())
    assert result.machine["jobs"] == "2"
    assert result.tool == f"longpole {VERSION}"


def test_twice_is_one_file_and_the_platform_is_that_of_the_run(green: Project) -> None:
    run = altered(green, "mac", records_in(green.last), machine="Darwin 23.5.0 arm64")
    first = results(green, run, out="mac-results")
    assert [each.platform for each in first] == ["aarch64-darwin"]
    assert results(green, run, out="mac-results") == first


def test_failed_units_are_failures_and_leave_no_makespan(project: Project) -> None:
    project.write({"a": "true", "b": "exit 3"})
    assert project.make("-j2", "test").status == 2
    done = project.longpole("perf", "from-run", "--out", "results")
    assert done.out.splitlines()[1] == "units: 1; failures: 1; no makespan: 1 of 2 units did not pass at once"
    (result,) = results(project)
    assert metrics(result).keys() == {"unit v/a"}
    (failure,) = result.failures
    assert (failure.name, failure.message) == ("unit v/b", "failed: exit status 3\nmake test-v-b")


def test_a_build_that_failed_is_evidence(project: Project) -> None:
    project.write({"a": "true"}, variants={"v": {"build": ["false"]}})
    project.make("test")
    (result,) = results(project)
    assert result.failed
    assert [each.name for each in result.failures] == ["build v"]


def test_another_goal_or_part_is_another_series(green: Project) -> None:
    rows = records_in(green.last)
    parts: list[tuple[dict[str, Any], str | None]] = [
        ({"goals": ["test-v"]}, "suite test-v"),
        ({"filter": "v/*", "shard": "1/2"}, "suite v/* 1/2"),
        ({"goals": ["retest"]}, None),
    ]
    for number, (info, name) in enumerate(parts):
        run = altered(green, f"goal{number}", rows, **info)
        (result,) = results(green, run, out=f"goal{number}-results")
        assert [each.name for each in result.benchmarks if each.name.startswith("suite")] == ([name] if name else [])


@pytest.mark.parametrize(
    ("changes", "without"),
    [
        ({"status": "flaky", "attempts": 2}, "unit v/a"),
        ({"attempts": 2}, "unit v/a"),
        ({"status": "cancelled"}, "unit v/a"),
        ({"host": "elsewhere"}, None),
        ({"execution": 4}, "unit v/a"),
    ],
)
def test_what_is_no_measurement_is_left_out(
    green: Project, tmp_path: Path, changes: dict[str, Any], without: str | None
) -> None:
    rows = [{**row, **changes} if row["id"] == "v/a" else {**row, "status": "passed"} for row in records_in(green.last)]
    run = altered(green, tmp_path.name, rows)
    (result,) = results(green, run, out=f"{tmp_path.name}-results")
    names = set(metrics(result))
    assert without not in names
    assert "unit v/b" in names
    if "execution" not in changes:
        assert "suite" not in names


def test_the_commit_is_that_of_the_run_or_given_or_that_of_the_folder(green: Project, tmp_path: Path) -> None:
    rows = records_in(green.last)
    nightly = altered(green, "nightly", rows, commit=f"{REVISION}+2026-01-31")
    assert results(green, nightly, out="nightly-results")[0].commit == REVISION
    unknown = altered(green, "unknown", rows, commit=None)
    done = green.longpole("perf", "from-run", unknown, "--out", "none")
    assert (done.status, done.err) == (2, f"longpole: {unknown}: the run knows no commit; give --commit\n")
    assert not (green.root / "none").exists()
    assert results(green, unknown, "--commit", "d" * 40, out="given")[0].commit == "d" * 40
    done = green.longpole("perf", "from-run", "--commit", "d" * 40, "--out", "none")
    assert f"is of commit {REVISION}, not of that of --commit; leave out --commit" in done.err
    green.git("init", "-q", str(green.root))
    green.git("commit", "-q", "--allow-empty", "-m", "x")
    assert results(green, unknown, out="head")[0].commit == green.git("rev-parse", "HEAD")


def test_runs_that_are_no_measurement_are_refused(green: Project) -> None:
    stressed = altered(green, "stressed", records_in(green.last))
    Path(stressed, "executions.json").write_text('{"version":1,"kind":"stress","counts":{},"report":null}')
    nothing = altered(green, "nothing", [])
    for words, message in (
        ((stressed,), "this is a run of longpole stress; name a run of the suite"),
        ((nothing,), "no unit of this run passed or failed"),
        (("none",), "no such run"),
        (("--platform", "a/b"), "Invalid value for '--platform'"),
    ):
        done = green.longpole("perf", "from-run", *words, "--out", "none")
        assert (done.status, done.out) == (2, "")
        assert message in done.err
    assert not (green.root / "none").exists()


def test_names_and_texts_of_records_are_made_harmless(green: Project) -> None:
    rows = [
        {**row, "status": "failed", "note": "\x1b[31m\udc80" + "x" * 30_000, "reproducer": "\ud800"}
        for row in records_in(green.last)
    ]
    run = altered(green, "hostile", rows)
    (result,) = results(green, run, out="hostile-results")
    assert len(result.failures[0].message) == 20_000
