"""`longpole init` in Maven projects, by a real Maven and a real JVM; and what Surefire hands over, without them."""

import importlib
import os
import pwd
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.maven import Maven, MavenModule, MavenTests
from longpole.gen.adapters.maven_reports import surefire_name
from longpole.gen.adapters.model import Settings
from longpole.gen.adapters.suite import to_text
from tests.gen.adapters.projects import empty, maven_client, write
from tests.project import Project

__all__ = ["empty"]

PARENT = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>odd</groupId><artifactId>parent</artifactId><version>1</version><packaging>pom</packaging>
  <modules><module>lib</module><module>core $(touch hurt)</module><module>old</module></modules>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <build><plugins>
    <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.1</version></plugin>
    <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.13.0</version></plugin>
    <plugin><artifactId>maven-surefire-plugin</artifactId><version>3.5.2</version></plugin>
  </plugins></build>
</project>
"""
CHILD = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent><groupId>odd</groupId><artifactId>parent</artifactId><version>1</version></parent>
  <artifactId>{name}</artifactId>
  <dependencies>{dependencies}</dependencies>
  <build><plugins><plugin>
    <artifactId>maven-surefire-plugin</artifactId><configuration>{configuration}</configuration>
  </plugin></plugins></build>
</project>
"""
LIB = "<dependency><groupId>odd</groupId><artifactId>lib</artifactId><version>1</version></dependency>"
JUNIT5 = """<dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId>
<version>5.11.4</version><scope>test</scope></dependency>"""
JUNIT4 = """<dependency><groupId>junit</groupId><artifactId>junit</artifactId>
<version>4.13.2</version><scope>test</scope></dependency>"""
CONFIGURATION = """<argLine>-Xmx200m "-Da.word=a b"</argLine>
<systemPropertyVariables><who>$(touch hurt) 'it"s\\</who></systemPropertyVariables>
<environmentVariables><COLOR>red 'blue' $(touch hurt)</COLOR></environmentVariables>
<includes><include>**/*Check.java</include><include>**/*Test.java</include></includes>
<excludes><exclude>**/Left*.java</exclude></excludes><excludedGroups>slow,  net</excludedGroups>"""
CHECK = """package core;
import static org.junit.jupiter.api.Assertions.assertEquals;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
class OddCheck {
    @Test void hears() {
        assertEquals("a b", System.getProperty("a.word"));
        assertEquals("$(touch hurt) 'it\\"s\\\\", System.getProperty("who"));
        assertEquals("red 'blue' $(touch hurt)", System.getenv("COLOR"));
        assertEquals(42, lib.Answer.IT);
        assert java.nio.file.Files.exists(java.nio.file.Path.of("here"));
    }
    @ParameterizedTest @ValueSource(strings = {"a", "$(touch hurt)"}) void takes(String text) {}
    @RepeatedTest(2) void again() {}
    @Test @Tag("slow") void slow() { Assertions.fail(); }
    @Test @Tag("net") void net() { Assertions.fail(); }
    @Nested class Inner { @Test void inner() {} @Nested class Most { @Test void inner() {} } }
    @TestFactory DynamicTest made() { return DynamicTest.dynamicTest("any", () -> {}); }
    @Test @Disabled("why") void disabled() {}
}
"""
FILES = {
    "pom.xml": PARENT,
    "lib/pom.xml": CHILD.format(name="lib", dependencies="", configuration=""),
    "lib/src/main/java/lib/Answer.java": "package lib; public class Answer { public static int IT = 42; }",
    "core $(touch hurt)/pom.xml": CHILD.format(name="core", dependencies=LIB + JUNIT5, configuration=CONFIGURATION),
    "core $(touch hurt)/here": "",
    "core $(touch hurt)/src/test/java/core/OddCheck.java": CHECK,
    "core $(touch hurt)/src/test/java/core/LeftCheck.java": "package core; class LeftCheck { int x = 1 / 0; }",
    "core $(touch hurt)/src/test/java/core/BaseTest.java": "package core; abstract class BaseTest { }",
    "old/pom.xml": CHILD.format(name="old", dependencies=JUNIT4, configuration="<forkCount>0</forkCount>"),
    "old/src/test/java/old/OldTest.java": "package old; public class OldTest { @org.junit.Test public void runs() {} }",
    "old/src/test/java/old/OlderTest.java": "package old; public class OlderTest extends junit.framework.TestCase {"
    " public void testIt() {} }",
}


