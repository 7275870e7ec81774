"""What is built: this repository's own runtime, once, and a small suite of somebody else, in many ways."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.history import platform_key
from longpole.rts_tests.contracts.seeds import FALLBACK, commit_seed
from tests.nix.world import SYSTEM, Nix, commit, lock_inputs
from tests.project import REPOSITORY, records_in
from tests.rts.runtime import make

UNITS_OF_RTS = 72
UNITS_OF_CALC = 10
COMPILING = ("CC ", "LD ", "AOT ", "zig")


def said(log: str, name: str) -> list[str]:
    """The lines that one derivation printed."""
    return [line.partition("> ")[2] for line in log.splitlines() if line.startswith(f"{name}> ")]


def passed(log: str, name: str) -> list[str]:
    return [line.split()[1] for line in said(log, name) if line.startswith("PASS ")]


def cases(result: Path) -> list[str]:
    found = ET.parse(result / "share/longpole/junit.xml").getroot().iter("testcase")
    return [f"{case.get('classname')}/{case.get('name')}" for case in found]


@pytest.fixture(scope="module")
def built(nix: Nix, checkout: Path) -> tuple[Path, str]:
    return nix.build(checkout, "rts-build")


@pytest.fixture(scope="module")
def checked(nix: Nix, checkout: Path, built: tuple[Path, str]) -> tuple[Path, str]:
    return nix.build(checkout, "rts-checked")


def test_rts_build_builds_every_variant_and_runs_no_test(built: tuple[Path, str]) -> None:
    result, log = built
    lines = said(log, "rts-build")
    assert any(line.startswith("CC ") for line in lines)
    assert not any(word in line for line in lines for word in ("PASS", "FAIL", "units"))
    assert sorted(str(path.relative_to(result)) for path in result.rglob("*.*wasm")) == sorted(
        f"target-{variant}/{name}"
        for variant in ("non-incremental", "incremental", "eop")
        for name in ("rts.wasm", "rts-test.wasm", "rts-test.cwasm")
    )


def test_rts_checked_runs_every_unit_and_compiles_nothing(checked: tuple[Path, str]) -> None:
    result, log = checked
    lines = [line for name in ("rts-results", "rts-checked") for line in said(log, name)]
    assert len(passed(log, "rts-results")) == len(set(cases(result))) == UNITS_OF_RTS
    assert not [line for line in lines if line.startswith(COMPILING)]
    assert "rts-build>" not in log


def test_rts_checked_brings_nothing_along(nix: Nix, checked: tuple[Path, str]) -> None:
    """Neither Python, nor what tested it, nor the compiler that debug information could name."""
    assert nix.closure(checked[0]) == ["rts-checked"]


def test_artifacts_are_the_same_inside_and_outside_nix(built: tuple[Path, str], tmp_path: Path) -> None:
    finished = make(REPOSITORY / "rts", "non-incremental", tmp_path, "all")
    assert finished.returncode == 0, finished.stderr
    for name in ("rts.wasm", "rts-test.wasm", "rts-test.cwasm"):
        assert (tmp_path / name).read_bytes() == (built[0] / "target-non-incremental" / name).read_bytes(), name


def test_rts_checked_gives_the_artifacts_of_rts_build_and_what_the_tests_left(
    built: tuple[Path, str], checked: tuple[Path, str]
) -> None:
    names = [str(path.relative_to(built[0])) for path in built[0].rglob("*") if path.is_file()]
    assert filecmp.cmpfiles(built[0], checked[0], names, shallow=False) == (names, [], [])
    kept = checked[0] / "share/longpole"
    assert {path.name for path in kept.iterdir()} >= {
        "junit.xml",
        "report.txt",
        "records.jsonl",
        "run.json",
        "trace.json",
        "units",
    }
    assert len(records_in(kept)) == UNITS_OF_RTS
    report = (kept / "report.txt").read_text()
    assert "72 units: 72 passed" in report
    assert "no commit is known: commit seeds are the fallback, 4711" in report  # the stand-in is an override


def test_the_tool_is_built_and_runs_as_an_app(nix: Nix, checkout: Path) -> None:
    done = nix.ok(checkout, "run", ".", "--", "list")
    assert f"in all, {UNITS_OF_RTS} units" in done.out


@pytest.mark.parametrize("name", ["lint", "format", "render"])
def test_checks_pass_on_this_tree(nix: Nix, checkout: Path, name: str) -> None:
    nix.build(checkout, f"checks.{SYSTEM}.{name}")


def test_the_check_of_what_is_rendered_is_red_when_it_is_stale(nix: Nix, checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stale"
    shutil.copytree(checkout, folder)
    plan = folder / "nix/plan.json"
    plan.write_text(plan.read_text().replace('"jobs": 8', '"jobs": 9'))
    commit(folder)
    done = nix.run(folder, "build", f".#checks.{SYSTEM}.render", "--no-link", "--print-build-logs")
    assert done.status != 0
    assert '"jobs": 9' in done.err


# -- the adopter: ten units of a small C program -------------------------------------------------------------------


@pytest.fixture(scope="module")
def calc(nix: Nix, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("calc") / "calc"
    shutil.copytree(checkout / "examples/nix-adopter", folder)
    lock_inputs(nix, folder, checkout)
    yield folder


@pytest.fixture
def defective(nix: Nix, adopter: Path) -> Path:
    """The adopter with a mistake in its program, committed."""
    source = adopter / "src/calc.c"
    source.write_text(source.read_text().replace("if (exponent & 1) result", "if (exponent & 2) result"))
    commit(adopter, "a planted defect")
    return adopter


def build(nix: Nix, folder: Path, attribute: str, *arguments: str) -> tuple[Path, str]:
    return nix.build(folder, attribute, *arguments, override=False)


def test_a_project_of_somebody_else_is_built_and_checked_by_default(nix: Nix, calc: Path) -> None:
    result, log = build(nix, calc, "default")
    assert sorted(passed(log, "calc-results")) == sorted(cases(result))
    assert len(cases(result)) == UNITS_OF_CALC
    assert {path.name for path in result.iterdir()} == {"share", "target-checked", "target-fast"}


def test_what_is_checked_brings_nothing_along_and_can_still_be_reported(nix: Nix, adopter: Path) -> None:
    """Logs, commands and records name Longpole's Python here; in `calc-results` they do so still."""
    suite = adopter / "suite.yaml"
    script = "import subprocess, sys; print(sys.executable); sys.exit(subprocess.call(sys.argv[1:]))"
    suite.write_text(suite.read_text().replace("run: [", f'run: ["{{python}}", -c, "{script}", '))
    commit(adopter)
    assert "python3-environment" in nix.closure(build(nix, adopter, "calc-results")[0])
    result, _ = build(nix, adopter, "calc-checked")
    assert nix.closure(result) == ["calc-checked"]
    run = result / "share/longpole"
    assert (
        "/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-python3-environment/bin/python3"
        in (run / "units/test-fast-edges.log").read_text()
    )
    argv = [sys.executable, "-m", "longpole", "report", str(run)]
    assert "10 units: 10 passed" in subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def test_a_variable_stands_also_against_the_compiler_s_own(nix: Nix, adopter: Path) -> None:
    """A stdenv with a compiler sets CC itself, after it was given `env`."""
    flake = adopter / "flake.nix"
    flake.write_text(flake.read_text().replace("src = ./.;", 'src = ./.; env.CC = "cc -DIT_IS=\\"ours\\"";'))
    commit(adopter)
    log = build(nix, adopter, "calc-build")[1]
    assert [line.split(" -std")[0] for line in said(log, "calc-build") if "-std=c11" in line] == [
        'cc -DIT_IS="ours"'
    ] * 2


