"""Cargo: a module for each test binary, which is built once; doctests are a module of their package.

Longpole's client builds the binaries and leaves a script for each that runs it as `cargo test` does. What they print
tells of the cases. A binary whose durations are known and long is split by the exact names of its tests: the last part
runs all but those of the other parts, so that no new test is left out.
"""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from longpole.gen.adapters.grouping import IN_NO_OTHER, Group, split, weight_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.placeholders import escape
from longpole.rts_tests.results.libtest import joined_name

TARGET_DIR = "target-dev"
"""The target directory of the variant, into which the tests are built already when they are listed."""
_SCRIPTS = "longpole"
_RESULTS = {"libtest": "stdout"}
_DOC = ".doc"
_KINDS = (": test", ": benchmark")


@dataclass(frozen=True, slots=True)
class Binary:
    """A test binary, by the name of its script, and the names of its tests; None if it has a harness of its own."""

    name: str
    tests: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class CargoTests:
    """What `cargo test` runs: binaries, and doctests by package. `arguments` are those of `cargo test`."""

    project: str
    binaries: tuple[Binary, ...]
    doctests: Mapping[str, tuple[str, ...]]
    arguments: tuple[str, ...] = ()


class Cargo:
    """The adapter."""

    name = "cargo"
    title = "Cargo"
    looks_for = "Cargo.toml"

    def detect(self, root: Path) -> str | None:
        """The manifest."""
        return "Cargo.toml" if (root / "Cargo.toml").is_file() else None

    def read(self, root: Path, settings: Settings) -> CargoTests:
        """Build the tests, and ask each binary for the names of its tests."""
        metadata = _json(output_of(root, "cargo", "metadata", "--no-deps", "--format-version", "1"))
        packages = metadata["packages"]
        arguments = ("--workspace",) if len(packages) > 1 else ()
        output_of(root, sys.executable, f"{clients_folder()}/cargo", TARGET_DIR, *arguments, remedy="mend the build")
        own = {name for package in packages for name in _without_harness(package)}
        scripts = sorted((root / TARGET_DIR / _SCRIPTS).iterdir())
        binaries = [Binary(path.name, None if path.name in own else _listed(root, path)) for path in scripts]
        doctests = {}
        for package in packages:
            if any(target["doctest"] for target in package["targets"]):
                command = ["cargo", "test", "--doc", "-p", package["name"], "--target-dir", TARGET_DIR, "--"]
                listed = _names_in(output_of(root, *command, "--list", "--format", "terse"))
                if listed:
                    doctests[package["name"]] = listed
        named = [each for each in binaries if each.tests is None or each.tests]
        return CargoTests(root.resolve().name, tuple(named), doctests, arguments)

    def to_suite(self, tests: CargoTests, settings: Settings) -> Draft:
        """A variant that builds in the profile `dev`, with the default features."""
        number = sum(len(binary.tests or ()) for binary in tests.binaries)
        modules = [entry for binary in tests.binaries for entry in _modules(binary, settings, number)]
        modules += [_doc_module(name, names) for name, names in tests.doctests.items()]
        build = ["{longpole_python}", "{clients}/cargo", "{target_dir}", *tests.arguments]
        comment = "`cargo test --no-run`, and a script for each test binary in {target_dir}/longpole. Another variant\n"
        comment += "may have `build_args: [--release]` or `[--features, NAME]`."
        return Draft(
            name_for(tests.project),
            (Entry("dev", {}, comment),),
            tuple(modules),
            defaults={
                "build": [*build, "{args}"],
                "run": [f"{{target_dir}}/{_SCRIPTS}/{{module}}"],
                "select": [f"{{target_dir}}/{_SCRIPTS}/{{module}}", "--exact", "{cases}"],
            },
            forms=((f"{{target_dir}}/{_SCRIPTS}/*", "--exact", "{args}"), tuple(_doc_run("*"))),
        )

    def names(self, tests: CargoTests) -> Collection[str]:
        """`BINARY TEST`, and `PACKAGE.doc TEST` for doctests."""
        names = [f"{binary.name} {test}" for binary in tests.binaries for test in binary.tests or ()]
        return names + [f"{package}{_DOC} {test}" for package, listed in tests.doctests.items() for test in listed]

    def name_of(self, case: Case, module: str) -> str | None:
        """Parts of a binary are modules `BINARY.1`, `BINARY.2`, …"""
        binary = module if module.endswith(_DOC) else module.partition(".")[0]
        return f"{binary} {joined_name(case)}" if case.name else None

    def part_of(self, module: str) -> str:
        """The name of the binary of which the module is, or may be, a part."""
        return _PART.sub("", module)

    def parts(self, name: str, parts: Sequence[Group]) -> list[Entry]:
        """The modules that run these tests of a binary."""
        if len(parts) == 1:
            return [Entry(name, {"weight": weight_of(parts[0].seconds), "results": _RESULTS}, tests=parts[0].tests)]
        return list(_parts(name, parts))

    def with_tests(self, args: Sequence[str], keep: Callable[[str], bool]) -> tuple[str, ...] | None:
        """Parts of a binary name their tests; the last one skips those of the others."""
        tests = [word for word in args if not word.startswith("-")]
        kept = [word for word in tests if keep(word.replace("{{", "{").replace("}}", "}"))]
        if "--skip" in args:
            pairs = list(pairwise(args))
            gone = {at for at, (flag, word) in enumerate(pairs) if flag == "--skip" and word not in kept}
            return tuple(word for at, word in enumerate(args) if not {at, at - 1} & gone) if kept else tuple(args)
        return tuple(word for word in args if word.startswith("-") or word in kept) if kept else None


