"""`longpole render -o FILE`: beside a makefile that somebody wrote, for `make -f FILE` and for `include FILE`."""

import json
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.last_render import file_option
from tests.project import Project

THEIRS = """\
OUT ?= .
PYTHON = not-ours
all: $(OUT)/parser.o
	@echo built all with $(CC) $(PYTHON)
$(OUT)/%.o: %.c
	@mkdir -p $(OUT)
	$(CC) -c -o $@ $<
%.txt: %.in
	cp $< $@
clean:
	@echo their own clean
check: test-debug
	@echo checked
"""
SUITE = {
    "version": 1,
    "name": "parser",
    "defaults": {
        "build": ["{make}", "OUT={target_dir}"],
        "artifact": "{target_dir}/parser.o",
        "run": ["sh", "-c", 'test -s "$0"', "{artifact}"],
    },
    "variants": {"debug": {}, "release": {}},
    "modules": {"fuzz": {"seeds": 4, "chunks": 2}, "golden": {}},
}
UNITS = {f"{variant}/{module}" for variant in ("debug", "release") for module in ("fuzz[0]", "fuzz[1]", "golden")}


def their_project(project: Project, folder: str = ".", makefile: str = THEIRS) -> Project:
    root = project.root / folder
    root.mkdir(exist_ok=True)
    (root / "suite.yaml").write_text(json.dumps(SUITE))
    (root / "parser.c").write_text("int answer = 42;\n")
    (root / "words.in").write_text("words\n")
    (root / "Makefile").write_text(makefile)
    return project


@pytest.fixture
def theirs(project: Project) -> Project:
    return their_project(project)


@pytest.fixture
def included(theirs: Project) -> Project:
    assert theirs.longpole("render", "-o", "longpole.mk").status == 0
    (theirs.root / "Makefile").write_text(f"include longpole.mk\n{THEIRS}")
    return theirs


def test_it_is_written_beside_the_makefile_and_runs_with_f(theirs: Project) -> None:
    done = theirs.longpole("render", "-o", "longpole.mk")
    assert done.status == 0, done.text
    assert "wrote longpole.mk" in done.out
    assert (theirs.root / "Makefile").read_text() == THEIRS
    done = theirs.make("-f", "longpole.mk", "-j2", "test")
    assert done.status == 0, done.text
    assert theirs.statuses() == dict.fromkeys(UNITS, "passed")


def test_included_it_leaves_the_makefile_as_it_is(included: Project) -> None:
    done = included.make()
    assert done.status == 0, done.text
    assert "built all with cc not-ours" in done.out, "the default goal, implicit rules and variables are theirs"
    assert included.make("words.txt").status == 0
    assert included.make("clean").out == "their own clean\n"
    assert "warning" not in done.err
    assert not (included.root / ".longpole" / "runs").exists()


def test_included_its_targets_work(included: Project) -> None:
    done = included.make("-j2", "test")
    assert done.status == 0, done.text
    assert included.statuses() == dict.fromkeys(UNITS, "passed")
    assert included.make("longpole-build").status == 0
    assert "debug/golden" in included.make("list").out
    assert "6 units" in included.make("longpole-help").out
    assert "FILTER" in included.make("test", "FILTER=nothing").err
    included.make("longpole-clean")
    assert not (included.root / "target-debug").exists()


def test_included_several_targets_are_one_run(included: Project) -> None:
    done = included.make("-j2", "test-debug-fuzz", "test-release-golden")
    assert done.status == 0, done.text
    assert set(included.statuses()) == {"debug/fuzz[0]", "debug/fuzz[1]", "release/golden"}
    assert len(included.runs) == 1


def test_included_a_target_may_be_a_prerequisite(included: Project) -> None:
    done = included.make("check")
    assert done.status == 0, done.text
    assert done.out.endswith("checked\n")
    assert set(included.statuses()) == {"debug/fuzz[0]", "debug/fuzz[1]", "debug/golden"}


