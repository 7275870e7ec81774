"""The examples of docs/scenarios.md about single steps, as units of a run."""

from pathlib import Path

from tests.project import Project
from tests.rts_tests.scenario.page_examples import example_of
from tests.rts_tests.scenario.suites import with_scenarios

SECTIONS = {
    "time": "Time",
    "streams": "Streams and patterns",
    "input": "Standard input and terminals",
    "repeat": "Repeating until it holds",
}


def test_the_examples_pass(tmp_path: Path) -> None:
    files = {f"{name}.yml": example_of(section) for name, section in SECTIONS.items()}
    project = with_scenarios(Project(tmp_path / "project"), files)
    done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert project.statuses() == {f"v/{name}": "passed" for name in SECTIONS}
