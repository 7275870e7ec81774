"""What commands of a scenario see in a real run."""

import os
from pathlib import Path

import pytest

from tests.project import Project
from tests.rts_tests.scenario.suites import with_scenarios

LOOK = """
name: Look
repos: [{name: r}]
env: {FROM: scenario}
steps:
  - {name: program, run: tested, expect: {exit_code: 0, output_contains: [tested program]}}
  - name: places
    run: |
      test "$PWD" = $WORK_DIR && test -d $CONFIG -a -d "$TMPDIR" && test -z "$(ls $SHORT)" && test ${#SHORT} -le 40
      test $WORKSPACE_ROOT = "$ROOT" && test $BINARY_DIR = "$ROOT/bin" && echo $SHORT >$OUT
    expect: {exit_code: 0}
  - name: a socket fits
    run: python3 -c 'import socket; socket.socket(1).bind("$SHORT/a-socket")'
    expect: {exit_code: 0}
  - name: git
    run: git config --global alias.x; git var GIT_COMMITTER_IDENT
    expect: {output_contains: [status, Me <me@x>]}
  - {name: home, run: "test $HOME = $BASE_DIR/home", expect: {exit_code: 0}}
  - name: nothing else
    run: env | grep -v -e ^LONGPOLE_RUN= -e ^LONGPOLE_UNIT= | grep -c ^LONGPOLE_
    expect: {exit_code: 1}
"""


def test_a_run_sets_all_of_it(project: Project, tmp_path: Path) -> None:
    (project.root / "bin").mkdir()
    program = project.root / "bin" / "tested"
    program.write_text("#!/bin/sh\necho the tested program\n")
    program.chmod(0o755)
    out = tmp_path / "out"
    with_scenarios(
        project,
        {"look.yml": LOOK},
        variants={"v": {"bin": "bin", "gitconfig": "[alias]\n\tx = status\n"}},
        names={"ROOT": "$WORKSPACE_ROOT", "OUT": str(out)},
        folders={"CONFIG": "a/b/config"},
        short_folders=["SHORT"],
        identity={"name": "Me", "email": "me@x"},
        home="sandbox",
    )
    done = project.make("test")
    assert done.status == 0, done.text
    short = out.read_text().strip()
    assert short.startswith("/tmp/lp-")
    assert not os.path.lexists(short), "it is removed with the sandbox"


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_without_the_folder_of_programs_others_are_not_tested_instead(project: Project, kind: str) -> None:
    if kind == "file":
        (project.root / "programs").touch()
    text = "name: x\nsteps: [{name: one, run: git --version, expect: {exit_code: 0}}]\n"
    with_scenarios(project, {"a.yml": text}, variants={"v": {"bin": "programs"}})
    done = project.make("test")
    assert project.statuses() == {"v/a": "error"}
    assert "programs: the `bin` of the variant is no folder; build it, or name another" in done.out
