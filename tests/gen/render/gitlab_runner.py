"""A model of GitLab's runners: the jobs of a rendered pipeline, their scripts executed by a real shell.

As GitLab does it: `extends` merges mappings, `before_script` and `script` are one shell that ends at the first command
that fails, `after_script` is another one whose status does not count; caches and artifacts are folders, and each job
begins with a fresh clone.
"""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.project import Project, tool

SHA = "0" * 40


@dataclass
class GitLab:
    """The machines of one project. `artifacts` are those of one pipeline, `caches` stay."""

    project: Project
    folder: Path
    shell: str = "bash"
    source: str = "push"
    environ: dict[str, str] = field(default_factory=dict)
    log: str = ""

    def begin(self) -> None:
        """Begin a pipeline: there are no artifacts yet."""
        shutil.rmtree(self.artifacts, ignore_errors=True)
        self.artifacts.mkdir(parents=True)

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.project.root / ".gitlab-ci.yml").read_text())
        return found

    def job(self, name: str) -> list[str]:
        """Run a job, with `parallel` several times; the results."""
        document = self.document()
        job = merged(document, name)
        total = job.get("parallel", 1)
        return [self._one(job, name, number, total) for number in range(1, total + 1)]

    def _one(self, job: dict[str, Any], name: str, number: int, total: int) -> str:
        machine = self.folder / "machine"
        shutil.rmtree(machine, ignore_errors=True)
        ignored = shutil.ignore_patterns(".longpole", "target-*")
        shutil.copytree(self.project.root, machine, symlinks=True, ignore=ignored)
        for needed in job.get("needs", []):
            for artifact in sorted(self.artifacts.glob(f"{needed}.*")):
                shutil.copytree(artifact, machine, dirs_exist_ok=True, symlinks=True)
        values = {
            "CI_COMMIT_SHA": SHA,
            "CI_PIPELINE_SOURCE": self.source,
            "CI_PIPELINE_CREATED_AT": "2026-01-31T16:47:55Z",
        }
        if "parallel" in job:
            values |= {"CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(total)}
        values |= {key: expand(value, values) for key, value in job.get("variables", {}).items()}
        key = expand(job.get("cache", {}).get("key", ""), values)
        assert "/" not in key
        self._take(self.folder / "caches" / key, machine, job.get("cache", {}).get("paths", []))
        done = self._shell([*job.get("before_script", []), *job["script"]], machine, values)
        self._shell(job.get("after_script", []), machine, values)
        self._take(machine, self.folder / "caches" / key, job.get("cache", {}).get("paths", []))
        if done or job["artifacts"].get("when") == "always":
            self._take(machine, self.artifacts / f"{name}.{number}", job.get("artifacts", {}).get("paths", []))
        return "success" if done else "failed"

    def _shell(self, lines: list[str], machine: Path, values: dict[str, str]) -> bool:
        done = subprocess.run(
            [tool(self.shell), "-c", "\n".join(["set -e", *lines])],
            cwd=machine,
            env={**self.project.environ, **values, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log += done.stdout
        return done.returncode == 0

    @staticmethod
    def _take(source: Path, target: Path, paths: list[str]) -> None:
        """Copy paths, with permissions, as GitLab's archives do; one that does not exist is only a warning."""
        for path in paths:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            if (source / path).is_dir():
                shutil.copytree(source / path, target / path, symlinks=True, dirs_exist_ok=True)
            elif (source / path).exists():
                shutil.copy2(source / path, target / path)


def merged(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A job with what it extends: mappings are merged, anything else is replaced."""
    job = dict(document[name])
    parent = job.pop("extends", None)
    return _merge(merged(document, parent), job) if parent else job


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            both[key] = _merge(below[key], above[key])
    return both


def expand(text: str, values: dict[str, str]) -> str:
    """The text with GitLab's variables in it replaced."""
    for name, value in sorted(values.items(), reverse=True):
        text = text.replace(f"${name}", value)
    return text
