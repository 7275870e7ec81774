"""A project in a folder of its own: a suite, its rendered Makefile, and real runs of it by real make."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import longpole
from longpole.rts_tests.state.begin import begin_run

REPOSITORY = Path(longpole.__file__).resolve().parent.parent
REVISION = "0123456789abcdef0123456789abcdef01234567"
DEADLINE_S = 60.0
"""How long a condition may take that should hold at once; only a broken promise ever waits for it."""
COMMAND_S = 600.0
"""How long a command may take; a first build by Maven on a busy machine takes minutes, only a hang takes this."""


def tool(name: str) -> str:
    """The path of a program that the tests need; an error, not a skip, where it is missing."""
    path = shutil.which(name)
    if path is None:
        raise RuntimeError(f"these tests need `{name}`; install it")
    return path


def eventually(what: str, holds: Callable[[], object], seconds: float = DEADLINE_S) -> None:
    """Wait until `holds()` is true; an error that says `what` was awaited when it never is."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"in {seconds:g} s it did not come true that {what}")
        time.sleep(0.01)


def records_in(run: Path) -> list[dict[str, Any]]:
    """The records in a run's folder in the order in which they were written, read by JSON alone."""
    path = run / "records.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []
    return [row for row in rows if "id" in row]


def write_records(run: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put these records in the place of a run's own, without an index."""
    (run / "records.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All it printed."""
        return self.out + self.err


@dataclass
class Project:
    """A folder with a suite whose units are shell scripts, `units/<module>.sh`."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the folder and an environment that holds nothing but what runs need."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.mark = uuid.uuid4().hex
        self.started: list[subprocess.Popen[bytes]] = []
        self.python = sys.executable
        self.environ = {
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LONGPOLE_REV": REVISION,
            "LONGPOLE_SLOTS_DIR": str(self.root.parent / "slots"),
            "PROJECT_MARK": self.mark,
            **self.environ,
        }

    def write(
        self,
        scripts: Mapping[str, str],
        *,
        modules: Mapping[str, Any] | None = None,
        variants: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        limits: Mapping[str, Any] | None = None,
        steps: Mapping[str, Any] | None = None,
    ) -> "Project":
        """Write the suite, one module a script, about some of which `modules` says more; and render it."""
        (self.root / "units").mkdir(exist_ok=True)
        for name, text in scripts.items():
            (self.root / "units" / f"{name}.sh").write_text(text + "\n")
        run = {"run": ["sh", "units/{module}.sh", "{seeds}", "{chunk}", "{variant}"]}
        suite: dict[str, Any] = {
            "version": 1,
            "name": "tiny",
            "limits": {"grace": 0.3, **(limits or {})},
            "defaults": {**run, **(defaults or {})},
            "steps": steps or {},
            "variants": variants or {"v": {}},
            "modules": {**{name: {} for name in scripts}, **(modules or {})},
        }
        (self.root / "suite.yaml").write_text(json.dumps(suite, indent=2))
        self.render()
        return self

    def render(self, suite_file: str = "suite.yaml") -> list[tuple[Path, bool]]:
        """What `longpole render` does, in this process; what was written. By `python -m longpole` if not our own."""
        if self.python != sys.executable:
            assert self.longpole("render", "--suite", suite_file).status == 0
            return []
        from longpole.gen.render import outputs

        project = outputs.Project(suite_file, Path(".longpole"))
        with contextlib.chdir(self.root):
            return outputs.write_all(project, outputs.render(project))

    def start(self, *argv: str, **options: Any) -> "subprocess.Popen[bytes]":
        """Start a command in a session of its own, so that a test can signal all of it as a terminal would."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        environ = {**self.environ, **options.pop("environ", {})}
        process = subprocess.Popen(argv, cwd=self.root, env=environ, start_new_session=True, **options)
        self.started.append(process)
        return process

    def end(self) -> None:
        """End what a test that failed has left running."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.started:
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def run(self, *argv: str, **environ: str) -> Done:
        """Run a command to its end."""
        process = self.start(*argv, environ=environ)
        try:
            out, err = process.communicate(timeout=COMMAND_S)
        except subprocess.TimeoutExpired:
            self.end()
            raise
        return Done(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def make(self, *argv: str, **environ: str) -> Done:
        """Run make."""
        return self.run(tool("make"), *argv, **environ)

    def longpole(self, *argv: str, **environ: str) -> Done:
        """Run the command line."""
        return self.run(self.python, "-m", "longpole", *argv, **environ)

    def use_python_with(self, folder: Path) -> None:
        """From now on a virtual environment's Python, which finds packages in `folder` first, then ours."""
        home = self.root.parent / "venv"
        venv.create(home, with_pip=False)
        (packages,) = home.glob("lib/python*/site-packages")
        paths = [str(folder), *(path for path in sys.path if path.startswith(sys.prefix) or ".editable" in path)]
        (packages / "ours.pth").write_text("\n".join(paths) + "\n")
        self.python = str(home / "bin" / "python")

    def git(self, *argv: str) -> str:
        """Run git with an identity of its own; what it printed."""
        identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid", "-c", "init.defaultBranch=main"]
        done = self.run(tool("git"), *identity, *argv)
        assert done.status == 0, done.text
        return done.out.strip()

    # -- what runs leave ----------------------------------------------------------------------------------------

    @property
    def runs(self) -> list[Path]:
        """The folders of all runs, oldest first."""
        return sorted((self.root / ".longpole" / "runs").glob("*"))

    @property
    def last(self) -> Path:
        """The last run's folder."""
        return self.runs[-1]

    def records(self, run: Path | None = None) -> dict[str, dict[str, Any]]:
        """Records of a run, by default the last one, by unit id."""
        return {row["id"]: row for row in records_in(run or self.last)}

    def statuses(self, run: Path | None = None) -> dict[str, str]:
        """Unit id to status."""
        return {name: row["status"] for name, row in self.records(run).items()}

    def log(self, target: str) -> bytes:
        """A unit's log in the last run; empty where there is none, as of a unit that printed nothing."""
        path = self.last / "units" / f"{target}.log"
        return path.read_bytes() if path.exists() else b""

    def events(self) -> list[dict[str, Any]]:
        """The last run's event stream."""
        return [json.loads(line) for line in (self.last / "events.jsonl").read_text().splitlines()]

    def history(self) -> dict[str, Any]:
        """The rows of the history, by unit id, of the one platform there is."""
        data = json.loads((self.root / ".longpole" / "history.json").read_bytes())
        assert data["version"] == 1
        (rows,) = data["platforms"].values()
        return dict(rows)

    def processes(self) -> dict[int, str]:
        """Processes that carry this project's mark in their environment: pid to command line."""
        return {pid: command for pid, command in _marked(f"PROJECT_MARK={self.mark}")}


def new_run(state: Path, now: datetime) -> Path:
    """The folder of a run that has ended, empty so far."""
    run, held = begin_run(state, now)
    os.close(held)
    return run


def _marked(mark: str) -> Iterator[tuple[int, str]]:
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            environ = Path("/proc", name, "environ").read_bytes()
            if mark.encode() in environ.split(b"\0"):
                words = Path("/proc", name, "cmdline").read_bytes().split(b"\0")
                yield int(name), b" ".join(words).decode(errors="replace").strip()
        except OSError:
            continue


def shell(*lines: str) -> str:
    """A script of several lines."""
    return "\n".join(lines)


def sections(report: str) -> dict[str, list[str]]:
    """The report's parts by their headings: the lines below `failures:` and below `slowest:`."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in report.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            name = line.removesuffix(":")
            found[name] = []
        elif line.startswith(" ") and name:
            found[name].append(line)
        else:
            name = ""
    return found


def without_times(text: str, replacements: Sequence[tuple[str, str]] = ()) -> str:
    """A report without what differs between two runs of equal outcome: times and the run's name."""
    import re

    for pattern, replacement in [
        (r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{8}", "RUN"),
        (r"makespan: .*(\nmachine: .*)?", "makespan"),
        (r"advice:   .*\n", ""),
        (r"slowest:\n(  .*\n)*", "slowest\n"),
        *replacements,
    ]:
        text = re.sub(pattern, replacement, text)
    return text
