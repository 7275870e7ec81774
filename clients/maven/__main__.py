"""Builds the tests of a Maven project: python clients/maven TARGET_DIR [WORD of Maven]...

Maven compiles, and Surefire prepares the JVM of each module as for `mvn test`: class path with the engine and launcher
of the project's JUnit, `argLine`, system properties, environment, tags, and the classes that its includes and excludes
find. But where Surefire would start Java, it starts this program, which writes all that down and says goodbye as
Surefire's own process does. So nothing in a pom.xml needs to be understood, and no pom.xml is changed.

TARGET_DIR/longpole/NAME is then a script for each module that has tests, by its artifact: `NAME list` prints the test
classes, `NAME run FILE` runs those that FILE names, by Longpole's client for the JUnit Platform.
TARGET_DIR/modules.json is the index. It runs in any Python since 3.10,
and imports nothing of Longpole.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from stand_in import BEFORE, RECORDS, hash_of, properties

_RESET = "\33[0m"
"""What some builds of Maven print at their end, even if they have nothing to say."""
_JVM = "LONGPOLE_MAVEN_JVM"
_EXTENSION = Path(__file__).resolve().parent / "extension"
_CLIENT = Path(__file__).resolve().parent.parent / "junit-platform/src/main"
_CHECKS = ("rat.skip", "license.skip")
"""Properties that switch off checks of all files in the project: Longpole's have no licence header."""
_OPTIONS = ("maven.ext.class.path", "trimStackTrace", *_CHECKS)
"""User properties of Maven, which Surefire hands on to tests as system properties."""
_VINTAGE, _PLATFORM = "5.11.4", "1.11.4"
_OLDEST_JUNIT4, _OLDEST_PLATFORM = (4, 12), (1, 9)
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>longpole</groupId><artifactId>vintage</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.junit.vintage</groupId><artifactId>junit-vintage-engine</artifactId><version>{_VINTAGE}</version>
    </dependency>
    <dependency>
      <groupId>org.junit.platform</groupId><artifactId>junit-platform-launcher</artifactId><version>{_PLATFORM}</version>
    </dependency>
  </dependencies>
</project>
"""
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


class Refused(Exception):
    """What the user can mend."""


def main(target: Path, words: Sequence[str]) -> int:
    """Build; return the exit status, Maven's own if it fails."""
    own = target / "longpole"
    records = own / "records"
    shutil.rmtree(records, ignore_errors=True)
    records.mkdir(parents=True)
    java = java_program()
    status = prepared(own, java, records, words)
    if status:
        return status
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(records.glob("*.json"))]
    modules = []
    taken: set[str] = set()
    for record in merged(found):
        name = name_for(record, taken)
        taken.add(name.casefold())
        problem = problem_of(record)
        if problem is None:
            path = class_path(record, own, words)
            write_script(own, name, record, java, [str(client(own, path, java)), *path])
        modules.append(
            {
                "name": name,
                "folder": os.path.relpath(base(record)),
                "problem": problem,
                "reports": record["properties"].get("reportsDirectory", ""),
            }
        )
    (target / "modules.json").write_text(json.dumps({"modules": modules}, indent=1), encoding="utf-8")
    return 0


