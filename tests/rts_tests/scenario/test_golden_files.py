"""Golden files beside a scenario: which one a step has, what is compared, written and left over."""

import json
import os
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.golden_files import (
    Goldens,
    orphan_problems,
    orphans_of_no_scenario,
    refuse_update_on_ci,
)
from longpole.rts_tests.scenario.golden_names import file_name, golden_names
from longpole.rts_tests.scenario.variables import Variables
from tests.rts_tests.scenario.scenarios import HEAD, one_mistake, parsed, problems

TEXT = "exit code: 0\nstdout:\n  a\n"


def step(golden: str, more: str = "") -> str:
    return f"name: x\nsteps:\n  - {{name: s, run: r, expect: {{{golden}}}}}\n{more}"


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())} if folder.is_dir() else {}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yml"


def test_a_step_names_its_golden_file_last() -> None:
    scenario = parsed(step("golden: out, exit_code: 0, output_contains: [a]"), strict=False)
    (first,) = scenario.steps
    assert [(check.key, check.texts) for check in first.checks] == [("output_contains", ("a",)), ("golden", ("out",))]
    assert first.checks[-1].line == 3
    assert golden_names(scenario) == ("out",)


def test_a_file_that_matches_holds(path: Path) -> None:
    folder = Path(f"{path}.golden")
    folder.mkdir()
    (folder / "out.txt").write_text("exit code: 0\nstdout:\n  ...\n")
    verdict = Goldens(str(path)).check("out.txt", TEXT, others_hold=True)
    assert (verdict.failure, verdict.details, verdict.was_written) == (None, (), False)


def test_a_difference_is_shown_and_nothing_is_written(path: Path) -> None:
    folder = Path(f"{path}.golden")
    folder.mkdir()
    (folder / "out.txt").write_text("exit code: 0\nstdout:\n  b\n")
    verdict = Goldens(str(path)).check("out.txt", TEXT, others_hold=True)
    assert verdict.failure == f"differs from {path}.golden/out.txt"
    assert verdict.details[-2:] == ("-  b", "+  a")
    assert verdict.details[:2] == (f"--- {path}.golden/out.txt", "+++ this run")
    assert written(folder) == {"out.txt": "exit code: 0\nstdout:\n  b\n"}


def test_a_missing_file_is_a_failure_that_says_how_to_write_it(path: Path) -> None:
    verdict = Goldens(str(path)).check("out.txt", TEXT, others_hold=True)
    assert verdict.failure == f"there is no {path}.golden/out.txt; `longpole scenario --update` writes it"
    assert verdict.details[-1] == "+  a"
    assert written(path.parent) == {}


def test_update_writes_what_differs_and_keeps_wildcards(path: Path) -> None:
    folder = Path(f"{path}.golden")
    folder.mkdir()
    old = "exit code: 0\nstdout:\n  took [..] s\n  b\n"
    (folder / "out.txt").write_text(old)
    goldens = Goldens(str(path), update=True)
    verdict = goldens.check("out.txt", "exit code: 0\nstdout:\n  took 5 s\n  a\n", others_hold=True)
    assert (verdict.failure, verdict.was_written) == (None, True)
    assert verdict.details[-2:] == ("-  b", "+  a")
    assert written(folder) == {"out.txt": "exit code: 0\nstdout:\n  took [..] s\n  a\n"}
    assert not goldens.check("new.txt", TEXT, others_hold=True).failure
    assert written(folder)["new.txt"] == TEXT


