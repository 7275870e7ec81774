"""Runs the pytest client in small projects, and reads what it tells."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.project import REPOSITORY

CLIENT = REPOSITORY / "clients/pytest"
PREFIX = b"@@LONGPOLE@@ "
Event = dict[str, Any]


def events_of(stdout: bytes) -> list[Event]:
    """The events in the lines of standard output that begin with the prefix."""
    lines = stdout.split(b"\n")
    return [json.loads(line.removeprefix(PREFIX)) for line in lines if line.startswith(PREFIX)]


@dataclass(frozen=True)
class Run:
    """One process of the client that has ended."""

    status: int
    stdout: bytes
    stderr: str

    @cached_property
    def events(self) -> list[Event]:
        return events_of(self.stdout)

    def of(self, kind: str) -> Iterator[Event]:
        return (event for event in self.events if event["event"] == kind)

    @cached_property
    def suites(self) -> dict[str, Event]:
        """The completed suites; each may be told once only."""
        suites = list(self.of("suite_completed"))
        assert len({suite["suite"] for suite in suites}) == len(suites), suites
        return {suite["suite"]: suite for suite in suites}

    @cached_property
    def statuses(self) -> dict[str, str]:
        """The status of each case, by `file::name`; that of a suite without cases by its file."""
        found = {}
        for name, suite in self.suites.items():
            found.update(
                {f"{name}::{case['name']}": case["status"] for case in suite["cases"]} or {name: suite["status"]}
            )
        return found

    def case(self, name: str) -> Event:
        """The one case `name` of any suite."""
        (case,) = [case for suite in self.suites.values() for case in suite["cases"] if case["name"] == name]
        return dict(case)

    def output(self, suite: str) -> str:
        """All that was told as output of a suite."""
        early = [event["text"] for event in self.of("suite_output") if event["suite"] == suite]
        return "".join([*early, self.suites[suite]["output"] if suite in self.suites else ""])

    @property
    def unattributed(self) -> str:
        return "".join(event["text"] for event in self.of("unattributed_output"))

    @property
    def is_complete(self) -> bool:
        """Whether the last event says that this was all."""
        return bool(self.events) and self.events[-1]["event"] == "fork_completed"


class Folder:
    """A folder of tests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)

    def write(self, **files: str) -> "Folder":
        """Write files, `sub__test_a="..."` to `sub/test_a.py`."""
        for name, text in files.items():
            self.file(f"{name.replace('__', '/')}.py", text)
        return self

    def file(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, str(CLIENT), *words]

    def environ(self, **variables: str) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.root.parent), "PYTHONDONTWRITEBYTECODE": "1", **variables}

    def execute(self, argv: Sequence[str], environ: Mapping[str, str] | None = None, cwd: str = ".") -> Run:
        done = subprocess.run(
            argv,
            check=False,
            cwd=self.root / cwd,
            env=environ or self.environ(),
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        return Run(done.returncode, done.stdout, done.stderr.decode(errors="replace"))

    def list(self, *arguments: str, cwd: str = ".") -> Run:
        return self.execute(self.argv("list", *arguments), cwd=cwd)

    def classes(self, *names: str) -> str:
        """Write the file of classes; return its path. Without names, all files of tests are in it."""
        given = names or sorted(str(path.relative_to(self.root)) for path in self.root.rglob("test_*.py"))
        return str(self.file("../classes", "".join(f"{name}\n" for name in given)))

    def run(self, *arguments: str, files: Sequence[str] = (), **variables: str) -> Run:
        return self.execute(self.argv("run", self.classes(*files), *arguments), self.environ(**variables))