def test_a_second_suite_beside_a_makefile_of_the_project_s_own(nix: Nix, adopter: Path, checkout: Path) -> None:
    (adopter / "Makefile").write_text("all:\n\t@echo the makefile of the project\n")
    suite = (adopter / "suite.yaml").read_text()
    steps = 'steps: {table: {build: {shell: "mkdir -p made && echo 2 3 5 >{output}"}, output: made/table}}\ndefaults:\n'
    suite = suite.replace("name: calc", "name: more").replace("defaults:\n", f"{steps}  need: [table]\n")
    reads = """run: [sh, -c, 'grep -q "2 3 5" made/table && exec "$@"', sh, """
    (adopter / "more.yaml").write_text(suite.replace("run: [", reads))
    render = [sys.executable, "-m", "longpole", "render", "--nix", "--suite", "more.yaml", "-o", "more.mk"]
    subprocess.run(render, cwd=adopter, check=True, capture_output=True)
    flake = adopter / "flake.nix"
    arguments = 'suite = "more.yaml"; makefile = "more.mk"; testPaths = null;'
    text = flake.read_text().replace('testPaths = [ "suite.yaml" ];', arguments)
    flake.write_text(text)
    commit(adopter)
    result, log = build(nix, adopter, "more-checked")
    assert (result / "made/table").read_text() == "2 3 5\n"
    assert nix.closure(result) == ["more-checked"]
    assert len(passed(log, "more-results")) == len(cases(result)) == UNITS_OF_CALC
    assert "the makefile of the project" not in log
    assert {record["reproducer"].split(" test-")[0] for record in records_in(result / "share/longpole")} == {
        "PREBUILT=1 make -f more.mk"
    }


