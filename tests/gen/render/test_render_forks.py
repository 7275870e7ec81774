"""A suite with forks, rendered: its targets, its plan, and what its help says."""

from collections.abc import Callable

import pytest

from longpole.gen.render.make_syntax import MAKE_VARIABLES
from longpole.gen.render.makefile import local_makefile
from tests.gen.render.portable import portable
from tests.project import REPOSITORY, Project

FORKS = """\
version: 1
name: forks
defaults: {build: ["{make}", "{target_dir}/tests"], args: [--quick]}
variants:
  jdk17: {env: {JAVA_HOME: /opt/jdk17}}
  jdk21: {warm: false}
modules:
  unit:
    weight: 60
    forks:
      list: ["{python}", "{clients}/pytest", list, "{args}"]
      run: ["{python}", "{clients}/pytest", run, "{classes_file}", "--port={port:http}"]
      max_forks: 3
      threads: 2
      warm: pytest
      debug_ports: shift
  stolen:
    only: [jdk21]
    forks: {list: {shell: "ls *.js"}, run: {shell: "node {clients}/node {queue}"}, stealing: true}
  plain: {weight: 5, run: ["{target_dir}/tests", "{module}"], results: {junit: "*.xml"}}
"""


def test_a_suite_with_forks(project: Project, golden: Callable[[str, str], None]) -> None:
    (project.root / "suite.yaml").write_text(FORKS)
    project.render()
    golden("forks.mk", portable((project.root / "Makefile").read_text()))
    golden("forks-plan.json", (project.root / ".longpole" / "plan.json").read_text())
    done = project.make("help")
    assert "test-V-M-fork-K only fork K" in done.out
    assert "SELECT='globs over classes'" in done.out


BUILDS = """\
version: 1
name: builds
steps:
  words: {build: [cp, "{clients}/README.md", "{output}"], output: words}
  text: {build: {shell: "cp {clients}/README.md {output}"}, output: text}
variants:
  v: {need: [words, text], build: [cp, "{clients}/README.md", "{artifact}"], artifact: made, run: ["true"]}
modules: {m: {}}
"""


@pytest.mark.parametrize("options", [[], ["-o", "longpole.mk"]])
def test_builds_find_the_clients_which_the_makefile_itself_does_not_name(project: Project, options: list[str]) -> None:
    (project.root / "suite.yaml").write_text(BUILDS)
    project.longpole("render", *options)
    file = options[-1] if options else "Makefile"
    assert str(REPOSITORY / "clients") not in (project.root / file).read_text()
    assert MAKE_VARIABLES["clients"] in (project.root / file).read_text()
    done = project.make("-f", file, "build")
    assert done.status == 0, done.text
    for name in ("words", "text", "made"):
        assert (project.root / name).read_text() == (REPOSITORY / "clients/README.md").read_text()


def test_clients_below_the_project_are_found_from_its_folder() -> None:
    assert "LONGPOLE_CLIENTS = $(CURDIR)/deps/longpole/clients\n" in local_makefile(
        "p", "p", "deps/longpole/clients", []
    )
