"""What the flake pins, beside where else the same thing is said. Needs no Nix."""

import json
import re
import tomllib

from tests.project import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
NIX = sorted((REPOSITORY / "nix").glob("*.nix"))


def nix(name: str) -> str:
    return (REPOSITORY / "nix" / name).read_text()


def test_the_lock_is_of_the_revision_that_was_chosen_and_of_nothing_else() -> None:
    lock = json.loads((REPOSITORY / "flake.lock").read_text())
    assert lock["version"] == 7
    assert set(lock["nodes"]) == {"root", "nixpkgs"}
    assert lock["nodes"]["nixpkgs"]["locked"] == {
        "lastModified": 1767313136,
        "narHash": "sha256-16KkgfdYqjaeRGBaYsNrhPRRENs0qzkQVUooNHtoy2w=",
        "owner": "NixOS",
        "repo": "nixpkgs",
        "rev": "ac62194c3917d5f474c1a844b6fd6da2db95077d",
        "type": "github",
    }
    assert lock["nodes"]["nixpkgs"]["original"]["ref"] == "nixos-25.05"


def test_the_engine_is_the_release_that_pip_installs() -> None:
    (pinned,) = PROJECT["optional-dependencies"]["wasm"]
    assert f'version = "{pinned.removeprefix("wasmtime==")}"' in nix("wasmtime.nix")


def test_the_dependencies_are_those_of_pyproject() -> None:
    wanted = {re.split("[>=<;]", line)[0].lower() for line in PROJECT["dependencies"]}
    listed = re.findall(r"^  (\S+)$", nix("dependencies.nix").partition("[")[2], re.MULTILINE)
    assert set(listed) == wanted


def test_one_file_alone_looks_into_nixpkgs() -> None:
    looks = re.compile(r"\b(pkgs|nixpkgs|legacyPackages)\.(?!nix)")
    found = {path.name for path in NIX if looks.search(re.sub(r"python\.pkgs\.|#.*", "", path.read_text()))}
    assert found == {"from-nixpkgs.nix"}


def test_every_file_begins_with_what_it_is_for() -> None:
    for path in [REPOSITORY / "flake.nix", *NIX, *(REPOSITORY / "tests/nix/host-nixpkgs").glob("*.nix")]:
        if path.name != "flake.nix" or path.parent != REPOSITORY:
            assert path.read_text().startswith("# "), path


def test_the_check_of_the_tests_has_what_they_need() -> None:
    elsewhere = {"ziglang": "zig"}  # a program there, and no module
    not_there = {"playwright", "cosmic-ray"}  # tests that need it are left out of the check
    wanted = {re.split("[>=<;]", line)[0].lower() for line in PROJECT["optional-dependencies"]["dev"]} - not_there
    for name in wanted:
        assert re.search(rf"^ +(packages\.)?{elsewhere.get(name, name)}$", nix("checks.nix"), re.MULTILINE), name
