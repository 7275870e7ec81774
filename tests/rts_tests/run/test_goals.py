"""What people type: goals, variables, and the status that comes back."""

import json
import re
import shutil

import pytest

from tests.project import Done, Project, shell

SEEDED = {"gc": {"seeds": 4, "chunks": 2}}


@pytest.fixture
def small(project: Project) -> Project:
    """Two variants; `bad` fails in one of them."""
    scripts = {"ok": "", "bad": 'test "$3" != b || exit 7', "gc": 'echo "$1"'}
    return project.write(scripts, modules=SEEDED, variants={"a": {}, "b": {}})


def ran(project: Project) -> set[str]:
    return set(project.statuses())


def test_a_single_unit(small: Project) -> None:
    assert small.make("test-a-ok").status == 0
    assert ran(small) == {"a/ok"}


def test_a_single_unit_fails_as_it_did(small: Project) -> None:
    assert small.make("test-b-bad").status == 2
    assert small.records()["b/bad"]["exit_code"] == 7


def test_a_variant(small: Project) -> None:
    small.make("test-a")
    assert ran(small) == {"a/ok", "a/bad", "a/gc[0]", "a/gc[1]"}


def test_a_module_of_chunks(small: Project) -> None:
    small.make("test-b-gc")
    assert ran(small) == {"b/gc[0]", "b/gc[1]"}


def test_a_chunk(small: Project) -> None:
    small.make("test-b-gc-1")
    assert ran(small) == {"b/gc[1]"}


def test_several_goals_are_one_run(small: Project) -> None:
    assert small.make("-j2", "test-a-ok", "test-b-gc", "test-a-gc-0").status == 0
    assert ran(small) == {"a/ok", "b/gc[0]", "b/gc[1]", "a/gc[0]"}
    assert len(small.runs) == 1


def test_goals_that_overlap_run_a_unit_once(small: Project) -> None:
    small.make("-j2", "test", "test-a", "test-a-ok")
    assert len(small.runs) == 1
    assert sum(event["event"] == "unit started" for event in small.events()) == 8


def test_every_unit_runs_once_heaviest_first(project: Project) -> None:
    weights = {"light": {"weight": 1}, "heavy": {"weight": 9}, "middle": {"weight": 5}}
    project.write(dict.fromkeys(weights, ""), modules=weights, variants={"a": {}, "b": {}})
    project.make("test")
    started = [event["id"] for event in project.events() if event["event"] == "unit started"]
    assert started == ["a/heavy", "b/heavy", "a/middle", "b/middle", "a/light", "b/light"]


def test_a_goal_that_no_unit_has_starts_no_run(small: Project) -> None:
    done = small.make("test-a-nothing")
    assert done.status == 2
    assert "no target is called 'test-a-nothing'" in done.err
    assert not small.runs
    assert small.runs == []


@pytest.mark.parametrize(
    ("goals", "variables", "status"),
    [
        ("test-a", {}, 0),
        ("test", {}, 1),
        ("test-b-bad", {}, 1),
        ("test", {"FILTER": "nothing*"}, 4),
        ("test", {"SHARD": "3/2"}, 2),
        ("test", {"SHARD": "x"}, 2),
        ("test", {"SEED": "-1"}, 2),
        ("test", {"SEED": "4294967296"}, 2),
        ("test", {"SEED": "x"}, 2),
        ("test", {"LONGPOLE_REV": "HEAD"}, 2),
        ("retest", {}, 2),
    ],
)
def test_the_status_under_make(small: Project, goals: str, variables: dict[str, str], status: int) -> None:
    done = small.make(goals, **variables)
    assert done.status == (2 if status else 0)
    found = re.search(r"Error (\d+)", done.err)
    assert (int(found[1]) if found else 0) == status
    assert "Traceback" not in done.text
    if status in (2, 4):
        assert len([line for line in done.err.splitlines() if line.startswith("longpole: ")]) == 1
        assert small.runs == []


def test_variables_may_be_given_either_way(small: Project) -> None:
    small.make("test-a", FILTER="*/ok")
    assert ran(small) == {"a/ok"}
    small.make("test-a", "FILTER=*/bad")
    assert ran(small) == {"a/bad"}


