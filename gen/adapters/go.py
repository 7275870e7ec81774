"""Go: a module for each package that has tests.

Longpole's client builds the test binaries, which vets the packages, too, and leaves a script for each that runs it as
`go test` does. What they print tells of the cases. A package whose durations are known and long is split by the exact
names of its tests: the last part runs all but those of the other parts, so that no new test is left out.
"""

import json
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from longpole.gen.adapters.grouping import IN_NO_OTHER, Group, split, weight_of
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import name_for
from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError

TARGET_DIR = "target-go"
"""The target directory of the variant, into which the tests are built already when they are listed."""
MAX_PATTERN = 100_000
"""Characters of an argument, of which Linux takes 128 KiB at most."""
_SCRIPTS = "longpole"
_RESULTS = {"go": "stdout"}
_TEST = re.compile(r"(?:Test|Example|Fuzz)\w*")
_SKIPS = (1, 20)
"""Since this version a test binary has `-test.skip`."""
_LEFT_OUT = frozenset({"vendor", "testdata", "node_modules"})


@dataclass(frozen=True, slots=True)
class Package:
    """A package with tests: the name of its script, its import path, and its tests, examples and fuzz targets."""

    name: str
    path: str
    tests: tuple[str, ...]
    is_vetted: bool = True
    """Whether `go vet` is content; if not, `go test` fails without running the tests."""


@dataclass(frozen=True, slots=True)
class GoTests:
    """What `go test ./...` runs; `others` are modules that it does not, by the paths of their go.mod."""

    project: str
    version: tuple[int, int]
    packages: tuple[Package, ...]
    others: tuple[str, ...] = ()


