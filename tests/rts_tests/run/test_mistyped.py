"""What a user types wrongly: variables, targets, options; and a Longpole that is no longer where it was."""

import re
import shutil
import sys
from pathlib import Path

import pytest

import longpole
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.make.make_arguments import check_options
from longpole.rts_tests.make.makeflags import variables
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.variables import OURS, TYPED, misspelled
from tests.project import REPOSITORY, Project


@pytest.fixture
def small(project: Project) -> Project:
    return project.write({"one": ":", "gc": ":"}, modules={"gc": {"seeds": 4, "chunks": 2}})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("FITLER", "FILTER"),
        ("SEEDS", "SEED"),
        ("seed", "SEED"),
        ("SEDE", "SEED"),
        ("SHARDS", "SHARD"),
        ("SELECTS", "SELECT"),
        ("SELCET", "SELECT"),
        ("FAILFAST", "FAIL_FAST"),
        ("PREBUILD", "PREBUILT"),
        ("NOSKIP", "NO_SKIP"),
        ("LONGPOLE_SLOT", "LONGPOLE_SLOTS"),
    ],
)
def test_a_variable_near_a_known_one_is_refused(typed: str, meant: str) -> None:
    (problem,) = misspelled({"MAKEFLAGS": f"k -j2 -- {typed}=7", "MAKELEVEL": "1"})
    assert problem.file == typed
    assert problem.remedy.startswith(f"did you mean {meant}?")


@pytest.mark.parametrize("name", [*TYPED, *OURS, "CFLAGS", "V", "WARN", "CC", "OUT", "PREFIX", "STATE", "FILE"])
def test_any_other_variable_is_not_our_business(name: str) -> None:
    assert misspelled({"MAKEFLAGS": f" -- {name}=7", "MAKELEVEL": "1"}) == []


def test_every_variable_of_a_request_is_known() -> None:
    text = (REPOSITORY / "rts_tests" / "run" / "request.py").read_text()
    assert all(f'"{name}"' in text for name in TYPED)


def test_unknown_variables_of_our_own_name_space_are_refused() -> None:
    (problem,) = misspelled({"MAKEFLAGS": " -- LONGPOLE_COLOUR=never"})
    assert "LONGPOLE_VIEW" in problem.remedy


def test_variables_of_a_make_above_and_of_the_environment_are_left_alone() -> None:
    assert misspelled({"MAKEFLAGS": " -- SEEDS=7", "MAKELEVEL": "2"}) == []
    assert misspelled({"SEEDS": "7", "MAKEFLAGS": "", "MAKELEVEL": "1"}) == []
    assert misspelled({"MAKEFLAGS": " -- SEEDS=7", "MAKELEVEL": "2", "LONGPOLE_LEVEL": "0"}) != []


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ("", []),
        ("kw", []),
        ("SEEDS=7", ["SEEDS"]),
        ("kw -j2 --jobserver-auth=3,4 -- A=1 B:=2 C+=3", ["A", "B", "C"]),
        (" --eval=A=1 -- B=x\\ C=y D=z", ["B", "D"]),
    ],
)
def test_the_variables_in_makeflags(flags: str, names: list[str]) -> None:
    assert variables(flags) == names


@pytest.mark.parametrize("goal", ["test", "list", "retest"])
def test_make_says_what_was_meant_and_leaves_nothing_behind(small: Project, goal: str) -> None:
    done = small.make(goal, "FITLER=v/one", "SEEDS=7")
    assert done.status == 2
    assert "FITLER: unknown variable; did you mean FILTER? If it is meant for a build, set it in the env" in done.err
    assert "SEEDS: unknown variable; did you mean SEED?" in done.err
    assert not (small.root / ".longpole" / "runs").exists()


def test_through_an_include_too(small: Project) -> None:
    small.longpole("render", "-o", "longpole.mk")
    (small.root / "Makefile").write_text("include longpole.mk\n")
    assert "did you mean FILTER?" in small.make("test", "FITLER=v/one").err
    (small.root / "outer.mk").write_text("all:\n\t+$(MAKE) -f longpole.mk test-v-one\n")
    assert small.make("-f", "outer.mk", "FITLER=of-the-outer-one").status == 0


def test_make_list_and_longpole_list_heed_filter_and_seed(small: Project) -> None:
    listed = small.make("list", "FILTER=v/gc*", "SEED=7").out
    assert re.findall(r"v/\S+", listed) == ["v/gc[0]", "v/gc[1]"]
    assert "seed 7" in small.longpole("list", SEED="7").out


@pytest.mark.parametrize(
    ("goal", "near"),
    [
        ("tset", "test"),
        ("hlep", "help"),
        ("test-v-on", "test-v-one"),
        ("test-v-gc-7", "test-v-gc-"),
        ("v/gc[1]", "test-v-gc-1"),
        ("v/one", "test-v-one"),
    ],
)
def test_an_unknown_target_gets_a_suggestion(small: Project, goal: str, near: str) -> None:
    done = small.make(goal)
    assert done.status == 2
    assert f"no target is called {goal!r}; did you mean {near}" in done.err