def test_included_a_failure_is_make_s(included: Project) -> None:
    suite = json.loads((included.root / "suite.yaml").read_text())
    suite["modules"]["golden"] = {"timeout": 5}
    suite["defaults"]["run"] = ["sh", "-c", '[ "$0" != golden ]', "{module}"]
    (included.root / "suite.yaml").write_text(json.dumps(suite))
    done = included.make("check")
    assert done.status == 2
    assert "checked" not in done.out
    assert included.statuses()["debug/golden"] == "failed"


def test_a_prefix_keeps_all_names_apart(theirs: Project) -> None:
    theirs.longpole("render", "-o", "longpole.mk")
    theirs.root.joinpath("Makefile").write_text(
        f"LONGPOLE_PREFIX = lp-\n{THEIRS}\ntest:\n\t@echo their test\ninclude longpole.mk\n"
    )
    done = theirs.make("test")
    assert (done.status, done.out, done.err) == (0, "their test\n", "")
    assert theirs.make("lp-test").status == 0
    assert len(theirs.statuses()) == len(UNITS)
    assert "6 units" in theirs.make("lp-help").out


@pytest.mark.parametrize("name", ["longpole.mk", "make/longpole.mk"])
def test_in_a_folder_of_a_larger_project(project: Project, name: str) -> None:
    their_project(project, "parser")
    (project.root / "Makefile").write_text(f"all:\n\t@echo everything\ninclude parser/{name}\n")
    done = project.longpole("-C", "parser", "render", "-o", name)
    assert done.status == 0, done.text
    for argv in (["test-debug"], ["-f", f"parser/{name}", "test-debug"], ["-C", "parser", "-f", name, "test-debug"]):
        done = project.make(*argv)
        assert done.status == 0, done.text
    assert project.make().out == "everything\n"
    assert not (project.root / ".longpole").exists()
    runs = sorted((project.root / "parser" / ".longpole" / "runs").iterdir())
    assert len(runs) == 3


def test_a_reproducer_names_the_makefile(theirs: Project) -> None:
    theirs.longpole("render", "-o", "longpole.mk")
    suite = json.loads((theirs.root / "suite.yaml").read_text())
    suite["defaults"]["run"] = ["false"]
    (theirs.root / "suite.yaml").write_text(json.dumps(suite))
    theirs.make("-f", "longpole.mk", "test-debug-golden")
    (record,) = theirs.records().values()
    assert record["reproducer"].endswith("make -f longpole.mk test-debug-golden")


def test_it_renders_itself_again_when_the_suite_changed(theirs: Project) -> None:
    theirs.longpole("render", "-o", "longpole.mk")
    suite = json.loads((theirs.root / "suite.yaml").read_text())
    suite["modules"]["added"] = {}
    (theirs.root / "suite.yaml").write_text(json.dumps(suite))
    done = theirs.make("-f", "longpole.mk", "test-debug-added")
    assert done.status == 0, done.text
    assert (theirs.root / "Makefile").read_text() == THEIRS


def test_in_a_fresh_clone_it_finds_its_way(theirs: Project) -> None:
    theirs.longpole("render", "-o", "longpole.mk")
    for path in (theirs.root / ".longpole").iterdir():
        path.unlink()
    (theirs.root / ".longpole").rmdir()
    assert theirs.make("-f", "longpole.mk", "test-debug-golden").status == 0
    assert theirs.longpole("render").status == 0, "the makefile of the last render is the one to update"
    assert (theirs.root / "Makefile").read_text() == THEIRS


def test_both_makefiles_are_kept_up_to_date(project: Project) -> None:
    project.write({"one": ":"})
    project.longpole("render", "-o", "longpole.mk")
    project.write({"one": ":", "two": ":"})
    for name in ("Makefile", "longpole.mk"):
        assert "test-v-two" in (project.root / name).read_text(), name