def test_a_suite_is_built_and_tested_in_a_sandbox(nix: Nix, adopter: Path, tmp_path: Path) -> None:
    """It sees its inputs, and of the machine what is named here: no checkout, and of networks only the loopback."""
    hidden = [tmp_path, adopter / "flake.nix", REPOSITORY / "flake.nix"]
    assert all(path.exists() for path in hidden)
    looks = " && ".join(
        [*(f"test ! -e {path}" for path in hidden), "test $$(grep -c : /proc/net/dev) = 1", "echo it sees nothing else"]
    )
    makefile = adopter / "src/Makefile"
    makefile.write_text(makefile.read_text().replace("\tmkdir", f"\t{looks}\n\tmkdir"))
    commit(adopter)
    sandboxed = replace(nix, sandbox_paths=sandbox_paths())
    result, log = sandboxed.build(adopter, "calc-checked", override=False)
    assert said(log, "calc-build").count("it sees nothing else") == 2
    assert sorted(passed(log, "calc-results")) == sorted(cases(result))
    assert nix.closure(result) == ["calc-checked"]


def sandbox_paths() -> tuple[str, ...]:
    """The tools of the machine, and the Python that the stand-in for nixpkgs is made of."""
    tools = ("/bin", "/etc/alternatives", "/lib", "/lib64", "/usr")
    python = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))}
    return (*(path for path in tools if os.path.exists(path)), *sorted(python))


def test_the_seed_of_a_clean_commit_reaches_the_units(nix: Nix, calc: Path) -> None:
    result, _ = build(nix, calc, "calc-results")
    records = [each for each in records_in(result / "share/longpole") if each["module"] == "power"]
    head = commit_of(calc)
    assert [record["seed"] for record in records] == [commit_seed(head, "power", 0)] * 2
    assert f"commit {head[:12]} (LONGPOLE_REV)" in (result / "share/longpole/report.txt").read_text()


def commit_of(folder: Path) -> str:
    return (folder / ".git/refs/heads/main").read_text().strip()


def test_the_seed_of_a_dirty_tree_is_the_fallback_and_the_report_says_so(nix: Nix, adopter: Path) -> None:
    (adopter / "src/calc.h").write_text((adopter / "src/calc.h").read_text() + "/* changed */\n")
    result, _ = build(nix, adopter, "calc-results")
    records = [each for each in records_in(result / "share/longpole") if each["module"] == "power"]
    report = (result / "share/longpole/report.txt").read_text()
    assert {record["seed"] for record in records} == {FALLBACK}
    assert "no commit is known: commit seeds are the fallback, 4711" in report


def test_a_defect_is_named_with_its_seed_and_its_reproducer_without_asking_for_logs(nix: Nix, defective: Path) -> None:
    done = nix.run(defective, "build", "--no-link", override=False)
    seed = commit_seed(commit_of(defective), "power", 0)
    assert done.status != 0
    assert (
        f"FAIL fast/power: failed (exit status 1), seed {seed}; again: PREBUILT=1 make test-fast-power SEED={seed}"
        in done.err
    )
    assert f"  | powers add up does not hold (seed {seed})" in done.err
    assert "FAIL checked/edges: failed (exit status 1); again: PREBUILT=1 make test-checked-edges" in done.err
    assert "  | powers of 0 and 2 does not hold (seed 0)" in done.err
    assert "10 units: 6 passed, 4 failed" in done.err
    assert "records and logs: nix build .#calc-results" in done.err


def test_a_failing_shard_names_the_shards_that_have_its_log(nix: Nix, defective: Path) -> None:
    done = nix.run(defective, "build", ".#calc-checked-sharded", "--no-link", override=False)
    assert done.status != 0
    assert "records and logs: nix build .#calc-shard-K-of-2" in done.err


def test_results_of_a_failing_suite_are_kept(nix: Nix, defective: Path) -> None:
    result, _ = build(nix, defective, "calc-results")
    kept = result / "share/longpole"
    assert "powers add up does not hold" in (kept / "units/test-fast-power.log").read_text()
    assert "4 failed" in (kept / "report.txt").read_text()
    assert len(ET.parse(kept / "junit.xml").getroot().findall(".//failure")) == 4