@pytest.mark.parametrize(
    ("pattern", "units"),
    [
        ("a/gc*", {"a/gc[0]", "a/gc[1]"}),
        ("a/gc[1]", {"a/gc[1]"}),
        ("*/ok", {"a/ok", "b/ok"}),
        ("?/b*", {"a/bad", "b/bad"}),
        ("*", {"a/ok", "a/bad", "b/ok", "b/bad", *(f"{v}/gc[{k}]" for v in "ab" for k in (0, 1))}),
    ],
)
def test_filter_is_a_glob_over_ids(small: Project, pattern: str, units: set[str]) -> None:
    small.make("-j2", "test", f"FILTER={pattern}")
    assert ran(small) == units


def test_a_filter_that_matches_nothing_says_so(small: Project) -> None:
    done = small.make("test", "FILTER=eop/*")
    assert "'eop/*' matches no unit" in done.err


def test_shards_are_disjoint_and_their_union_is_all(small: Project) -> None:
    found: list[str] = []
    for shard in ("1/3", "2/3", "3/3"):
        small.make("-j2", "test", f"SHARD={shard}")
        found += ran(small)
    assert len(found) == len(set(found)) == 8


def test_a_seed_overrides_every_seed_and_the_report_says_so(small: Project) -> None:
    done = small.make("-j2", "test", "SEED=7")
    records = small.records()
    assert {row["first_seed"] for name, row in records.items() if "gc" in name} == {7}
    assert {row["seed_count"] for name, row in records.items() if "gc" in name} == {1}
    assert records["a/ok"]["seed"] is None
    assert "seed 7 for every unit that takes seeds" in done.out
    assert records["a/gc[1]"]["reproducer"] == "make test-a-gc-1 SEED=7"


def test_fail_fast_starts_nothing_after_a_failure(project: Project) -> None:
    weights = {"first": {"weight": 9}, "bad": {"weight": 5}, "never": {"weight": 1}}
    project.write({"first": "", "bad": "exit 1", "never": ""}, modules=weights)
    done = project.make("test", "FAIL_FAST=1")
    assert project.statuses() == {"v/first": "passed", "v/bad": "failed"}
    assert done.status == 2
    assert "\nnot run:\n  v/never\n" in done.out


def test_fail_fast_lets_what_runs_end(project: Project) -> None:
    project.root.mkdir(exist_ok=True)
    weights = {"slow": {"weight": 9}, "bad": {"weight": 5}, "never": {"weight": 1}}
    scripts = {"slow": "cat fifo; echo whole", "bad": "exit 1", "never": ""}
    project.write(scripts, modules=weights)
    project.run("mkfifo", "fifo")
    process = project.start("make", "-j2", "test", "FAIL_FAST=1")
    from tests.project import eventually

    eventually("the failure is recorded", lambda: project.runs and "v/bad" in ran(project))
    (project.root / "fifo").write_text("go\n")
    process.communicate()
    assert project.statuses() == {"v/slow": "passed", "v/bad": "failed"}
    assert project.log("test-v-slow") == b"go\nwhole\n"


def test_retest_runs_what_failed_or_never_finished(project: Project) -> None:
    weights = {"bad": {"weight": 9}, "never": {"weight": 5}}
    project.write({"bad": "test -e mended", "never": ""}, modules=weights, variants={"a": {}, "b": {}})
    project.make("test", "FAIL_FAST=1")
    assert project.make("retest").status == 2
    assert project.statuses() == {"a/bad": "failed", "b/bad": "failed", "a/never": "passed", "b/never": "passed"}
    (project.root / "mended").touch()
    assert project.make("retest").status == 0
    assert project.statuses() == {"a/bad": "passed", "b/bad": "passed"}


def _failing(project: Project, *names: str) -> None:
    project.write({name: f"test -e {name}.mended" for name in names})
    assert project.make("-k", "test").status == 2


def test_retest_does_not_forget_what_failed_before_one_unit_was_run_again(project: Project) -> None:
    _failing(project, "one", "two", "three")
    (project.root / "one.mended").touch()
    assert project.make("test-v-one").status == 0
    assert project.make("test-v-two").status == 2
    (project.root / "two.mended").touch()
    assert project.make("retest").status == 2
    assert project.statuses() == {"v/two": "passed", "v/three": "failed"}
    (project.root / "three.mended").touch()
    assert project.make("retest").status == 0
    assert project.statuses() == {"v/three": "passed"}
    assert "nothing to run again" in project.make("retest").out