def test_makefiles_of_the_environment_are_no_including_makefile(theirs: Project) -> None:
    theirs.longpole("render", "-o", "longpole.mk")
    (theirs.root / "before.mk").write_text("EXTRA = 1\n")
    done = theirs.make("-f", "longpole.mk", "test-debug-golden", MAKEFILES="before.mk")
    assert done.status == 0, done.text
    assert theirs.statuses() == {"debug/golden": "passed"}


def test_longpole_run_uses_it(theirs: Project) -> None:
    theirs.longpole("render", "-o", "longpole.mk")
    done = theirs.longpole("run", "-j2", "test-debug")
    assert done.status == 0, done.text
    assert len(theirs.statuses()) == 3


@pytest.mark.parametrize("name", ["Makefile", "parser.c", "suite.yaml"])
def test_a_file_that_is_not_ours_is_never_replaced(theirs: Project, name: str) -> None:
    before = (theirs.root / name).read_bytes()
    done = theirs.longpole("render", "-o", name)
    assert done.status == 2
    assert f"longpole: {name}: this file was not rendered by Longpole, and is left alone; use" in done.err
    assert (theirs.root / name).read_bytes() == before
    assert not (theirs.root / ".longpole").exists()


@pytest.mark.parametrize(
    "name",
    ["..", "../longpole.mk", "/tmp/longpole.mk", "", "folder/", "a b.mk", "a$(x).mk", "-", ".longpole/plan.json"],
)
def test_a_place_outside_or_unfit_is_refused(theirs: Project, name: str) -> None:
    (theirs.root / "folder").mkdir()
    done = theirs.longpole("render", "-o", name) if name != "-" else theirs.longpole("render", "-o", "./.")
    assert done.status == 2, done.text
    assert done.err.startswith("longpole: ")
    assert not (theirs.root / ".longpole").exists()
    assert not Path("/tmp/longpole.mk").exists()


def test_a_makefile_written_in_the_place_of_a_rendered_one_is_no_longer_ours(theirs: Project) -> None:
    own = (theirs.root / "Makefile").read_text()
    (theirs.root / "Makefile").unlink()
    assert theirs.longpole("render").status == 0
    (theirs.root / "Makefile").write_text(own)
    assert "left alone; use `longpole render -o longpole.mk`" in theirs.longpole("render").err
    assert theirs.longpole("render", "-o", "longpole.mk").status == 0
    assert theirs.longpole("render").status == 0
    assert (theirs.root / "Makefile").read_text() == own


@pytest.mark.parametrize(
    ("makefile", "others", "option"),
    [
        ("Makefile", (), ""),
        ("Makefile", ("GNUmakefile",), " -f Makefile"),
        ("GNUmakefile", ("Makefile",), ""),
        ("longpole.mk", (), " -f longpole.mk"),
        ("sub/Makefile", (), " -f sub/Makefile"),
    ],
)
def test_make_is_told_which_makefile_unless_it_finds_that_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, makefile: str, others: tuple[str, ...], option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in others:
        (tmp_path / name).touch()
    assert file_option(makefile) == option


def test_a_makefile_that_make_prefers_is_not_taken_for_the_rendered_one(theirs: Project) -> None:
    (theirs.root / "Makefile").rename(theirs.root / "GNUmakefile")
    theirs.longpole("render")
    assert theirs.longpole("run", "test").status == 0
    assert set(theirs.statuses()) == UNITS
    assert "make -f Makefile -j8 test" in theirs.make("-f", "Makefile", "help").out


def test_the_makefile_of_another_suite_is_left_alone(project: Project) -> None:
    for name in ("suite", "slow"):
        (project.root / f"{name}.yaml").write_text(json.dumps({**SUITE, "name": name}))
    assert project.longpole("render").status == 0
    first = (project.root / "Makefile").read_bytes()
    there = {"LONGPOLE_STATE": "slow-state"}
    done = project.longpole("render", "--suite", "slow.yaml", "-o", "slow.mk", **there)
    assert "wrote slow.mk\n" in done.out
    assert (project.root / "Makefile").read_bytes() == first
    assert project.longpole("render", "--check", "--suite", "slow.yaml", "-o", "slow.mk", **there).status == 0
