"""What the flake offers, on every system, without building it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.nix.world import SYSTEM, Nix, commit, lock_inputs

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
    common = {
        "default",
        "longpole",
        "longpole-perf",
        "rts",
        "rts-build",
        "rts-checked",
        "rts-checked-sharded",
        "rts-results",
    }
    for system in SYSTEMS:
        shards = 2 if system == "x86_64-darwin" else 1
        parts = {f"rts-shard-{number}-of-{shards}" for number in range(1, shards + 1)}
        assert set(packages[system]) == common | parts


@pytest.mark.parametrize("output", ["apps", "checks", "devShells", "formatter", "lib"])
def test_every_system_has_every_output(nix: Nix, checkout: Path, output: str) -> None:
    assert nix.eval(checkout, f".#{output}", "--apply", "builtins.attrNames") == SYSTEMS


@pytest.mark.parametrize("output", ["packages", "checks"])
def test_every_derivation_says_what_it_is_and_divides_its_inputs(nix: Nix, checkout: Path, output: str) -> None:
    """With `strictDeps`, what runs at build time and what is linked are told apart, as for a cross build."""
    ask = "builtins.mapAttrs (_: made: [ (made.meta.description or null) (made.strictDeps or false) ])"
    for name, (description, strict) in nix.eval(checkout, f".#{output}.{SYSTEM}", "--apply", ask).items():
        assert strict is True, name
        assert description, name


def test_what_is_built_names_its_tests(nix: Nix, checkout: Path) -> None:
    ask = "build: builtins.mapAttrs (_: test: test.name) build.passthru.tests"
    assert nix.eval(checkout, f".#packages.{SYSTEM}.rts-build", "--apply", ask) == {
        "checked": "rts-checked",
        "sharded": "rts-checked-sharded",
    }


def test_each_package_can_be_overridden(nix: Nix, checkout: Path) -> None:
    ask = """packages: {
        longpole = (packages.longpole.override { checks = { }; }).passthru.tests;
        results = (packages.rts-results.override { rev = "a night"; }).LONGPOLE_REV;
        check = (packages.longpole.passthru.tests.lint.override { ruff = packages.longpole; }).nativeBuildInputs
          == [ packages.longpole ];
    }"""
    found = nix.eval(checkout, f".#packages.{SYSTEM}", "--apply", ask)
    assert found == {"longpole": {}, "results": "a night", "check": True}


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


def test_what_the_flake_uses_and_the_stand_in_lacks_is_found(nix: Nix, clone: Callable[[], Path]) -> None:
    folder = clone()
    used = folder / "nix/devShell.nix"
    used.write_text(used.read_text().replace("  git,\n", "  git,\n  hello,\n"))
    done = nix.run(folder, "flake", "check", "--no-build")
    assert done.status != 0
    assert "called without required argument 'hello'" in done.err


@pytest.mark.parametrize(("file", "after"), [("dependencies.nix", "click"), ("perf.nix", "numpy")])
def test_a_python_package_that_the_stand_in_lacks_is_found(
    nix: Nix, clone: Callable[[], Path], file: str, after: str
) -> None:
    folder = clone()
    used = folder / "nix" / file
    used.write_text(used.read_text().replace(f"  {after}\n", f"  {after}\n  pandas\n"))
    done = nix.run(folder, "flake", "check", "--no-build")
    assert done.status != 0
    assert "undefined variable 'pandas'" in done.err


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


def test_a_dirty_tree_has_no_commit(nix: Nix, clone: Callable[[], Path], checkout: Path) -> None:
    folder = clone()
    lock_inputs(nix, folder, checkout)
    (folder / "README.md").write_text("changed\n")
    assert nix.eval(folder, ".#rts-results.LONGPOLE_REV", override=False) == ""
