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
    assert "`longpole render -o longpole.mk`" in refused.err
    for command in ("longpole render -o longpole.mk", "make -f longpole.mk -j8 test"):
        assert f"`{command}`" in section
        program, *words = command.split()
        done = project.longpole(*words) if program == "longpole" else project.make(*words)
        assert done.status == 0, done.text
    assert (project.root / "Makefile").read_text() == MAKEFILE
    assert set(project.statuses().values()) == {"passed"}
    assert project.log("test-release-golden") == b"release golden --seed 0 --count 0\n"