class Go:
    """The adapter."""

    name = "go"
    title = "Go"
    looks_for = "go.mod or go.work"

    def detect(self, root: Path) -> str | None:
        """The workspace's file or the module's."""
        return next((name for name in ("go.work", "go.mod") if (root / name).is_file()), None)

    def read(self, root: Path, settings: Settings) -> GoTests:
        """Build the tests, and ask each binary for the names of its tests."""
        output_of(root, sys.executable, f"{clients_folder()}/go", TARGET_DIR, remedy="mend the build")
        try:
            index = json.loads((root / TARGET_DIR / "packages.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise UseError.at(f"{TARGET_DIR}/packages.json", "was not written", "try again") from None
        packages = [
            Package(
                each["name"],
                each["package"],
                _listed(root, root / TARGET_DIR / _SCRIPTS / each["name"]),
                each["vetted"],
            )
            for each in index["packages"]
        ]
        modules = output_of(root, "go", "list", "-m", "-f", "{{.Dir}}").splitlines()
        others = _other_modules(root, {Path(each).resolve() for each in modules})
        major, minor = index["go"]
        return GoTests(root.resolve().name, (major, minor), tuple(packages), others)

    def to_suite(self, tests: GoTests, settings: Settings) -> Draft:
        """A variant that builds with Go's defaults."""
        comment = (
            "`go test -c`, which vets, too, and a script for each package in {target_dir}/longpole. Another variant\n"
        )
        comment += 'may have `build_args: [-race]` or `[-tags=NAME]`, or `env: {CGO_ENABLED: "0"}`.'
        build = ["{longpole_python}", "{clients}/go", "{target_dir}", "{args}"]
        remedy = "type `longpole init` in its folder, or `go work init` and `go work use -r .` here"
        number = sum(len(package.tests) for package in tests.packages)
        return Draft(
            name_for(tests.project),
            (Entry("go", {}, comment),),
            tuple(entry for package in tests.packages for entry in _modules(package, tests.version, settings, number)),
            defaults={
                "build": build,
                "run": [f"{{target_dir}}/{_SCRIPTS}/{{module}}", "{args}"],
                "select": [f"{{target_dir}}/{_SCRIPTS}/{{module}}", "{args}", "-test.run", "{cases_regex}"],
            },
            unmapped=tuple(
                Problem(place, None, None, "is another module, not in the workspace", remedy) for place in tests.others
            ),
            forms=((f"{{target_dir}}/{_SCRIPTS}/*", "{args}"),),
        )

    def names(self, tests: GoTests) -> Collection[str]:
        """`MODULE TEST`, with the name of the package's module in the suite."""
        return [f"{package.name} {test}" for package in tests.packages if package.is_vetted for test in package.tests]

    def name_of(self, case: Case, module: str) -> str | None:
        """Parts of a package are modules `NAME:1`, `NAME:2`, …; subtests are part of their tests."""
        return None if case.class_name else f"{_PART.sub('', module)} {case.name}"

    def part_of(self, module: str) -> str:
        """The name of the package of which the module is, or may be, a part."""
        return _PART.sub("", module)

    def parts(self, name: str, parts: Sequence[Group]) -> list[Entry]:
        """The modules that run these tests of a package; none if a pattern cannot hold the names of all tests."""
        if len(parts) == 1:
            return [Entry(name, {"weight": weight_of(parts[0].seconds), "results": _RESULTS}, tests=parts[0].tests)]
        if len(_exactly([test for part in parts for test in part.tests])) > MAX_PATTERN:
            return []
        return list(_parts(name, parts, _version(Path())))

    def with_tests(self, args: Sequence[str], keep: Callable[[str], bool]) -> tuple[str, ...] | None:
        """Parts of a package have a pattern of their tests; the last one that of the others, which it skips."""
        words = list(args)
        for at, (flag, word) in enumerate(pairwise(args), 1):
            exact = _EXACTLY.fullmatch(word)
            if flag not in ("-test.run", "-test.skip") or exact is None:
                continue
            tests = exact[1].split("|")
            kept = [test for test in tests if keep(test)]
            if not kept and flag == "-test.run":
                return None
            if kept and kept != tests:
                words[at] = _exactly(kept)
        return tuple(words)


_EXACTLY = re.compile(r"\^\((\w+(?:\|\w+)*)\)\$")
_PART = re.compile(r"\.part\d+$")


def _modules(package: Package, version: tuple[int, int], settings: Settings, of: int) -> Iterator[Entry]:
    """The modules of one package, with some of the `of` tests that the project has."""
    if not package.tests:
        yield Entry(package.name, {"weight": 0.1}, "It lists no tests, so its exit status is its result.")
        return
    how = split(package.tests, f"{package.path}#", settings.durations, jobs=settings.jobs, of=of)
    if not how.parts or len(_exactly(package.tests)) > MAX_PATTERN:
        comment = "" if package.is_vetted else "`go vet` is not content with it, so it fails, as with `go test`."
        threads = how.threads
        several = {"args": [f"-test.parallel={threads}"], "slots": threads} if threads > 1 else {}
        if threads > 1:
            more = f"Most of all tests, so up to {threads} of those that are parallel run at once."
            comment = f"{comment}\n{more}".strip()
        yield Entry(package.name, {"weight": how.weight, **several, "results": _RESULTS}, comment, package.tests)
        return
    yield from _parts(package.name, how.parts, version)


def _parts(name: str, parts: Sequence[Group], version: tuple[int, int]) -> Iterator[Entry]:
    """A package in several modules, of which the last runs what is in no other, if the version can skip tests."""
    before: list[str] = []
    for number, part in enumerate(parts, 1):
        is_rest = number == len(parts) and version >= _SKIPS
        words = ["-test.skip", _exactly(before)] if is_rest else ["-test.run", _exactly(part.tests)]
        before += part.tests
        keys = {
            "weight": weight_of(part.seconds),
            "run": [f"{{target_dir}}/{_SCRIPTS}/{name}", "{args}"],
            "select": [f"{{target_dir}}/{_SCRIPTS}/{name}", "{args}", "-test.run", "{cases_regex}"],
            "args": words,
            "results": _RESULTS,
        }
        yield Entry(f"{name}.part{number}", keys, IN_NO_OTHER if is_rest else "", part.tests)


def _exactly(tests: Collection[str]) -> str:
    """The pattern of these tests; their names are identifiers."""
    return f"^({'|'.join(tests)})$"


def _version(root: Path) -> tuple[int, int]:
    found = re.search(r"go(\d+)\.(\d+)", output_of(root, "go", "env", "GOVERSION"))
    return (int(found[1]), int(found[2])) if found else (1, 0)


def _listed(root: Path, script: Path) -> tuple[str, ...]:
    """The tests that a binary lists; a TestMain may print other lines."""
    text = output_of(root, str(script.resolve()), "-test.list", ".")
    return tuple(dict.fromkeys(line for line in text.splitlines() if _TEST.fullmatch(line)))


def _other_modules(root: Path, known: Collection[Path]) -> tuple[str, ...]:
    """The go.mod files below `root` that belong to no module of the build, with tests in their folders."""
    found = []
    pending = [root]
    while pending:
        folder = pending.pop()
        names = sorted(folder.iterdir()) if folder.is_dir() else []
        is_module = folder / "go.mod" in names
        if is_module and folder.resolve() not in known and any(folder.rglob("*_test.go")):
            found.append(str((folder / "go.mod").relative_to(root)))
        pending += [
            each
            for each in names
            if each.is_dir()
            and not each.is_symlink()
            and not each.name.startswith((".", "_", "target-"))
            and each.name not in _LEFT_OUT
        ]
    return tuple(sorted(found))


ADAPTER = Go()
