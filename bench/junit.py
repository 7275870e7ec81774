"""A project that knows nothing of Longpole, in forks: `python -m bench.junit [ROUNDS]`.

Commons Text, as its authors published it for Maven: sources, tests and pom.xml are not changed. Maven runs its tests in
one JVM; Longpole runs them in one fork and in four. They take turns, and must have the same result for every test.
Maven downloads what is needed before anything is measured.
"""

import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from bench.measure import CannotMeasure, Contender, Rounds, environment, interleaved, jobs, once, ratios, wall_s
from bench.tools import find
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.record_file import all_records

GROUP, NAME, VERSION = "org.apache.commons", "commons-text", "1.11.0"
ROUNDS = 5
MAVEN = "Maven, one JVM"
MODULES = {
    "one": ("1 fork", {}),
    "four": ("4 forks", {"max_forks": 4}),
}
_CLIENT = "build/client/longpole-junit-platform.jar"
_FORKS = ("java", "-cp", f"target/test-classes:target/classes:target/lib/*:{_CLIENT}", "longpole.junit.Forks")

Results = dict[tuple[str, str], str]


def surefire_results(project: Path) -> Results:
    """Maven's status of every test by class and name, in the words of Longpole's client.

    That puts names of nested classes before the test, and brackets behind every method.
    """
    results = {}
    for path in project.glob("target/surefire-reports/TEST-*.xml"):
        for case in ElementTree.parse(path).getroot().iter("testcase"):  # noqa: S314 (Maven wrote it)
            top, *nested = case.attrib["classname"].split("$")
            name = case.attrib["name"]
            name = name if "(" in name else f"{name}()"
            kinds = [each.tag for each in case if each.tag in ("failure", "error", "skipped")]
            status = "failed" if "failure" in kinds else kinds[0] if kinds else "passed"
            results[top, ".".join([*nested, name])] = status
    return results


def fork_results(project: Path, module: str) -> Results:
    """The status of every test in the last run of a module, by class and name."""
    results: Results = {}
    for run in sorted((project / ".longpole" / "runs").iterdir()):
        cases = [case for each in all_records(run).values() if each.module == module for case in each.cases]
        results = {(case.class_name, case.name): str(case.status) for case in cases} or results
    return results


class _Project:
    """The folder of the project, and Maven and Longpole in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / NAME
        self.folder.mkdir()
        self.scratch = folder
        self.environ = environment(folder)

    def run(self, *argv: str) -> None:
        """Run a command to its end; raises `CannotMeasure`."""
        once(Contender(argv[0], argv, self.folder, self.environ), self.scratch / "log.txt")

    def maven(self, *words: str) -> None:
        self.run("mvn", "-q", "-B", *words)

    def copied(self, artifact: str, to: str) -> None:
        """Copy an artifact from where Maven has it, or gets it."""
        self.maven("dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={self.folder / to}")

    def prepare(self) -> None:
        """Unpack and compile the project; build the client; render the suite."""
        self.copied(f"{GROUP}:{NAME}:{VERSION}:pom", "published")
        shutil.copy(self.folder / "published" / f"{NAME}-{VERSION}.pom", self.folder / "pom.xml")
        for part, to in (("sources", "main"), ("test-sources", "test")):
            self.copied(f"{GROUP}:{NAME}:{VERSION}:jar:{part}", "published")
            _unpack(self.folder / "published" / f"{NAME}-{VERSION}-{part}.jar", self.folder / "src" / to)
        self.maven("-Drat.skip", "test-compile", "dependency:copy-dependencies", "-DoutputDirectory=target/lib")
        (engine,) = self.folder.glob("target/lib/junit-platform-engine-*.jar")
        release = engine.stem.removeprefix("junit-platform-engine-")
        self.copied(f"org.junit.platform:junit-platform-launcher:{release}", "target/lib")
        client = f"{clients_folder()}/junit-platform"
        self.maven("-f", client, f"-Dlongpole.build={self.folder}/build/client", "package")
        (self.folder / "suite.yaml").write_text(json.dumps(_suite()))
        self.run(sys.executable, "-m", "longpole", "render", "-o", "longpole.mk")

    def contenders(self) -> list[Contender]:
        """Maven first. Tests that fail, as those that want a network may, do not end it."""
        maven = ("mvn", "-q", "-B", "-o", "surefire:test", "-Dmaven.test.failure.ignore")
        return [
            Contender(MAVEN, maven, self.folder, self.environ),
            *(self._forks(name, module) for module, (name, _) in MODULES.items()),
        ]

    def _forks(self, name: str, module: str) -> Contender:
        make = f"make -f longpole.mk -j{jobs()} test-main-{module} PREBUILT=1; test $? -le 2"
        return Contender(name, ("sh", "-c", make), self.folder, self.environ)

    def differences(self) -> list[str]:
        """Where the last run of a module has another result than Maven, one line a test."""
        maven = surefire_results(self.folder)
        lines = []
        for module, (name, _) in MODULES.items():
            forks = fork_results(self.folder, module)
            for test in sorted(maven.keys() | forks.keys()):
                if maven.get(test) != forks.get(test):
                    lines.append(f"{name}: {'#'.join(test)}: {forks.get(test)}, Maven: {maven.get(test)}")
        return lines


def _unpack(jar: Path, to: Path) -> None:
    """Java into `java`, all else into `resources`, without what a build has added."""
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if not name.endswith("/") and not name.startswith("META-INF/") and "/jmh_generated/" not in name:
                archive.extract(name, to / ("java" if name.endswith(".java") else "resources"))


def _suite() -> Mapping[str, object]:
    listing = [*_FORKS, "list", "--scan", "target/test-classes"]
    forks = {"list": listing, "run": [*_FORKS, "run", "{classes_file}"]}
    return {
        "version": 1,
        "name": NAME,
        "variants": {"main": {"target_dir": "target"}},
        "modules": {module: {"forks": {**forks, **more}} for module, (_, more) in MODULES.items()},
    }


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if something could not be measured or results differ."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    missing = [name for name in ("java", "make", "mvn") if find(name) is None]
    if missing:
        print(f"bench.junit: not installed: {', '.join(missing)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="longpole-bench-", ignore_cleanup_errors=True) as scratch:
        project = _Project(Path(scratch))
        try:
            project.prepare()
            say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
            measured = interleaved(project.contenders(), Rounds(rounds), Path(scratch), say)
        except CannotMeasure as error:
            print(f"bench.junit: {error}", file=sys.stderr)
            return 1
        print(f"| {NAME} {VERSION} | wall | of Maven's | CPU | others |\n|---|---:|---:|---:|---:|")
        for name, each in measured.items():
            walls = sorted(each.values(wall_s))
            ratio = sorted(ratios(each, measured[MAVEN], wall_s))[len(walls) // 2]
            print(
                f"| {name} | {each.wall_s:.1f} s ({walls[0]:.1f} to {walls[-1]:.1f}) | {ratio:.2f} | "
                f"{each.cpu_s:.1f} s | {each.others or 0:.0%} |"
            )
        differences = project.differences()
        print(f"\n{len(surefire_results(project.folder))} tests, {len(differences)} with another result in forks")
        print("\n".join(differences), end="\n" * bool(differences))
        return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
