"""A project with something to complete: two modules, one of them in chunks, and a run."""

from pathlib import Path

from tests.project import Project


def completable(root: Path) -> Project:
    """The project, in a folder below `root`."""
    made = Project(root / "project")
    made.write({"alpha": "", "beta": ""}, modules={"beta": {"seeds": 4, "chunks": 2}})
    made.make("test-v-alpha")
    return made
