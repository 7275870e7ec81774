"""The README's suite for a project of one's own, pasted into a project that has a Makefile already."""

import re
import textwrap

from tests.project import REPOSITORY, Project, shell

MAKEFILE = shell(
    "all:",
    "\tmkdir -p $(OUT)",
    '\tprintf \'#!/bin/sh\\ntest "$$1" != "" && echo $(CFLAGS) "$$@"\\n\' >$(OUT)/parser-test',
    "\tchmod +x $(OUT)/parser-test",
    "",
)


def test_the_suite_in_the_readme_runs_as_it_stands(project: Project) -> None:
    section = (REPOSITORY / "README.md").read_text().partition("## Your own project")[2]
    found = re.search(r"^ *```yaml\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)
    assert found is not None
    (project.root / "suite.yaml").write_text(textwrap.dedent(found[1]))
    (project.root / "Makefile").write_text(MAKEFILE)
    refused = project.longpole("render")
    assert refused.status == 2
    assert (project.root / "Makefile").read_text() == MAKEFILE
    (project.root / "Makefile").rename(project.root / "parser.mk")
    assert project.longpole("render").status == 0
    done = project.make("-j8", "test")
    assert done.status == 0, done.text
    assert set(project.statuses().values()) == {"passed"}
    assert project.log("test-release-golden") == b"release golden --seed 0 --count 0\n"
