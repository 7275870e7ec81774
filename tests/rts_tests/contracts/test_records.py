"""Records are read for the units that were planned, and for no others."""

import json

from tests.project import Project


def test_a_record_of_another_unit_is_not_the_unit_s_that_was_planned(project: Project) -> None:
    project.write({"a": "", "b": ""})
    assert project.make("test").status == 0
    path = project.last / "run.json"
    info = json.loads(path.read_bytes())
    assert [row[:2] for row in info["planned"]] == [["v/a", "test-v-a"], ["v/b", "test-v-b"]]
    info["planned"][0][0] = "v/renamed"
    path.write_text(json.dumps(info))
    done = project.longpole("report")
    assert done.status == 1
    assert done.out.splitlines()[-1] == "2 units: 1 passed, 1 not run"
    assert "not run:\n  v/renamed\n" in done.out
