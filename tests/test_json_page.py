"""docs/json.md describes every field of the JSON that Longpole prints and writes, and no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.builds import Build
from longpole.rts_tests.contracts.cases import Case, ClassResult, case_rows, class_rows
from longpole.rts_tests.contracts.load import Load, write_load
from longpole.rts_tests.contracts.real_state import RealState, write_real_state
from longpole.rts_tests.contracts.records import Record, RunInfo
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.experiments.scale.baseline import Baseline, as_json_comparison, compare, json_text
from longpole.rts_tests.experiments.scale.measurement import as_json
from longpole.rts_tests.unit.attempts import Attempt
from tests.project import REPOSITORY, Project, records_in, write_records
from tests.rts_tests.experiments.scale.measured import measurement

PAGE = (REPOSITORY / "docs" / "json.md").read_text()
COUNTED = re.compile(r"^(counts|case_counts|runs\[\]\.outcomes)\..*")
COMMANDS = {
    "longpole list --json": ("list", "--json"),
    "longpole seed --json": ("seed", "--json"),
    "longpole runs --json": ("runs", "--json"),
    "longpole compare --json": ("compare", "--json"),
    "longpole doctor --json": ("doctor", "--json"),
    "longpole report --format json": ("report", "--format", "json"),
}
MADE_UP = ("longpole bench scale --json",)
"""Documents that no run has to be made for."""
BESIDE = ("cases[][]", "classes[][]")
"""Fields of a record that stand beside it, in another form, in a report."""
FILES = ("run.json", "records.jsonl", "events.jsonl", "builds/NAME.json", "load.json", "real-state.json")


def described(title: str) -> set[str]:
    """The fields in the table below a heading."""
    _, _, section = PAGE.partition(f"\n## `{title}`\n")
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    return {field for row in rows for field in re.findall(r"`([^`]+)`", row.split(" | ")[0])}


def fields(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all values in a document; of an empty object or array its own."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from fields(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from fields(inner, f"{path}[]")
    else:
        yield f"{path}[]" if isinstance(value, list) else path


def shown(value: Any) -> set[str]:
    return {COUNTED.sub(r"\1.*", path) for path in fields(value)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two runs with builds, seeds, chunks, attempts, labels, and units that only one of them had."""
    made = Project(tmp_path_factory.mktemp("json") / "project")
    variants = {"v": {"build": ["echo", "built"], "labels": ["slow"]}}
    options: dict[str, Any] = {"limits": {"retries": 1}, "variants": variants}
    made.write({"a": "exit 1", "b": "", "old": ""}, modules={"a": {"seeds": 4, "chunks": 2}}, **options)
    assert made.make("test").status == 2
    _tell_of_cases(made.last, Status.PASSED)
    made.write({"a": "exit 1", "b": "", "new": ""}, modules={"a": {"seeds": 4, "chunks": 2}}, **options)
    assert made.make("test").status == 2
    _tell_of_cases(made.last, Status.FAILED)
    write_load(made.last, Load(cores=2, busy_s=3.0, idle_s=1.0, stolen_s=0.0, own_s=2.0))  # a short run may have none
    write_real_state(made.last, RealState(("~/x",), (("/home/u/x", "was made, a file"),), 1, ("y",)))
    return made


def _tell_of_cases(run: Path, status: Status) -> None:
    """Add cases and a class to records, as forks would have left them."""
    rows = records_in(run)
    texts = ("message", "details", "FooTest.java:17", "output")
    cases = [Case("FooTest", "divides", status, 0.1, *texts), Case("FooTest", "adds", Status.PASSED)]
    for row in rows:
        if row["module"] == "a":
            classes = class_rows([ClassResult("FooTest", status, 0.2)])
            row |= {"fork": row["chunk"], "cases": case_rows(cases), "classes": classes}
            row |= {"selected": ["FooTest#divides"], "told_all": True}
    write_records(run, rows)


def _scaling() -> dict[str, Any]:
    """A measurement in which nothing is missing, compared with one of other units that were faster."""
    now = measurement({1: [9.0, 9.1], 2: [5.0, 5.1], 4: [5.5, 5.6]}, units={"v/a": 1.0, "v/new": 1.0})
    levels = {level.jobs: level.runs_s for level in now.results.levels}
    units = {"v/a": {1: (0.5, 0.51)}, "v/old": {1: (0.5, 0.51)}}
    comparison = compare(Baseline("main", now.started_at, None, now.machine, levels, units), now)
    return {**as_json(now), "comparison": as_json_comparison(comparison)}


def documents(project: Project, title: str) -> list[Any]:
    if title in MADE_UP:
        return [json.loads(json_text(_scaling()))]
    if title in COMMANDS:
        return [json.loads(project.longpole(*COMMANDS[title]).out)]
    path = project.last / title.replace("NAME", "v")
    texts = path.read_text().splitlines() if title.endswith("l") else [path.read_text()]
    return [row for row in map(json.loads, texts) if "index" not in row and "index_at" not in row]


@pytest.mark.parametrize("title", [*COMMANDS, *MADE_UP, *FILES])
def test_what_is_printed_and_written_is_described_and_the_other_way_round(project: Project, title: str) -> None:
    found = set().union(*(shown(row) for row in documents(project, title)))
    known = described(title)
    if title == "longpole report --format json":
        known |= described("run.json") - {"planned[][]"}
        for path, file in (
            ("load", "load.json"),
            ("real_state", "real-state.json"),
            ("builds[]", "builds/NAME.json"),
            ("outcomes[].record", "records.jsonl"),
        ):
            known = known - {path} | {f"{path}.{field}" for field in described(file) - {"version", *BESIDE}}
    for array in [path for path in known if any(other.startswith(f"{path}.") for other in known)]:
        known.discard(array)  # `tries[]` stands for an empty array
        found.discard(array)
        found -= {path for path in found if path == array.removesuffix("[]")}
    assert found - known == set()
    assert known - found == set()


@pytest.mark.parametrize("title", [*COMMANDS, *MADE_UP, *FILES])
def test_every_document_has_a_version(project: Project, title: str) -> None:
    assert [row for row in documents(project, title) if row.get("version") != 1] == []


@pytest.mark.parametrize(
    ("kind", "title", "prefix"),
    [
        (Record, "records.jsonl", ""),
        (Attempt, "records.jsonl", "tries[]."),
        (RunInfo, "run.json", ""),
        (Build, "builds/NAME.json", ""),
        (Load, "load.json", ""),
        (RealState, "real-state.json", ""),
    ],
)
def test_a_field_that_a_run_does_not_always_write_is_described_too(kind: Any, title: str, prefix: str) -> None:
    known = {field.split("[]")[0] if not prefix else field for field in described(title)}
    assert {f"{prefix}{name}" for name in kind.__dataclass_fields__} - known == set()


def test_every_heading_is_tested() -> None:
    assert sorted(re.findall(r"^## `(.+)`$", PAGE, re.MULTILINE)) == sorted([*COMMANDS, *MADE_UP, *FILES])
    assert Path(REPOSITORY, "docs", "json.md").is_file()