def test_results_of_a_run_that_cannot_begin_are_kept_and_fail_the_check(nix: Nix, adopter: Path) -> None:
    suite = adopter / "suite.yaml"
    suite.write_text(suite.read_text().replace('"{artifact}", "{module}"', '"./nowhere", "{module}"'))
    commit(adopter)
    result, _ = build(nix, adopter, "calc-results")
    assert "10 error" in (result / "share/longpole/report.txt").read_text()
    done = nix.run(adopter, "build", "--no-link", override=False)
    assert done.status != 0
    assert "./nowhere" in done.err


def test_a_missing_artifact_is_not_built_by_the_tests(nix: Nix, adopter: Path) -> None:
    makefile = adopter / "src/Makefile"
    makefile.write_text("$(OUT)/other:\n\tmkdir -p $(OUT) && touch $@\n")
    commit(adopter)
    result, log = build(nix, adopter, "calc-results")
    assert "the artifact target-fast/calc-test cannot be read" in log
    assert "mkdir" not in "\n".join(said(log, "calc-results"))
    assert "10 error" in (result / "share/longpole/report.txt").read_text()


def test_a_sharded_build_runs_every_unit_once(nix: Nix, calc: Path) -> None:
    result, log = build(nix, calc, "calc-checked-sharded")
    ran = passed(log, "calc-shard")
    assert len(ran) == len(set(ran)) == len(set(cases(result))) == UNITS_OF_CALC
    assert "10 units in 2 shards, each run exactly once" in said(log, "calc-checked-sharded")


def test_shards_are_cut_by_the_history_that_is_shipped(nix: Nix, adopter: Path) -> None:
    known = {name: {"durations_s": [1.0], "status": "passed"} for name in cases(build(nix, adopter, "calc-results")[0])}
    known["checked/edges"]["durations_s"] = [100.0]
    history = {"version": 1, "shared": True, "platforms": {platform_key(): known}}
    (adopter / "nix/history.json").write_text(json.dumps(history))
    commit(adopter)
    result, _ = build(nix, adopter, "calc-shard-1-of-2")
    assert cases(result) == ["checked/edges"]
    result, _ = build(nix, adopter, "calc-shard-2-of-2")
    assert len(cases(result)) == UNITS_OF_CALC - 1


def test_a_shard_that_lost_a_unit_fails_the_proof(nix: Nix, checkout: Path, adopter: Path, tmp_path: Path) -> None:
    losing = tmp_path / "losing"
    shutil.copytree(checkout, losing)
    results = losing / "nix/results.nix"
    lost = 'sed -i "/\\"target\\":\\"test-fast-gcd-1\\"/d" "$out"/share/longpole/records.jsonl'
    results.write_text(results.read_text().replace("runHook postInstall", f"{lost}\nrunHook postInstall"))
    commit(losing)
    flake = adopter / "flake.nix"
    flake.write_text(flake.read_text().replace(str(checkout), str(losing)))
    lock_inputs(nix, adopter, checkout)
    done = nix.run(adopter, "build", ".#calc-checked-sharded", "--no-link", override=False)
    assert done.status != 0
    assert re.search(r"planned and not run.*: fast/gcd\[1\]", done.err)


def test_two_builders_share_the_shards(nix: Nix, checkout: Path, adopter: Path, tmp_path: Path) -> None:
    """Two stores of their own, each in a mount namespace where it lies at this store's place, reached as by ssh."""
    commit(adopter, "units that were never run")
    build(nix, adopter, "calc-build")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    shutil.copy(REPOSITORY / "tests/nix/loopback-ssh", bin_ / "ssh")
    stores = tmp_path / "builders"
    builders = " ; ".join(f"ssh://{name} {SYSTEM} - 1 1" for name in ("one", "two"))
    environ = nix.environ()
    done = nix.run(
        adopter,
        "build",
        ".#calc-checked-sharded",
        "--no-link",
        "--print-build-logs",
        "--max-jobs",
        "0",
        "--builders",
        builders,
        override=False,
        PATH=f"{bin_}:{environ['PATH']}",
        LOOPBACK_STORES=str(stores),
    )
    assert done.status == 0, done.text
    hosts = {
        line.split()[-1].strip("'.") for line in done.err.splitlines() if "calc-shard-" in line and " on '" in line
    }
    assert hosts == {"ssh://one", "ssh://two"}
    assert "10 units in 2 shards, each run exactly once" in done.err
    for name in ("one", "two"):
        assert list((stores / name / "store").glob("*-calc-shard-*"))
