"""examples/junit5 with a real Maven: what forks make of it, beside what `mvn test` alone does."""

import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.junit import Results, surefire_results
from longpole.rts_tests.forks.assignment import read_assignment
from tests.clients.junit.maven import CLIENT, mvn
from tests.project import REPOSITORY, Project, records_in

pytestmark = pytest.mark.xdist_group("junit-example")  # one worker builds it and makes the runs that all of it look at

QUICK = {"EXAMPLE_SCALE": "0.1"}
FAILING = {**QUICK, "EXAMPLE_FAIL": "QueensSixTest"}
CLASSES = 43


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The example after a run of all of its modules, in which one test failed."""
    root = tmp_path_factory.mktemp("example") / "project"
    shutil.copytree(REPOSITORY / "examples/junit5", root, ignore=shutil.ignore_patterns("target", "build", ".longpole"))
    project = Project(root)
    before = sorted(CLIENT.rglob("*"))
    project.render()
    done = project.make("-j2", "test", **FAILING)
    assert done.status == 2, done.text
    assert sorted(CLIENT.rglob("*")) == before, "nothing is built where Longpole is installed"
    yield project
    project.end()


@pytest.fixture(scope="module")
def first(example: Project) -> Path:
    """The folder of that run."""
    return example.runs[0]


def told(run: Path, module: str) -> Results:
    """The status of every test of a module by class and name, which no two forks have told."""
    rows = [row for record in records_in(run) if record["module"] == module for row in record.get("cases", ())]
    results = {(class_name, name): status for class_name, name, status, *_ in rows}
    assert len(results) == len(rows)
    return results


def blocks(log: str) -> dict[str, list[str]]:
    """The lines of each class in a log, without the tag of the fork."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in log.splitlines():
        text = re.sub(r"^\[fork-\d+\] ", "", line)
        begins = re.fullmatch(r"=== (\S+)( \(.*\))? ===", text)
        if begins:
            name = begins[1]
        found.setdefault(name, []).extend([] if begins else [text])
    return found


def test_forks_have_the_results_of_maven_by_name(example: Project, first: Path) -> None:
    mvn("test", "-Dmaven.test.failure.ignore", cwd=example.root, environ=FAILING)
    alone = surefire_results(example.root)
    assert len({name for name, _ in alone}) == CLASSES
    assert Counter(alone.values())["failed"] == 1
    for module in ("one", "four", "stealing", "threads"):
        assert told(first, module) == alone, module


def test_each_block_has_the_output_of_its_class_alone(first: Path) -> None:
    heard: Counter[str] = Counter()
    for log in (first / "units").glob("*.log"):
        for name, lines in blocks(log.read_text()).items():
            marks = [line for line in lines if line.startswith("<")]
            assert {line.split(">")[0] for line in marks} <= {f"<{name.removeprefix('example.')}"}
            heard[name] += len(marks)
    printing = {name: count for name, count in heard.items() if count}
    assert len(printing) == 9
    assert {count for name, count in printing.items() if name != "example.LifeParallelTest"} == {4 * 4 * 50}
    assert printing["example.LifeParallelTest"] == 4 * 2


def test_the_classes_of_the_second_run_are_balanced(example: Project, first: Path) -> None:
    done = example.make("-j2", "test-main-four", PREBUILT="1", **QUICK)
    assert done.status == 0, done.text
    before, after = (read_assignment(run, "main", "four") for run in (first, example.last))
    assert before is not None
    assert after is not None
    assert [len(fork) for fork in before.forks] == [11, 11, 11, 10], "without history, round robin"
    loads = [after.expected_s(fork) for fork in after.forks]
    mean = sum(loads) / 4
    assert len(after.seconds) == CLASSES - 1, "but for that of the class that failed"
    assert max(loads) <= 1.1 * mean or len(after.forks[loads.index(max(loads))]) == 1
    assert sorted(name for fork in after.forks for name in fork) == sorted(
        name for fork in before.forks for name in fork
    )


@pytest.mark.parametrize(("how", "status"), [("EXAMPLE_EXIT", "error"), ("EXAMPLE_KILL", "crashed")])
def test_a_fork_that_ends_in_a_test_fails_the_run_and_loses_no_class(example: Project, how: str, status: str) -> None:
    done = example.make("-j2", "test-main-four", PREBUILT="1", **QUICK, **{how: "LifeTubTest"})
    assert done.status == 2
    records = [record for record in records_in(example.last) if record["module"] == "four"]
    assert sorted(record["status"] for record in records) == sorted(["passed"] * 3 + [status])
    classes = [name for record in records for name, *_ in record["classes"]]
    assert len(classes) == len(set(classes)) == CLASSES
    statuses = {name: status for record in records for name, status, *_ in record["classes"]}
    assert statuses["example.LifeTubTest"] == "crashed"
    assert set(statuses.values()) <= {"passed", "skipped", "crashed", "not run"}
    assert Counter(statuses.values())["crashed"] == 1


def test_a_test_of_a_nested_class_is_selected_by_the_name_that_is_reported(example: Project) -> None:
    failed = example.make("-j2", "test-main-four", PREBUILT="1", **QUICK, EXAMPLE_FAIL="Empty#from")
    assert "example.DistanceEmptyTest#Empty.from()" in failed.out
    example.make("-j2", "test-main-four", PREBUILT="1", SELECT="DistanceEmptyTest#Empty.from", **QUICK)
    assert told(example.last, "four") == {("example.DistanceEmptyTest", "Empty.from()"): "passed"}


def test_the_recipe_of_the_page_is_complete(example: Project) -> None:
    page = (REPOSITORY / "docs/forks-junit.md").read_text()
    (recipe,) = re.findall(r"^   ```yaml\n(.*?)^   ```$", page, re.MULTILINE | re.DOTALL)
    (example.root / "page.yaml").write_text(textwrap.dedent(recipe))
    assert example.longpole("render", "--suite", "page.yaml", "-o", "page.mk").status == 0
    done = example.make("-f", "page.mk", "-j2", "test", **QUICK)
    assert done.status == 0, done.text
    assert len({name for name, _ in told(example.last, "unit")}) == CLASSES