_PART = re.compile(r"\.[0-9]+$")


def _modules(binary: Binary, settings: Settings, of: int) -> Iterator[Entry]:
    """The modules of one binary, with some of the `of` tests that the project has."""
    if binary.tests is None:
        comment = "It has a harness of its own (`harness = false`), so it is one test."
        yield Entry(binary.name, {"weight": 1.0}, comment)
        return
    how = split(binary.tests, f"{binary.name} ", settings.durations, jobs=settings.jobs, of=of)
    if not how.parts:
        threads = how.threads
        several = {"env": {"RUST_TEST_THREADS": str(threads)}, "slots": threads} if threads > 1 else {}
        comment = f"Most of all tests, so it has {threads} threads." if threads > 1 else ""
        keys = {"weight": how.weight, **several, "results": _RESULTS}
        yield Entry(binary.name, keys, comment, binary.tests)
        return
    yield from _parts(binary.name, how.parts)


def _parts(name: str, parts: Sequence[Group]) -> Iterator[Entry]:
    """A binary in several modules, of which the last runs what is in no other."""
    script = f"{{target_dir}}/{_SCRIPTS}/{name}"
    before: list[str] = []
    for number, part in enumerate(parts, 1):
        is_last = number == len(parts)
        words = [word for test in before for word in ("--skip", test)] if is_last else list(part.tests)
        before += part.tests
        keys = {
            "weight": weight_of(part.seconds),
            "run": [script, "--exact", "{args}"],
            "select": [script, "--exact", "{cases}"],
            "args": [escape(word) for word in words],
            "results": _RESULTS,
        }
        yield Entry(f"{name}.{number}", keys, IN_NO_OTHER if is_last else "", part.tests)


def _doc_module(package: str, names: tuple[str, ...]) -> Entry:
    keys = {
        "weight": round(1 + 0.1 * len(names), 1),
        "run": _doc_run(package),
        "results": _RESULTS,
        "only": ["dev"],
    }
    return Entry(f"{package}{_DOC}", keys, "Cargo compiles doctests when it runs them, in the profile `dev`.")


def _doc_run(package: str) -> list[str]:
    return ["cargo", "test", "--doc", "-p", package, "--target-dir", "{target_dir}"]


def _listed(root: Path, script: Path) -> tuple[str, ...]:
    return _names_in(output_of(root, str(script.resolve()), "--list", "--format", "terse"))


def _names_in(text: str) -> tuple[str, ...]:
    lines = [line for line in text.splitlines() if line.endswith(_KINDS)]
    return tuple(dict.fromkeys(line.rpartition(": ")[0] for line in lines))


def _json(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except ValueError:
        raise UseError.at("", "`cargo metadata` printed no JSON", "use a newer cargo") from None


def _without_harness(package: Mapping[str, Any]) -> Iterator[str]:
    """The names of the scripts of a package's tests that have a harness of their own."""
    try:
        manifest = tomllib.loads(Path(package["manifest_path"]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for test in manifest.get("test", []):
        if test.get("harness") is False:
            yield f"{package['name']}-{test['name']}"
    if manifest.get("lib", {}).get("harness") is False:
        yield package["name"]


ADAPTER = Cargo()
