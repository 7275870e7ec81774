"""A model of GitHub's runners: the jobs of a rendered workflow, their `run:` steps executed by real bash.

The few actions that our workflows use are modelled: checkout copies the project, artifacts and caches are folders. An
expression is looked up in `matrix` and a few more values, such as outputs of earlier jobs; a condition is true if it
has no reason to be false.
"""

import fnmatch
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.project import Project, tool


@dataclass
class Runner:
    """The machines of one repository. `artifacts` are those of one run of a workflow, `caches` stay."""

    project: Project
    folder: Path
    values: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    log: str = ""

    def begin(self, run_id: str, **values: str) -> None:
        """Begin a run of a workflow: nothing is uploaded yet."""
        self.values = {"github.run_id": run_id, "github.run_attempt": "1", "github.sha": "0" * 40, **values}
        shutil.rmtree(self.artifacts, ignore_errors=True)
        self.artifacts.mkdir(parents=True)

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def caches(self) -> Path:
        return self.folder / "caches"

    def job(self, workflow: Path, name: str, *, cancelled_at: str | None = None) -> list[str]:
        """Run a job with each row of its matrix; the results of the rows.

        The step with the text `cancelled_at` runs into the time limit: it is interrupted, and so is the job.
        """
        job = yaml.load(workflow.read_text(), yaml.BaseLoader)["jobs"][name]
        rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
        if isinstance(rows, str):  # an output of an earlier job
            rows = json.loads(_expand(re.sub(r"fromJSON\((.*)\)", r"\1", rows), self.values))
        results = [self._row(job, row, cancelled_at) for row in rows]
        for output, value in job.get("outputs", {}).items():
            self.values[f"needs.{name}.outputs.{output}"] = _expand(value, self.values)
        return results

    def _row(self, job: dict[str, Any], row: dict[str, str], cancelled_at: str | None) -> str:
        machine = self.folder / "machine"
        shutil.rmtree(machine, ignore_errors=True)
        machine.mkdir(parents=True)
        values = {**self.values, **{f"matrix.{name}": value for name, value in row.items()}}
        result = "success"
        for step in job["steps"]:
            condition = step.get("if", "")
            false = any(f"matrix.{name}" in condition and value == "false" for name, value in row.items())
            late = "always()" in condition or ("!cancelled()" in condition and result != "cancelled")
            if false or (result != "success" and not late):
                continue
            environ = {**job.get("env", {}), **step.get("env", {})}
            environ = {name: _expand(value, values) for name, value in environ.items()}
            if "uses" in step:
                used = {name: _expand(value, values) for name, value in step.get("with", {}).items()}
                done = self._use(step["uses"], used, machine)
            else:
                outputs = self.folder / "outputs"
                outputs.write_text("")
                environ["GITHUB_OUTPUT"] = str(outputs)
                done = self._bash(_expand(step["run"], values), machine, environ)
                for name, _, value in (line.partition("=") for line in outputs.read_text().splitlines()):
                    self.values[f"steps.{step.get('id')}.outputs.{name}"] = value
            if cancelled_at is not None and step.get("run") == cancelled_at:
                result = "cancelled"
            elif not done and result == "success" and step.get("continue-on-error") != "true":
                result = "failure"
        return result

    def _bash(self, command: str, machine: Path, environ: dict[str, str]) -> bool:
        if command.startswith("pip install"):
            return True
        argv = [tool("bash"), "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        done = subprocess.run(
            argv,
            cwd=machine,
            env={**self.project.environ, **environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log += f"$ {command}\n{done.stdout}"
        return done.returncode == 0

    def _use(self, action: str, used: dict[str, str], machine: Path) -> bool:
        name = action.partition("@")[0]
        if name == "actions/checkout":
            kept = shutil.ignore_patterns(".longpole", "target-*")
            shutil.copytree(self.project.root, machine, symlinks=True, dirs_exist_ok=True, ignore=kept)
            if used.get("fetch-depth") == "0":
                subprocess.run([tool("git"), "-C", str(machine), "fetch", "-q", "origin"], check=True)
            if used.get("ref"):
                subprocess.run([tool("git"), "-C", str(machine), "checkout", "-q", used["ref"]], check=True)
        elif name == "actions/upload-pages-artifact":
            return _copy(machine / used["path"], self.artifacts / "github-pages")
        elif name == "actions/upload-artifact":
            return _copy(machine / used["path"], self.artifacts / used["name"] / Path(used["path"]).name)
        elif name == "actions/download-artifact":
            return self._download(used, machine)
        elif name == "actions/cache/save":
            for path in used["path"].split():
                _copy(machine / path, self.caches / used["key"] / path)
        elif name == "actions/cache/restore":
            found = sorted(self.caches.glob(f"{used['restore-keys']}*"), key=lambda path: path.stat().st_mtime_ns)
            if found:
                for path in used["path"].split():
                    _copy(found[-1] / path, machine / path)
        return True

    def _download(self, used: dict[str, str], machine: Path) -> bool:
        place = machine / used.get("path", ".")
        if "name" in used:
            return _unpack(self.artifacts / used["name"], place)
        for artifact in self.artifacts.iterdir():
            if fnmatch.fnmatch(artifact.name, used["pattern"]):
                _unpack(artifact, place / artifact.name)
        return True


def _expand(text: str, values: dict[str, str]) -> str:
    """The text with its expressions replaced: a value, or the first of several between `||` that is not empty."""
    return re.sub(
        r"\$\{\{ *([\w.]+(?: \|\| [\w.]+)*) *\}\}",
        lambda match: next(filter(None, (values.get(name, "") for name in match[1].split(" || "))), ""),
        text,
    )


def _copy(source: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copyfile(source, target)  # as in an artifact, permissions are lost
    return source.exists()


def _unpack(artifact: Path, place: Path) -> bool:
    """A folder that was uploaded is its content; a file is itself."""
    for path in artifact.iterdir() if artifact.is_dir() else ():
        _copy(path, place if path.is_dir() else place / path.name)
    return artifact.is_dir()