def test_retest_knows_failures_of_runs_that_were_removed(project: Project) -> None:
    _failing(project, "one", "two")
    shutil.rmtree(project.runs[0])
    project.make("test-v-one")
    (project.root / "two.mended").touch()
    assert project.make("retest").status == 2
    assert project.statuses() == {"v/one": "failed", "v/two": "passed"}


def test_retest_goes_by_the_newest_run_that_planned_a_unit(project: Project) -> None:
    project.write({"first": "test ! -e stop", "later": ":"}, modules={"first": {"weight": 9}, "later": {"weight": 1}})
    assert project.make("test-v-later").status == 0
    (project.root / "stop").touch()
    assert project.make("test", "FAIL_FAST=1").status == 2
    assert set(project.statuses()) == {"v/first"}
    (project.root / "stop").unlink()
    assert project.make("retest").status == 0
    assert set(project.statuses()) == {"v/first", "v/later"}, "one failed, the other was planned and left out"


def test_retest_passes_over_a_damaged_older_run(project: Project) -> None:
    _failing(project, "one", "two")
    project.make("test-v-one")
    (project.runs[0] / "run.json").write_text("{")
    assert project.make("retest").status == 2
    assert set(project.statuses()) == {"v/one", "v/two"}, "the history knows"


def test_retest_after_success_has_nothing_to_do(small: Project) -> None:
    small.make("test-a")
    done = small.make("retest")
    assert done.status == 0
    assert "nothing to run again" in done.out
    assert len(small.runs) == 1


class Shown:
    """What `make -n test` showed, in a project whose build and units would leave traces."""

    def __init__(self, project: Project) -> None:
        build = {"build": {"shell": "touch {target_dir}.built"}, "run": ["touch", "{module}.ran", "{seeds}"]}
        self.project = project.write({"one": "", "gc": ""}, modules=SEEDED, variants={"a": build})
        self.before = {str(path) for path in project.root.rglob("*")}
        self.done: Done = project.make("-n", "test")


@pytest.fixture
def shown(project: Project) -> Shown:
    return Shown(project)


def test_make_n_runs_nothing_and_keeps_nothing(shown: Shown) -> None:
    assert shown.done.status == 0, shown.done.text
    assert {str(path) for path in shown.project.root.rglob("*")} == shown.before
    assert shown.project.runs == []


def test_make_n_shows_every_command(shown: Shown) -> None:
    lines = shown.done.out.splitlines()
    assert "touch one.ran ''  # a/one" in lines
    assert "touch gc.ran 2,3  # a/gc[1]" in lines
    assert "sh -c 'touch target-a.built'" in lines


def test_a_suite_s_goals_may_be_asked_for_beside_others(small: Project) -> None:
    done = small.make("list", "test-a-ok")
    assert done.status == 0
    assert len([line for line in done.out.splitlines() if "a/ok" in line]) >= 2


def test_the_default_goal_explains(small: Project) -> None:
    done = small.make()
    assert done.status == 0
    for word in ("test", "test-V", "retest", "build", "list", "report", "clean", "SEED=", "FILTER=", "SHARD="):
        assert word in done.out
    assert small.runs == []


def test_clean_removes_the_target_directories_and_keeps_what_was_learnt(small: Project) -> None:
    small.make("test-a")
    (small.root / "target-a").mkdir()
    assert small.make("clean").status == 0
    assert not (small.root / "target-a").exists()
    assert len(small.history()) == 4


def test_a_run_leaves_no_temporary_folder(small: Project) -> None:
    (small.root / "tmp").mkdir()
    small.make("test", TMPDIR=str(small.root / "tmp"))
    assert list((small.root / "tmp").iterdir()) == []


def test_a_state_directory_of_choice(small: Project) -> None:
    assert small.make("test-a", LONGPOLE_STATE="elsewhere").status == 0
    assert json.loads((small.root / "elsewhere" / "history.json").read_bytes())["version"] == 1
    assert small.runs == []


def test_a_state_directory_of_the_environment_does_not_stick(small: Project) -> None:
    small.longpole("render", LONGPOLE_STATE="elsewhere")
    assert small.make("test-a").status == 0
    assert not (small.root / "elsewhere" / "history.json").exists()
    assert small.make("report").status == 0


def test_a_script_with_cr_and_tabs_reaches_the_shell(project: Project) -> None:
    project.write({"m": ""}, defaults={"run": {"shell": shell("printf 'a\tb\r'", "printf '\\n'")}})
    project.make("test")
    assert project.log("test-v-m") == b"a\tb\r\n"
