"""Real projects are adopted without an edit: the commands that `longpole init` prints run what their runners run."""

import shutil

import pytest

from tests.foreign.table import FOREIGN, Foreign
from tests.gen.adapters.projects import with_go, with_rust
from tests.project import Project


@pytest.mark.slow
@pytest.mark.foreign
@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: foreign.id)
def test_a_project_is_adopted_without_an_edit(project: Project, foreign: Foreign) -> None:
    shutil.rmtree(project.root)
    shutil.copytree(foreign.source / foreign.folder, project.root, symlinks=True)
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    {"cargo": with_rust, "go": with_go}.get(foreign.runner, lambda _: None)(project)
    project.environ.update(foreign.environ, CARGO_NET_OFFLINE="true")

    done = project.longpole("init")
    assert done.status == 0, done.text
    assert f"{foreign.contents or f'{foreign.tests} tests'}\n" in done.out
    (command,) = (line for line in done.out.splitlines() if line.startswith("now run: "))
    made = project.run("sh", "-c", command.removeprefix("now run: "))
    assert made.status == 0, made.text
    verified = project.longpole("init", "--verify")
    assert verified.status == 0, verified.text
    assert verified.out.endswith(f": {foreign.tests} tests, each run once\n")
    changed = [path for path, was in before.items() if path.name != ".gitignore" and path.read_bytes() != was]
    assert changed == []
