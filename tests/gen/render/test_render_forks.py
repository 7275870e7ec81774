"""A suite with forks, rendered: its targets, its plan, and what its help says."""

from collections.abc import Callable

from tests.gen.render.portable import portable
from tests.project import Project

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