def with_maven(project: Project) -> None:
    """Let a project's commands use what this user's Maven has downloaded."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    write(project.root, {".mvn/maven.config": f"-Dmaven.repo.local={home}/.m2/repository\n"})


@pytest.mark.slow
@pytest.mark.jvm
def test_the_suite_runs_the_same_tests_as_maven_each_once(empty: Project) -> None:
    with_maven(empty)
    write(empty.root, FILES)
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "wrote suite.yaml: 2 modules, 3 test classes\n" in done.out
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert "11 cases: 10 passed, 1 skipped" in made.out
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "main: 11 tests, each run once\n")
    assert not list(empty.root.rglob("hurt"))

    check = "core $(touch hurt)/src/test/java/core/OddCheck.java"
    write(empty.root, {check: CHECK.replace("void inner() {}", 'void inner() { Assertions.fail("why"); }', 1)})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "Inner.inner()" in made.out


@pytest.mark.slow
@pytest.mark.jvm
def test_a_project_that_does_not_compile_gets_the_compilers_message_and_no_file(empty: Project) -> None:
    with_maven(empty)
    text = "package lib; class Answer { int x = none(); }"
    alone = PARENT.replace("<packaging>pom</packaging>", "").replace("<modules>", "<!--").replace("</modules>", "-->")
    write(empty.root, {"pom.xml": re.sub("<!--.*-->", "", alone), "src/main/java/lib/Answer.java": text})
    done = empty.longpole("init")
    assert done.status == 2
    assert "COMPILATION ERROR" in done.err
    assert "Traceback" not in done.err
    assert not (empty.root / "suite.yaml").exists()


def stand_in() -> ModuleType:
    """The module of the client that stands in for Java."""
    maven_client()
    return importlib.import_module("stand_in")


def record(**properties: str) -> dict[str, Any]:
    """What Surefire hands over."""
    return {
        "properties": properties,
        "system": {"basedir": "/x"},
        "cwd": "/x",
        "options": [],
        "environ": {},
        "gone": [],
    }


@pytest.mark.parametrize(
    ("provider", "jars", "problem"),
    [
        ("org.apache.maven.surefire.junitplatform.JUnitPlatformProvider", ["junit-platform-launcher-1.11.4.jar"], None),
        (
            "org.apache.maven.surefire.junitplatform.JUnitPlatformProvider",
            ["junit-platform-launcher-1.3.2.jar"],
            "1.3;",
        ),
        ("org.apache.maven.surefire.junit4.JUnit4Provider", ["junit-4.13.2.jar"], None),
        ("org.apache.maven.surefire.junit4.JUnit4Provider", ["junit-4.11.jar"], "has JUnit 4.11"),
        ("org.apache.maven.surefire.testng.TestNGProvider", [], "TestNG"),
        ("org.apache.maven.surefire.junit.JUnit3Provider", [], "JUnit3Provider"),
    ],
)
def test_tests_that_the_client_cannot_run_are_named(provider: str, jars: list[str], problem: str | None) -> None:
    paths = {f"classPathUrl.{number}": f"/a/{jar}" for number, jar in enumerate(jars)}
    found = maven_client().problem_of(record(providerConfiguration=provider, **paths))
    assert (problem is None and found is None) or problem in found


def test_processes_of_one_execution_are_one_module_and_executions_are_told_apart() -> None:
    first, second = record(**{"tc.1": "B", "tc.0": "A"}), record(**{"tc.0": "A", "tc.1": "C"})
    other = record(**{"tc.0": "D", "groups": "slow"})
    found = maven_client().merged([first, second, other])
    assert [each["classes"] for each in found] == [["A", "B", "C"], ["D"]]
    taken: set[str] = set()
    for each in found:
        taken.add(maven_client().name_for(each, taken))
    assert taken == {"x", "x.2"}


@pytest.mark.parametrize(
    ("jar", "said"),
    [
        ("surefire-junit4-2.22.2.jar", "Z,0,BYE!\n"),
        ("surefire-api-3.0.0-M3.jar", "Z,0,BYE!\n"),
        ("surefire-junit-platform-3.5.2.jar", ":maven-surefire-event:\x03:bye:"),
    ],
)
def test_it_takes_leave_in_the_words_of_the_version(jar: str, said: str) -> None:
    assert stand_in().goodbye({"a": f"/m/{jar}"}) == said


def test_properties_are_read_as_java_writes_them() -> None:
    text = "#surefire\n#Sun\na\\ b=c\\:d\\\\\nempty=\nwide=\\u00e9\\uD83D\\uDE00\nlines=x\\n\\\n  y\nk\\=v=\\ z=1\n"
    found = dict(stand_in().properties(text))
    assert found == {"a b": "c:d\\", "empty": "", "wide": "é😀", "lines": "x\ny", "k=v": " z=1"}


@given(st.text())
def test_a_quoted_argument_is_one_line(text: str) -> None:
    quoted = maven_client().quoted(text)
    assert "\n" not in quoted and "\r" not in quoted
    assert quoted[1:-1].replace("\\\\", "").replace('\\"', "").count('"') == 0


@pytest.mark.parametrize(
    ("ours", "surefires"),
    [
        (("a.B", "adds()"), ("a.B", "adds")),
        (("a.B", "Inner.Most.adds()"), ("a.B$Inner$Most", "adds")),
        (("a.B", "takes(String)[2]"), ("a.B", "takes{String}[2]")),
        (("a.B", "takes(java.lang.String, int)[2]"), ("a.B", "takes(String, int)[2]")),
        (("a.B", "old[0]"), ("a.B", "old[0]")),
    ],
)
def test_names_of_the_client_and_of_surefire_are_one(ours: tuple[str, str], surefires: tuple[str, str]) -> None:
    assert surefire_name(*ours) == surefire_name(*surefires)


def test_short_modules_have_one_jvm_and_long_ones_as_many_as_jobs() -> None:
    short = MavenModule("short", ".", ("a.A", "a.B"), "", 0.0)
    long = MavenModule("long", "l", ("a.C", "a.D", "a.E"), "", 9.0)
    draft = Maven().to_suite(MavenTests("x", (short, long), (), ()), Settings(jobs=2))
    assert [(entry.keys["weight"], entry.keys["forks"]["max_forks"]) for entry in draft.modules] == [(0.4, 1), (9.0, 2)]
    assert draft.contents == "5 test classes"
    to_text(draft)
    told = Settings(jobs=2, durations={"a.A#x": 3.0, "x": 3.0, "a.A$In#y": 3.0, "z.Z#x": 9.0})
    assert Maven().to_suite(MavenTests("x", (short,), (), ()), told).modules[0].keys["weight"] == 6.0


def test_integration_tests_of_failsafe_are_named(tmp_path: Path) -> None:
    from longpole.gen.adapters.maven import integration_tests

    write(tmp_path, {"pom.xml": "", "it/pom.xml": "maven-failsafe-plugin", "target/x/pom.xml": "maven-failsafe-plugin"})
    assert [problem.file for problem in integration_tests(tmp_path)] == ["it/pom.xml"]
