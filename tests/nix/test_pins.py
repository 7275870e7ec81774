"""What the flake pins, beside where else the same thing is said. Needs no Nix."""

import json
import re
import tomllib

import pytest

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
        "lastModified": 1790533781,
        "narHash": "sha256-F+b8u43BVF5DlM0pz7JQSbtbwKy5PrHIT5zQUekXsD0=",
        "owner": "NixOS",
        "repo": "nixpkgs",
        "rev": "cf5e76507c6e23b59f7e0ffcc7baa2a39ddd8442",
        "type": "github",
    }
    release = lock["nodes"]["nixpkgs"]["original"]["ref"]
    assert release == "nixos-26.05"
    for flake in ("flake.nix", "examples/nix-adopter/flake.nix", "examples/git-scenarios/flake.nix"):
        assert re.findall(r"nixpkgs.url = \"(.*)\"", (REPOSITORY / flake).read_text()) == [
            f"github:NixOS/nixpkgs/{release}"
        ]


@pytest.mark.parametrize(("group", "name"), [("wasm", "wasmtime"), ("dev", "ziglang")])
def test_the_engine_and_the_compiler_are_the_releases_that_pip_installs(group: str, name: str) -> None:
    (pinned,) = [line for line in PROJECT["optional-dependencies"][group] if line.startswith(f"{name}==")]
    text = nix(f"{name}.nix")
    assert f'version = "{pinned.removeprefix(f"{name}==")}"' in text
    assert len(re.findall(r'hash = "sha256-[A-Za-z0-9+/]{43}="', text)) == 4
    assert f"\n  {name},\n" in nix("rts.nix")


def test_nothing_else_compiles_the_runtime() -> None:
    assert not [path.name for path in NIX if re.search(r"\bzig_|\bCC = ", path.read_text())]


@pytest.mark.parametrize(
    ("file", "listed"),
    [("dependencies.nix", PROJECT["dependencies"]), ("perf.nix", PROJECT["optional-dependencies"]["perf"])],
)
def test_the_dependencies_are_those_of_pyproject(file: str, listed: list[str]) -> None:
    wanted = {re.split("[>=<;]", line)[0].lower() for line in listed}
    assert set(re.findall(r"^  (\S+)$", nix(file).partition("[")[2], re.MULTILINE)) == wanted


def test_no_file_but_the_scope_looks_into_nixpkgs() -> None:
    """Whatever else is used of it, a file has among its arguments, so that `override` can replace it."""
    looks = re.compile(r"\b(pkgs|nixpkgs|legacyPackages)\.(?!nix)")
    found = {path.name for path in NIX if looks.search(re.sub(r"python\.pkgs\.|#.*", "", path.read_text()))}
    assert found == {"default.nix", "mkSuite.nix"}
    assert looks.findall(re.sub(r"#.*", "", nix("mkSuite.nix"))) == ["pkgs"]  # the argument of that name


def test_every_file_begins_with_what_it_is_for() -> None:
    for path in [REPOSITORY / "flake.nix", *NIX, *(REPOSITORY / "tests/nix/host-nixpkgs").glob("*.nix")]:
        if path.name != "flake.nix" or path.parent != REPOSITORY:
            assert path.read_text().startswith("# "), path


def test_the_check_of_the_tests_has_what_they_need() -> None:
    not_there = {"playwright", "cosmic-ray", "libfaketime"}  # tests that need it are left out of the check
    wanted = {re.split("[>=<;]", line)[0].lower() for line in PROJECT["optional-dependencies"]["dev"]} - not_there
    for name in wanted:
        assert re.search(rf"^ +(packages\.)?{name}$", nix("checks.nix"), re.MULTILINE), name
