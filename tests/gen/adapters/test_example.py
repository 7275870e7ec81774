"""A project without tests of a known kind: a clear message, and an example that runs at once."""

import pytest

from tests.gen.adapters.projects import empty, write
from tests.project import Project

__all__ = ["empty"]


def test_the_message_says_what_was_looked_for_and_where(empty: Project) -> None:
    write(empty.root, {"src/main.zig": "", "in ner/tests/test_a.py": "def test_a(): pass\n", "x/go.mod": "module x\n"})
    done = empty.longpole("init")
    assert done.status == 2
    lines = done.err.splitlines()
    assert lines[0] == f"looked in {empty.root.resolve()} for"
    assert ["Go", "go.mod", "or", "go.work"] in [line.split() for line in lines]
    assert "found pytest in in ner: type `longpole -C 'in ner' init`" in lines
    assert "found Go in x: type `longpole -C x init`" in lines
    assert lines[-1] == (
        "longpole: no tests of a known kind were found here; `longpole init --example` writes a suite to begin with"
    )
    assert not (empty.root / "suite.yaml").exists()


def test_the_example_runs_at_once(empty: Project) -> None:
    done = empty.longpole("init", "--example")
    assert done.status == 0, done.text
    assert "wrote suite.yaml: 3 modules, an example\n" in done.out
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert "3 units: 3 passed; 2 cases: 2 passed" in made.out


def test_longpole_s_own_makefile_is_none_of_the_project_s(empty: Project) -> None:
    for _ in range(2):
        assert "wrote suite.yaml: 3 modules" in empty.longpole("init", "--example").out
        assert empty.longpole("render").status == 0
        (empty.root / "suite.yaml").unlink()


def test_scripts_of_a_project_are_its_modules(empty: Project) -> None:
    write(
        empty.root,
        {"tests/a.sh": "#!/bin/sh\nexit 0\n", "tests/data.txt": "", "t/b.t": "#!/bin/sh\necho 1..1; echo ok 1 - x\n"},
    )
    write(empty.root, {"tests/it's $(touch hurt).sh": "#!/bin/sh\n"})
    for path in (*empty.root.glob("t*/*.sh"), empty.root / "t/b.t"):
        path.chmod(0o755)
    assert empty.longpole("init", "--example").status == 0
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert "2 units: 2 passed; 1 case: 1 passed" in made.out
    assert not (empty.root / "hurt").exists()


def test_the_check_of_a_makefile_is_a_module_and_its_failure_fails(empty: Project) -> None:
    write(empty.root, {"Makefile": "CFLAGS := x\ntest:= no\nall check: ; @echo checked; exit 3\n"})
    done = empty.longpole("init", "--example")
    assert "now run: longpole render -o longpole.mk && make -f longpole.mk" in done.out
    assert empty.longpole("render", "-o", "longpole.mk").status == 0
    made = empty.make("-f", "longpole.mk", "-j2", "test")
    assert made.status == 2
    assert empty.statuses() == {"default/check": "failed"}


@pytest.mark.parametrize("words", [["--update"], ["--verify"], ["--from", "go"]])
def test_options_that_exclude_each_other_are_refused(empty: Project, words: list[str]) -> None:
    done = empty.longpole("init", "--example", *words)
    assert done.status == 2
    assert "--example" in done.err
    assert not (empty.root / "suite.yaml").exists()


def test_an_example_overwrites_nothing(empty: Project) -> None:
    write(empty.root, {"suite.yaml": "mine"})
    assert empty.longpole("init", "--example").status == 2
    assert (empty.root / "suite.yaml").read_text() == "mine"
    (empty.root / "suite.yaml").unlink()
    done = empty.longpole("init", "--example", "--dry-run")
    assert done.out.startswith("# yaml-language-server: ")
    assert not (empty.root / "suite.yaml").exists()