def prepared(own: Path, java: str, records: Path, words: Sequence[str]) -> int:
    """Compile and let Surefire prepare each module; the exit status of Maven."""
    home = own.resolve() / "java"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    release = Path(java).resolve().parent.parent / "release"
    if release.exists():
        shutil.copyfile(release, home / "release")
    start = " ".join(map(shlex.quote, [sys.executable, "-ES", str(Path(__file__).resolve().with_name("stand_in.py"))]))
    stand_in = home / "bin/java"
    stand_in.write_text(f'#!/bin/sh\nexec {start} "$@"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    options = [f"-Dmaven.ext.class.path={extension(own, java)}", "-DtrimStackTrace=false"]
    environ = {**os.environ, RECORDS: str(records.resolve()), _JVM: str(stand_in)}
    before = {name: hash_of(value) for name, value in os.environ.items()}
    (records / BEFORE).write_text(json.dumps(before), encoding="utf-8")
    command = [maven(), "-q", "-B", *(f"-D{check}=true" for check in _CHECKS), *words, "test", *options]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stdout or ():
            if _RESET not in line or line.replace(_RESET, "").strip():
                sys.stdout.write(line)
                sys.stdout.flush()
    return process.returncode


def extension(own: Path, java: str) -> Path:
    """The extension of Maven that lets Surefire start the stand-in, whatever a pom.xml configures; compiled once."""
    source = _EXTENSION / "longpole/maven/StandIn.java"
    program = shutil.which(maven())
    if program is None:
        raise Refused("mvn is missing: install Maven, or its wrapper as ./mvnw")
    wrapped = Path(".mvn/wrapper/maven-wrapper.properties")
    stamp = [program, os.stat(program).st_mtime_ns, str(source), source.stat().st_mtime_ns]
    stamp.append(wrapped.read_text(encoding="utf-8", errors="replace") if wrapped.is_file() else "")
    folder = own.resolve() / "extension" / f"{hash_of(json.dumps(stamp)):016x}"
    if not folder.is_dir():
        said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stdout
        home = re.search(r"^Maven home: (.*?)(?:\x1b\[0?m)?$", said, re.MULTILINE)
        if home is None:
            raise Refused(f"`{program} -v` does not say where Maven is: {said[-500:]}")
        compiled(_EXTENSION, f"{home[1]}/lib/*", folder, java, "8")
    return folder


def compiled(source: Path, path: str, folder: Path, java: str, release: str) -> None:
    """Compile what is below `source` into a new folder, with META-INF. Raises `Refused` with the compiler's output."""
    part = folder.with_suffix(f".{os.getpid()}")
    sources = [str(each) for each in sorted(source.rglob("*.java"))]
    (resources,) = source.rglob("META-INF")
    shutil.copytree(resources, part / "META-INF")
    javac = Path(java).resolve().parent / "javac"
    program = str(javac) if javac.exists() else "javac"
    command = [program, "--release", release, "-proc:none", "-nowarn", "-d", str(part), "-cp", path, *sources]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refused("javac is missing: install a JDK of Java 17 or later") from None
    if done.returncode:
        shutil.rmtree(part)
        raise Refused(f"Longpole's client cannot be compiled here: {(done.stderr or done.stdout).strip()[-2000:]}")
    part.rename(folder)


def maven() -> str:
    """The project's own wrapper, else Maven."""
    return str(Path("mvnw").resolve()) if os.access("mvnw", os.X_OK) else "mvn"


def java_program() -> str:
    """The Java that Maven uses."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if found is None:
        raise Refused(
            f"there is no java in {home}/bin: correct JAVA_HOME" if home else "java is missing: install a JDK"
        )
    return found


# -- from what was recorded to a script -------------------------------------------------------------------------------


def merged(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One record for each execution of Surefire, with the classes of all its processes."""
    found: dict[str, dict[str, Any]] = {}
    for each in records:
        own = each["properties"]
        classes = numbered(own, "tc.")
        key = json.dumps(
            [base(each), each["options"], each["system"], each["environ"], *map(own.get, ("groups", "excludegroups"))]
        )
        first = found.setdefault(key, {**each, "classes": []})
        first["classes"] = list(dict.fromkeys([*first["classes"], *classes]))
    return list(found.values())


def base(record: Mapping[str, Any]) -> str:
    """The folder of a record's module."""
    return str(record["system"].get("basedir") or record["cwd"])


def numbered(found: Mapping[str, str], prefix: str) -> list[str]:
    """The values of `prefix0`, `prefix1`, … in their order."""
    keys = [key for key in found if key.startswith(prefix) and key[len(prefix) :].isdigit()]
    return [found[key] for key in sorted(keys, key=lambda key: int(key[len(prefix) :]))]


def name_for(record: Mapping[str, Any], taken: set[str]) -> str:
    """The artifact of the module, or its folder, as a name of Longpole."""
    try:
        tree = ElementTree.parse(Path(base(record), "pom.xml")).getroot()  # noqa: S314  Maven has read it, too
        artifact = next((each.text or "" for each in tree if each.tag.rpartition("}")[2] == "artifactId"), "")
    except (OSError, ElementTree.ParseError):
        artifact = ""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", artifact.strip() or Path(base(record)).name).strip(".-")[:80] or "tests"
    number, found = 2, name
    while found.casefold() in taken or found in ("records", "java", "client", "vintage"):
        found, number = f"{name}.{number}", number + 1
    return found


def problem_of(record: Mapping[str, Any]) -> str | None:
    """Why Longpole's client cannot run these tests; None if it can."""
    provider = record["properties"].get("providerConfiguration", "")
    if "junitplatform" in provider:
        version = version_in(all_jars(record), "junit-platform-launcher")
        had = f"{version[0]}.{version[1]}"
        if version < _OLDEST_PLATFORM <= version_in(all_jars(record), "junit-platform-engine"):
            found = f"has a Surefire that brings the launcher of JUnit Platform {had}, which is too old"
        else:
            found = f"has JUnit Platform {had}; Longpole's client needs 1.9, of JUnit 5.9"
        return found if version < _OLDEST_PLATFORM else None
    if "junit4" in provider or "junitcore" in provider:
        version = version_in(all_jars(record), "junit")
        if version < _OLDEST_JUNIT4:
            return f"has JUnit {version[0]}.{version[1]}; JUnit's vintage engine needs 4.12"
        return None
    if "testng" in provider:
        return "has tests of TestNG, which Longpole's client cannot run"
    return f"has tests that no engine of the JUnit Platform runs ({provider.rpartition('.')[2]})"


def version_in(jars: Sequence[str], artifact: str) -> tuple[int, int]:
    """The version of a jar by its name; (0, 0) if it is not there, a new one if the name says none."""
    for jar in jars:
        match = re.fullmatch(rf"{re.escape(artifact)}(?:-(\d+)\.(\d+).*)?\.jar", os.path.basename(jar))
        if match:
            return (int(match[1]), int(match[2])) if match[1] else (99, 0)
    return (0, 0)


def all_jars(record: Mapping[str, Any]) -> list[str]:
    """The class path of the tests, and that of Surefire."""
    found = record["properties"]
    return [*numbered(found, "classPathUrl."), *numbered(found, "surefireClassPathUrl.")]


def class_path(record: Mapping[str, Any], own: Path, words: Sequence[str]) -> list[str]:
    """The class path of the tests, with engine and launcher, which Surefire adds; without Surefire itself."""
    path = numbered(record["properties"], "classPathUrl.")
    present = {os.path.basename(each) for each in path}
    added = [
        each
        for each in numbered(record["properties"], "surefireClassPathUrl.")
        if re.match(r"(junit|opentest4j|apiguardian)", os.path.basename(each)) and os.path.basename(each) not in present
    ]
    if "junitplatform" in record["properties"].get("providerConfiguration", ""):
        return [*path, *added]
    folder = own.resolve() / "vintage"
    if not (folder / "lib").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(_POM, encoding="utf-8")
        options = ["-q", "-B", *(word for word in words if word in ("-o", "--offline")), "-f", str(folder / "pom.xml")]
        done = subprocess.run([maven(), *options, _COPY, f"-DoutputDirectory={folder}/part"], check=False)
        if done.returncode:
            raise Refused(f"JUnit's vintage engine {_VINTAGE} is needed for JUnit 4, and Maven does not get it")
        (folder / "part").rename(folder / "lib")
    jars = sorted(each for each in (folder / "lib").iterdir() if not re.match(r"(junit-\d|hamcrest)", each.name))
    return [*path, *map(str, jars)]


def client(own: Path, path: Sequence[str], java: str) -> Path:
    """The classes of Longpole's client, compiled against the launcher of a class path; once for each launcher."""
    platform = [
        each for each in path if os.path.basename(each).startswith(("junit-platform", "opentest4j", "apiguardian"))
    ]
    sources = sorted(_CLIENT.rglob("*.java"))
    stamp = json.dumps([platform, java, [[str(each), each.stat().st_mtime_ns] for each in sources]])
    folder = own.resolve() / "client" / f"{hash_of(stamp):016x}"
    if not folder.is_dir():
        compiled(_CLIENT, os.pathsep.join(platform), folder, java, "17")
    return folder


def write_script(own: Path, name: str, record: Mapping[str, Any], java: str, path: Sequence[str]) -> None:
    """Write the script of a module, with its arguments of Java and its classes."""
    found = record["properties"]
    system = {key: value for key, value in record["system"].items() if key != "jvm" and key not in _OPTIONS}
    system |= dict(properties(found.get("configurationParameters", "")))
    options = [*record["options"], *(["-ea"] if found.get("enableAssertions") != "false" else [])]
    options += [f"-D{key}={value}" for key, value in system.items()]
    arguments, classes, script = (own.resolve() / f"{name}{suffix}" for suffix in (".arguments", ".classes", ""))
    arguments.write_text(
        "".join(f"{quoted(each)}\n" for each in [*options, "-cp", os.pathsep.join(path)]), encoding="utf-8"
    )
    classes.write_text("".join(f"{each}\n" for each in record["classes"]), encoding="utf-8")
    tags = [
        word
        for option, key in (("--include-tag", "groups"), ("--exclude-tag", "excludegroups"))
        for tag in re.split(r",", found.get(key, ""))
        if tag.strip()
        for word in (option, tag.strip())
    ]
    start = " ".join(map(shlex.quote, [java, f"@{arguments}", "longpole.junit.Forks"]))
    filters = "".join(f" {shlex.quote(tag)}" for tag in tags)
    lines = [
        "#!/bin/sh",
        "# The tests of a module as Surefire runs them: NAME list, NAME run FILE.",
        f"cd {shlex.quote(record['cwd'])} || exit 1",
    ]
    lines += [
        f"export {key}={shlex.quote(value)}"
        for key, value in record["environ"].items()
        if re.fullmatch(r"[A-Za-z_]\w*", key)
    ]
    lines += [f"unset {key}" for key in record["gone"] if re.fullmatch(r"[A-Za-z_]\w*", key)]
    lines += [f'[ "$1" != list ] || set -- list --classes {shlex.quote(str(classes))}']
    lines += ["command=$1", "shift", f'exec {start} "$command"{filters} "$@"']
    part = script.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.chmod(0o755)
    part.rename(script)


def quoted(text: str) -> str:
    """A line of a file of arguments for Java."""
    for each, means in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\f", "\\f")):
        text = text.replace(each, means)
    return f'"{text}"'


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
    except Refused as refused:
        sys.exit(str(refused))
