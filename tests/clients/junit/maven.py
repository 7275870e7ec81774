"""The client, and a project whose tests do all that is odd, built by Maven and run by Java."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.project import REPOSITORY, Done, tool

CLIENT = REPOSITORY / "clients" / "junit-platform"
_PROJECT = Path(__file__).parent / "project"
_MARK = "@@LONGPOLE@@ "
DEADLINE_S = 300


def mvn(*words: str, cwd: Path, environ: Mapping[str, str] | None = None) -> Done:
    """Maven, whose failure is an error unless the tests fail: `-Dmaven.test.failure.ignore`."""
    argv = [tool("mvn"), "-q", "-B", *words]
    done = finished(argv, cwd, environ)
    assert done.status == 0, done.text
    return done


def finished(argv: Sequence[str], cwd: Path, environ: Mapping[str, str] | None) -> Done:
    """What a command printed, and its exit status."""
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=DEADLINE_S,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))


def built(folder: Path) -> Path:
    """The folder with the client and the project, built if they are not; a class of the project is then removed."""
    if not (folder / "done").exists():
        shutil.copytree(_PROJECT, folder / "project", ignore=shutil.ignore_patterns("target"))
        mvn("-f", str(CLIENT), f"-Dlongpole.build={folder}/client", "package", cwd=folder)
        client = f"-Dclient={folder}/client/longpole-junit-platform.jar"
        mvn("test-compile", "dependency:copy-dependencies", client, cwd=folder / "project")
        (folder / "project/target/test-classes/odd/Removed.class").unlink()
        (folder / "done").touch()
    return folder


@dataclass(frozen=True)
class Fork:
    """What a fork printed, apart: its events, and all else."""

    status: int
    events: list[dict[str, Any]]
    rest: str
    err: str

    def of(self, event: str, suite: str | None = None) -> list[dict[str, Any]]:
        """The events of this name, of one suite or of all."""
        return [each for each in self.events if each["event"] == event and suite in (None, each.get("suite"))]

    def completed(self, suite: str) -> dict[str, Any]:
        """The result of a suite."""
        (only,) = self.of("suite_completed", suite)
        return only

    def cases(self, suite: str) -> dict[str, dict[str, Any]]:
        """The cases of a suite by name, each of which is there once."""
        cases = self.completed(suite)["cases"]
        named = {case["name"]: case for case in cases}
        assert len(named) == len(cases)
        return named

    def output(self, suite: str) -> str:
        """All that a suite printed."""
        texts = [each["text"] for each in self.of("suite_output", suite)]
        return "".join([*texts, *(each.get("output", "") for each in self.of("suite_completed", suite))])

    @property
    def unattributed(self) -> str:
        """All that was printed by no suite."""
        return "".join(each["text"] for each in self.of("unattributed_output"))


def fork_of(done: Done) -> Fork:
    """What a fork printed. Every envelope must be JSON."""
    lines = done.out.splitlines(keepends=True)
    events = [json.loads(line.removeprefix(_MARK)) for line in lines if line.startswith(_MARK)]
    rest = "".join(line for line in lines if not line.startswith(_MARK))
    return Fork(done.status, events, rest, done.err)


@dataclass(frozen=True)
class Odd:
    """The odd project, built."""

    folder: Path
    tmp: Path

    def argv(self, *words: str, options: Sequence[str] = (), main: str = "longpole.junit.Forks") -> list[str]:
        """Java, with the class path of the tests."""
        path = f"{self.folder}/project/target/test-classes:{self.folder}/project/target/lib/*"
        return [tool("java"), "-XX:TieredStopAtLevel=1", *options, "-cp", path, main, *words]

    def java(self, *words: str, main: str = "longpole.junit.Forks", environ: Mapping[str, str] | None = None) -> Done:
        """Run Java to its end."""
        return finished(self.argv(*words, main=main), self.tmp, environ)

    def run(
        self,
        *classes: str,
        words: Sequence[str] = (),
        options: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> Fork:
        """Run classes of package `odd` in one fork."""
        (self.tmp / "classes").write_text("".join(f"odd.{name}\n" for name in classes))
        argv = self.argv("run", *words, str(self.tmp / "classes"), options=options)
        return fork_of(finished(argv, self.tmp, {"LONGPOLE_PROTOCOL": "1", "LONGPOLE_FORK": "0", **(environ or {})}))