def test_a_target_like_no_other_is_told_where_to_look(small: Project) -> None:
    assert "no target is called 'qqq'; `make help` lists the targets" in small.make("qqq").err
    small.longpole("render", "-o", "longpole.mk")
    assert "`make -f longpole.mk help`" in small.make("-f", "longpole.mk", "qqq").err


@pytest.mark.parametrize(
    "goal",
    [
        "$(shell touch planted)",
        "a b;touch planted",
        "`touch planted`",
        "'; touch planted; '",
        "-x",
        "a\ntouch planted\nb",
    ],
)
def test_a_hostile_target_is_only_a_name(small: Project, goal: str) -> None:
    done = small.make("--", goal)
    assert done.status == 2
    assert "no target is called" in done.err
    assert small.make("-i", "--", goal).status in (0, 2)  # -i goes on with the next line of a recipe
    assert not (small.root / "planted").exists()


def test_a_suite_that_is_gone_is_named(small: Project) -> None:
    (small.root / "suite.yaml").unlink()
    done = small.make("test")
    assert done.status == 2
    assert "longpole: suite.yaml: not found" in done.err


@pytest.mark.parametrize(
    ("typed", "near"), [("--jbos", "--jobs"), ("--keep-gonig", "--keep-going"), ("--ordr=input", "--order")]
)
def test_an_option_near_a_known_one_is_refused(typed: str, near: str) -> None:
    with pytest.raises(UseError, match=f"there is no option {typed.partition('=')[0]}; did you mean {near}\\?"):
        check_options(["test", typed])


@pytest.mark.parametrize(
    "typed", ["--jobs=3", "--keep", "--no-print-dir", "-k", "--zzz", "test", "SEED=7", "--warn=error"]
)
def test_any_other_option_is_left_to_make(typed: str) -> None:
    check_options([typed])
    check_options(["--", "--jbos"])
    check_options(["-C", "--jbos"])


def test_longpole_run_says_so(small: Project) -> None:
    done = small.longpole("run", "--jbos", "4")
    assert (done.status, done.err) == (2, "longpole: there is no option --jbos; did you mean --jobs?\n")


def test_a_longpole_that_is_gone_says_how_to_get_it_back(small: Project, tmp_path: Path) -> None:
    local = small.root / ".longpole" / "local.mk"
    local.write_text("LONGPOLE_PYTHON = /nowhere/bin/python\nLONGPOLE_TEMPLATES = /nowhere/units.mk\n")
    for tool in ("make", "sh"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    done = small.make("test", PATH=str(tmp_path))
    assert done.status == 2
    assert "/nowhere/bin/python is gone; install longpole, then run `longpole render`" in done.err
    (small.root / "configure").touch()  # as autoconf makes one, which does not install Longpole
    assert "is gone; install longpole, then run" in small.make("test", PATH=str(tmp_path)).err
    local.write_text("LONGPOLE_PYTHON = $(CURDIR)/.venv/bin/python\n")
    assert "/.venv/bin/python is gone; run ./configure" in small.make("test", PATH=str(tmp_path)).err
    local.unlink()
    (small.root / "bin").mkdir()
    (small.root / "bin" / "longpole").touch()  # as in Longpole's own repository
    assert "not installed, or not in PATH; run ./configure" in small.make("test", PATH=str(tmp_path)).err


def test_an_editable_longpole_whose_checkout_was_moved_is_gone(small: Project, tmp_path: Path) -> None:
    local = small.root / ".longpole" / "local.mk"
    package = Path(longpole.__file__).resolve().parent
    assert f"LONGPOLE_PACKAGE = {package}\n" in local.read_text()
    local.write_text(local.read_text().replace(str(package), "/nowhere/longpole"))
    for tool in ("make", "sh"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    done = small.make("test", PATH=str(tmp_path))
    assert done.status == 2
    assert "/nowhere/longpole is gone; install longpole, then run `longpole render`" in done.err
    done = small.make("test", f"LONGPOLE_PYTHON={sys.executable}", PATH=str(tmp_path))
    assert done.status == 0, done.text
    local.write_text(re.sub("LONGPOLE_PACKAGE.*\n", "", local.read_text()))  # as an older Longpole wrote it
    assert small.make("test", PATH=str(tmp_path)).status == 0


def test_a_longpole_elsewhere_takes_the_place_of_one_that_is_gone(small: Project) -> None:
    local = small.root / ".longpole" / "local.mk"
    before = local.read_text()
    local.write_text("LONGPOLE_PYTHON = /nowhere/bin/python\nLONGPOLE_TEMPLATES = /nowhere/units.mk\n")
    done = small.make("-j2", "test")
    assert done.status == 0, done.text
    assert local.read_text() == before


def test_a_request_reports_them_with_all_others() -> None:
    with pytest.raises(UseError) as raised:
        Request.from_environ(("test",), {"SHARD": "x", "MAKEFLAGS": " -- FITLER=x"})
    assert [problem.file for problem in raised.value.problems] == ["FITLER", "SHARD"]
