"""cargo-nextest, which runs the tests of Rust binaries and nothing else: a crate of empty tests, built beforehand.

What a test costs is compared with a bare Makefile that executes the same binary once a test. Nextest is given what
Cargo would tell it, so that Cargo itself is no part of what is measured.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from bench.measure import CannotMeasure, Contender, jobs, once
from bench.tools import bare_make, find

BARE = "bare make, the Rust binary"

_MANIFEST = '[package]\nname = "units"\nversion = "0.0.0"\nedition = "2021"\n'
_CONFIG = '[profile.junit.junit]\npath = "junit.xml"\n'
_SINGLE_SPAWN = {"NEXTEST_DOUBLE_SPAWN": "0"}


def nextest(units: int, environ: Mapping[str, str], scratch: Path) -> tuple[list[Contender], list[str]]:
    """Nextest with and without JUnit, and with and without its second spawn, and what is subtracted from it.

    Also returns what is left out, with the reason.
    """
    cargo, runner = find("cargo"), find("cargo-nextest")
    if cargo is None or runner is None:
        return [], [f"nextest: {'cargo' if cargo is None else 'cargo-nextest'} is not installed"]
    folder = scratch / "with-nextest"
    try:
        crate, binary = _crate(folder, units, environ, cargo, runner)
    except CannotMeasure as error:
        return [], [f"nextest: {error}"]
    told = ("--cargo-metadata", "cargo.json", "--binaries-metadata", "binaries.json", f"-j{jobs()}")
    argv = (runner, "nextest", "run", *told)
    junit = (*argv, "--profile", "junit")
    commands = [[binary, "--exact", _test(index)] for index in range(units)]
    return [
        Contender("nextest", argv, crate, environ),
        Contender("nextest, JUnit", junit, crate, environ),
        Contender("nextest, single spawn", argv, crate, {**environ, **_SINGLE_SPAWN}),
        Contender("nextest, single spawn, JUnit", junit, crate, {**environ, **_SINGLE_SPAWN}),
        bare_make(scratch / "bare-rust", commands, environ, BARE),
    ], []


def _test(index: int) -> str:
    return f"u{index:06}"


def _crate(folder: Path, units: int, environ: Mapping[str, str], cargo: str, runner: str) -> tuple[Path, str]:
    """Write and build the crate; return its folder and the path of its test binary. Raises `CannotMeasure`."""
    (folder / "src").mkdir(parents=True)
    (folder / ".config").mkdir()
    (folder / "Cargo.toml").write_text(_MANIFEST)
    (folder / ".config" / "nextest.toml").write_text(_CONFIG)
    tests = [f"#[test]\nfn {_test(index)}() {{}}\n" for index in range(units)]
    (folder / "src" / "lib.rs").write_text("".join(tests))
    listing = ("nextest", "list", "--offline", "--list-type", "binaries-only", "--message-format", "json")
    once(Contender("cargo test", (cargo, "test", "--quiet", "--offline", "--no-run"), folder, environ), folder / "log")
    metadata = (cargo, "metadata", "--offline", "--format-version=1")
    for argv, name in ((metadata, "cargo.json"), ((runner, *listing), "binaries.json")):
        # Cargo's and nextest's remarks share the output; what is JSON is one line.
        once(Contender(" ".join(argv[:2]), argv, folder, environ), folder / "log")
        found = [line for line in (folder / "log").read_text().splitlines() if line.startswith("{")]
        if len(found) != 1:
            raise CannotMeasure(f"{' '.join(argv[:2])}: its output has {len(found)} lines of JSON")
        (folder / name).write_text(found[0])
    binaries = json.loads((folder / "binaries.json").read_text())["rust-binaries"]
    (binary,) = (each["binary-path"] for each in binaries.values())
    return folder, str(binary)