def test_update_leaves_what_matches(path: Path) -> None:
    folder = Path(f"{path}.golden")
    folder.mkdir()
    golden = folder / "out.txt"
    golden.write_text(TEXT)
    before = golden.stat()
    assert not Goldens(str(path), update=True).check("out.txt", TEXT, others_hold=True).was_written
    assert (golden.stat().st_ino, golden.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_update_writes_nothing_where_another_check_fails(path: Path) -> None:
    verdict = Goldens(str(path), update=True).check("out.txt", TEXT, others_hold=False)
    assert verdict.failure is not None
    assert "not written, as another check of the step fails" in verdict.failure
    assert written(path.parent) == {}


def test_what_cannot_be_written_is_a_failure(path: Path) -> None:
    Path(f"{path}.golden").write_text("a file")
    verdict = Goldens(str(path), update=True).check("out.txt", TEXT, others_hold=True)
    assert verdict.failure is not None
    assert "cannot be" in verdict.failure


def test_a_file_that_is_no_text_is_a_failure(path: Path) -> None:
    folder = Path(f"{path}.golden")
    folder.mkdir()
    (folder / "out.txt").write_bytes(b"\xff")
    assert Goldens(str(path)).check("out.txt", TEXT, others_hold=True).failure == f"{path}.golden/out.txt is not UTF-8"
    os.mkfifo(folder / "pipe.txt")
    failure = Goldens(str(path)).check("pipe.txt", TEXT, others_hold=True).failure
    assert failure is not None
    assert "cannot be read" in failure
    assert not Goldens(str(path), update=True).check("out.txt", TEXT, others_hold=True).failure
    assert (folder / "out.txt").read_text() == TEXT


def test_names_hold_variables() -> None:
    variables = Variables({"FROM": "feature/x", "FORMAT": "sha1", "DOTS": "../.."})
    assert file_name("log-$FROM-$FORMAT", variables) == "log-feature-x-sha1.txt"
    assert file_name("$DOTS", variables) == "empty.txt"
    assert file_name("a-$DOTS", variables) == "a.txt"
    with pytest.raises(UseError, match=r"there is no variable `\$NO`"):
        file_name("a-$NO", variables)


def test_a_long_name_is_a_name() -> None:
    assert golden_names(parsed(step("golden: " + "a" * 100), strict=False)) == ("a" * 100,)


def test_files_that_no_step_names_are_orphans(path: Path) -> None:
    folder = Path(f"{path}.golden")
    matrix = "matrix: {A: [one, 'two/2']}\n"
    scenario = parsed(step("golden: out-$A-$FORMAT", matrix), strict=False)
    assert orphan_problems(str(path), scenario) == ()
    folder.mkdir()
    for name in ("out-one-sha1.txt", "out-two-2-sha256.txt", ".gitattributes"):
        (folder / name).write_text("")
    assert orphan_problems(str(path), scenario) == ()
    for name in ("out-three-sha1.txt", "out.txt", "out-one-sha1.txt~", "note.md"):
        (folder / name).write_text("")
    found = orphan_problems(str(path), scenario)
    assert [problem.file for problem in found] == [
        f"{folder}/{name}" for name in ("note.md", "out-one-sha1.txt~", "out-three-sha1.txt", "out.txt")
    ]
    assert found[0].what == "no step of the scenario names this golden file"
    assert len(orphan_problems(str(path), parsed(HEAD))) == 6


def test_a_folder_of_no_scenario_is_an_orphan(tmp_path: Path) -> None:
    for name in ("a.yml.golden", "group/b.yaml.golden", "group/gone.yml.golden", "gone.yml.golden", "other.golden"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("a.yml", "group/b.yaml"):
        (tmp_path / name).write_text("")
    found = orphans_of_no_scenario([str(tmp_path), str(tmp_path / "group"), str(tmp_path / "none")])
    assert [os.path.relpath(problem.file, tmp_path) for problem in found] == [
        *("gone.yml.golden", "group/gone.yml.golden"),
    ]
    assert "there is no scenario" in found[0].what


@pytest.mark.parametrize("value", ["1", "true", "yes", "woodpecker"])
def test_nothing_is_updated_on_ci(value: str) -> None:
    with pytest.raises(UseError, match="golden files are not rewritten on CI"):
        refuse_update_on_ci({"CI": value})


@pytest.mark.parametrize("environ", [{}, {"CI": ""}, {"CI": "false"}, {"CI": "0"}])
def test_elsewhere_files_are_updated(environ: dict[str, str]) -> None:
    refuse_update_on_ci(environ)


WRONG = [
    (step("golden: §[a]"), "`golden` must be text"),
    (step("golden: §''"), "`` cannot be the name of a golden file; write letters, digits"),
    (step("golden: §a/b"), "`a/b` cannot be the name of a golden file"),
    (step("golden: §.a"), "`.a` cannot be the name"),
    (step("golden: §.."), "`..` cannot be the name"),
    (step("golden: §-a"), "`-a` cannot be the name"),
    (step("golden: §a b"), "cannot be the name"),
    (step("golden: §a$"), "cannot be the name"),
    (step("golden: §" + "a" * 101), "cannot be the name"),
    (
        step("golden: a").rstrip("\n") + "\n  - {name: t, run: r, expect: {golden: §A}}\n",
        "the golden file `A` is another step's, in line 3",
    ),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_a_wrong_name_is_one_error(text: str, what: str) -> None:
    one_mistake(text, what, strict=False)


def test_a_strict_suite_has_no_golden_files() -> None:
    (problem,) = problems(step("golden: a"))
    assert "is an extension, and the suite is strict" in str(problem)


def test_texts_of_reports_are_json(path: Path) -> None:
    verdict = Goldens(str(path)).check("out.txt", "exit code: 0\nstdout:\n  \\x1b[31m\n", others_hold=True)
    assert json.dumps(verdict.details).isascii()
