"""What the flake offers, on every system, without building it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.nix.world import SYSTEM, Nix, commit, lock_inputs
from tests.project import Done

SYSTEMS = ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"]
DERIVATIONS = "builtins.mapAttrs (_: builtins.mapAttrs (_: package: package.drvPath))"


@pytest.fixture(scope="module")
def packages(nix: Nix, checkout: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = nix.eval(checkout, ".#packages", "--apply", DERIVATIONS)
    return found


def drv(nix: Nix, folder: Path, name: str, **options: Any) -> str:
    path: str = nix.eval(folder, f".#packages.{SYSTEM}.{name}.drvPath", **options)
    return path


def test_the_flake_passes_its_check_on_all_systems(nix: Nix, checkout: Path) -> None:
    nix.ok(checkout, "flake", "check", "--no-build")


def test_every_package_evaluates_on_every_system(packages: dict[str, dict[str, str]]) -> None:
    assert sorted(packages) == SYSTEMS
    common = {"default", "longpole", "rts", "rts-build", "rts-checked", "rts-checked-sharded", "rts-results"}
    for system in SYSTEMS:
        shards = 2 if system == "x86_64-darwin" else 1
        parts = {f"rts-shard-{number}-of-{shards}" for number in range(1, shards + 1)}
        assert set(packages[system]) == common | parts


@pytest.mark.parametrize("output", ["apps", "checks", "devShells", "formatter", "lib"])
def test_every_system_has_every_output(nix: Nix, checkout: Path, output: str) -> None:
    assert nix.eval(checkout, f".#{output}", "--apply", "builtins.attrNames") == SYSTEMS


def test_checks_are_all_that_gates(nix: Nix, checkout: Path) -> None:
    names = nix.eval(checkout, f".#checks.{SYSTEM}", "--apply", "builtins.attrNames")
    assert names == ["format", "lint", "render", "rts-checked", "tests", "types"]
    of_the_tool = f".#packages.{SYSTEM}.longpole.passthru.tests"
    assert set(nix.eval(checkout, of_the_tool, "--apply", "builtins.attrNames")) == set(names) - {"rts-checked"}


def test_rts_is_checked_on_linux_and_only_built_on_darwin(packages: dict[str, dict[str, str]]) -> None:
    for system in SYSTEMS:
        kind = "rts-checked" if system.endswith("linux") else "rts-build"
        assert packages[system]["rts"] == packages[system][kind]
        assert packages[system]["rts-checked"] != packages[system]["rts-build"]


def every_attribute_used(nix: Nix, folder: Path) -> Done:
    """Force each of the attributes that nix/from-nixpkgs.nix names, out of the stand-in."""
    packages = f'import {nix.standin}/packages.nix {{ lib = import {nix.standin}/lib.nix; system = "{SYSTEM}"; }}'
    forced = (
        f"builtins.mapAttrs (_: value: builtins.seq value true) (import {folder}/nix/from-nixpkgs.nix ({packages}))"
    )
    return nix.run(folder, "eval", "--impure", "--json", "--expr", forced, override=False)


def test_the_stand_in_has_all_that_the_flake_uses(nix: Nix, checkout: Path) -> None:
    done = every_attribute_used(nix, checkout)
    assert done.status == 0, done.err
    assert set(json.loads(done.out).values()) == {True}


def test_what_the_flake_uses_and_the_stand_in_lacks_is_found(nix: Nix, clone: Callable[[], Path]) -> None:
    folder = clone()
    used = folder / "nix/from-nixpkgs.nix"
    used.write_text(used.read_text().replace("    git\n", "    git\n    hello\n"))
    done = every_attribute_used(nix, folder)
    assert done.status != 0
    assert "attribute 'hello' missing" in done.err


def test_a_python_package_that_the_stand_in_lacks_is_found(nix: Nix, clone: Callable[[], Path]) -> None:
    folder = clone()
    used = folder / "nix/dependencies.nix"
    used.write_text(used.read_text().replace("  click\n", "  click\n  numpy\n"))
    done = nix.run(folder, "flake", "check", "--no-build")
    assert done.status != 0
    assert "undefined variable 'numpy'" in done.err


@pytest.mark.parametrize("path", ["README.md", "templates/units.mk", "rts_tests/supervise/supervisor.py", "suite.yaml"])
def test_the_build_does_not_depend_on(nix: Nix, clone: Callable[[], Path], checkout: Path, path: str) -> None:
    folder = clone()
    with (folder / path).open("a") as file:
        file.write("# a comment\n")
    commit(folder)
    assert drv(nix, folder, "rts-build") == drv(nix, checkout, "rts-build")


def test_the_build_depends_on_the_runtime(nix: Nix, clone: Callable[[], Path], checkout: Path) -> None:
    folder = clone()
    with (folder / "rts/src/gc.h").open("a") as file:
        file.write("/* a comment */\n")
    assert drv(nix, folder, "rts-build") != drv(nix, checkout, "rts-build")


def test_a_commit_reaches_the_tests_and_not_the_build(nix: Nix, clone: Callable[[], Path], checkout: Path) -> None:
    folder = clone()
    first = lock_inputs(nix, folder, checkout)
    names = ["rts-build", "rts-results", "rts-checked"]
    before = [drv(nix, folder, name, override=False) for name in names]
    assert nix.eval(folder, ".#rts-results.LONGPOLE_REV", override=False) == first
    second = commit(folder)
    assert nix.eval(folder, ".#rts-results.LONGPOLE_REV", override=False) == second
    after = [drv(nix, folder, name, override=False) for name in names]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, False]


def test_a_nightly_date_reaches_the_tests_of_an_impure_evaluation_alone(
    nix: Nix, clone: Callable[[], Path], checkout: Path
) -> None:
    folder = clone()
    head = lock_inputs(nix, folder, checkout)
    ask = ("eval", "--raw", ".#rts-results.LONGPOLE_REV")
    assert nix.ok(folder, *ask, "--impure", override=False, LONGPOLE_DAY="2026-11-21").out == f"{head}+2026-11-21"
    assert nix.ok(folder, *ask, override=False, LONGPOLE_DAY="2026-11-21").out == head


def test_a_dirty_tree_has_no_commit_or_says_that_it_is_dirty(
    nix: Nix, clone: Callable[[], Path], checkout: Path
) -> None:
    folder = clone()
    head = lock_inputs(nix, folder, checkout)
    (folder / "README.md").write_text("changed\n")
    assert nix.eval(folder, ".#rts-results.LONGPOLE_REV", override=False) in ("", f"{head}-dirty")
