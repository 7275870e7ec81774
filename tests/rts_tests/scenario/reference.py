"""A reference interpreter of scenarios: plain, slow, and independent of the product's code.

Bash runs every step, git makes every commit and every check of a repository. What a scenario amounts to here is what
the product has to say of it; only `Settings` is taken from the product, so that both are given the same.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import yaml

from longpole.rts_tests.scenario.model import Settings

OUTPUT_LIMIT_S = 5.0
"""How long output is read after a step's process has ended, while something else keeps it open."""

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""The characters with Unicode's property White_Space; `str.strip` takes more."""

Expectations = dict[str, Any]


@dataclass(frozen=True)
class StepVerdict:
    """What came of a step: its status, None if it could not be started; its output; and each check with its result.

    In the output, `[BASE_DIR]` stands for the sandbox.
    """

    name: str
    exit_code: int | None
    output: str
    checks: tuple[tuple[str, bool], ...]

    @property
    def passed(self) -> bool:
        return self.exit_code is not None and all(holds for _key, holds in self.checks)


def run(path: Path, settings: Settings, parent: Path) -> tuple[StepVerdict, ...]:
    """The verdicts of all steps of the scenario at `path`, run in a new sandbox in `parent`, which is removed."""
    scenario = read(path.read_text(encoding="utf-8"))
    base = Path(tempfile.mkdtemp(prefix="reference-", dir=parent))
    try:
        return Reference(scenario, settings, base).run()
    finally:
        end_processes_of(base)
        for folder, _folders, _files in os.walk(base):
            Path(folder).chmod(0o700)
        shutil.rmtree(base)


class Reference:
    """A scenario in its sandbox: the repositories exist when it has been made."""

    def __init__(self, scenario: dict[str, Any], settings: Settings, base: Path) -> None:
        self.settings = settings
        self.steps: list[dict[str, Any]] = scenario["steps"]
        self.base, self.remotes, self.work = base, base / "remotes", base / "work"
        for name in ("remotes", "work", "home", "tmp"):
            (base / name).mkdir()
        (base / "gitconfig").write_text(settings.gitconfig, encoding="utf-8")
        specified = [(repository["name"], repository) for repository in scenario.get("repos") or []]
        for name, repository in specified:
            make_repository(filled_in(name, repository, settings.fixtures), self.remotes / name, settings, base)
        own = {"WORK_DIR": str(self.work), "BASE_DIR": str(base)}
        bin_dir = {"BINARY_DIR": settings.bin} if settings.bin else {}
        names = {name: expand(value, own | bin_dir) for name, value in settings.names.items()}
        remotes = {f"REMOTE_{name.upper().replace('-', '_')}": str(self.remotes / name) for name, _ in specified}
        env = {name: value or "" for name, value in (scenario.get("env") or {}).items()}
        self.variables: dict[str, str] = own | env | bin_dir | names | remotes
        self.environ = self._environ(own | bin_dir | names)

    def _environ(self, names: Mapping[str, str]) -> dict[str, str]:
        settings = self.settings
        environ = {name: os.environ[name] for name in settings.inherited if name in os.environ}
        environ = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
        environ |= {"TMPDIR": str(self.base / "tmp"), "PATH": os.environ["PATH"]}
        environ |= {"HOME": str(self.base / "home")} if settings.home == "sandbox" else {}
        environ |= {name: expand(value, names) for name, value in settings.env.items()}
        path = environ["PATH"]
        environ |= self.variables
        environ |= {name: expand(value, names) for name, value in settings.safety_env.items()}
        environ |= identity(settings) | {"GIT_CONFIG_GLOBAL": str(self.base / "gitconfig")}
        return environ | {"PATH": f"{settings.bin}:{path}" if settings.bin else path}

    def run(self) -> tuple[StepVerdict, ...]:
        return tuple(self._step(step) for step in self.steps)

    def _step(self, step: dict[str, Any]) -> StepVerdict:
        cwd = self.work / expand(step.get("cwd") or "", self.variables)
        try:
            exit_code, stdout, stderr = self._bash(expand(step["run"], self.variables), cwd)
        except OSError as error:
            return StepVerdict(step["name"], None, error.strerror or "", ())
        output = combined(stdout, stderr)
        expect = expanded(step.get("expect") or {}, self.variables)
        checks = tuple(self._checks(expect, exit_code, output, cwd))
        return StepVerdict(step["name"], exit_code, output.replace(str(self.base), "[BASE_DIR]"), checks)

    def _bash(self, text: str, cwd: Path) -> tuple[int, bytes, bytes]:
        process = subprocess.Popen(
            ["bash", "-c", text],
            cwd=cwd,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        assert process.stdout is not None and process.stderr is not None
        readers = [Reader(process.stdout), Reader(process.stderr)]
        code = process.wait()
        limit = time.monotonic() + OUTPUT_LIMIT_S
        stdout, stderr = (reader.read_until(limit) for reader in readers)
        return max(code, -1), stdout, stderr

    def _checks(self, expect: Expectations, code: int, output: str, cwd: Path) -> Iterator[tuple[str, bool]]:
        if expect.get("exit_code"):
            yield "exit_code", code == int(expect["exit_code"])
        for path in expect.get("dirs_exist") or []:
            yield "dirs_exist", (cwd / path).is_dir()
        for path in expect.get("files_exist") or []:
            yield "files_exist", (cwd / path).is_file()
        for path in expect.get("files_not_exist") or []:
            absent = not (cwd / path).exists() if self.settings.strict else not os.path.lexists(cwd / path)
            yield "files_not_exist", absent
        for key, wanted in (("file_contains", True), ("file_not_contains", False)):
            for check in expect.get(key) or []:
                text = text_of(cwd / check["path"])
                yield key, text is not None and (check["content"] in text) is wanted
        for key, wanted in (("output_contains", True), ("output_not_contains", False)):
            for text in expect.get(key) or []:
                yield key, (text in output) is wanted
        for check in expect.get("is_git_worktree") or []:
            branch = self._git(cwd / check["dir"], "branch", "--show-current")
            yield "is_git_worktree", branch is not None and branch.strip() == (check["branch"] or "")
        for check in expect.get("branch_exists") or []:
            yield "branch_exists", bool(self._git(cwd / check["repo"], "branch", "--list", check["branch"]))

    def _git(self, folder: Path, *arguments: str) -> str | None:
        """What git prints; None if it fails."""
        environ = {"PATH": self.environ["PATH"], "HOME": str(self.base), "GIT_CONFIG_GLOBAL": "/dev/null"}
        argv = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None


class Reader:
    """Reads a pipe to its end in a thread, which a wait may give up on."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pieces: list[bytes] = []
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while piece := os.read(pipe.fileno(), 65536):
                self._pieces.append(piece)

    def read_until(self, limit: float) -> bytes:
        """What has come until the end of the pipe, or until the time `limit` of the monotonic clock."""
        self._thread.join(max(0.0, limit - time.monotonic()))
        return b"".join(self._pieces)


def read(text: str) -> dict[str, Any]:
    """A YAML document in which every scalar is the text that stands there, and null is None."""
    node = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    value: dict[str, Any] = plain(node)
    return value


def plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def filled_in(name: str, repository: dict[str, Any], fixtures: str) -> dict[str, Any]:
    """The keys of a repository, those of its fixture if it names one."""
    if "use_fixture" not in repository:
        return repository
    fixture = Path(fixtures) / "repos" / f"{repository['use_fixture']}.yml"
    return read(fixture.read_text(encoding="utf-8").replace("{{NAME}}", name))


def expand(text: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$([A-Z0-9_]+)", lambda match: variables.get(match[1], match[0]), text)


def expanded(value: Any, variables: Mapping[str, str]) -> Any:
    """Expectations with variables expanded in all their texts."""
    if isinstance(value, dict):
        return {key: expanded(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [expanded(inner, variables) for inner in value]
    return expand(value, variables) if isinstance(value, str) else value


def combined(stdout: bytes, stderr: bytes) -> str:
    parts = (part.decode("utf-8", "replace").strip(WHITE_SPACE) for part in (stdout, stderr))
    return "\n".join(part for part in parts if part)


def text_of(path: Path) -> str | None:
    """The text of a file; None if it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None


def identity(settings: Settings) -> dict[str, str]:
    name, email = settings.identity
    pairs = {"NAME": name, "EMAIL": email}
    return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in pairs.items()}


class Tree:
    """A work tree in which the commits of a repository are made, one after the other."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self._environ = {"PATH": os.environ["PATH"], "HOME": str(path), "GIT_CONFIG_GLOBAL": "/dev/null"}
        self._environ |= identity(settings)

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.path, env=self._environ, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        self.git("add", ".")
        self.git("commit", "-m", message)

    def write(self, path: str, content: str | None, mode: int = 0o644) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_bytes((content or "").encode())
        (self.path / path).chmod(mode)

    def commit_branch(self, branch: dict[str, Any]) -> None:
        files = branch.get("files") or []
        for file in files:
            self.write(file["path"], file["content"])
        messages = [commit["message"] for commit in branch.get("commits") or []]
        for message in messages or (["Initial commit"] if files else []):
            self.commit(message)


def make_repository(repository: dict[str, Any], bare: Path, settings: Settings, base: Path) -> None:
    """Make a bare repository, by committing in a work tree and pushing."""
    default = repository.get("default_branch") or "main"
    branches = repository.get("branches") or [{"name": default, "files": [{"path": "README.md", "content": ""}]}]
    tree = Tree(base / "tree", settings)
    tree.path.mkdir()
    options = (f"--object-format={settings.object_format}", f"--initial-branch={default}")
    tree.git("init", "--bare", *options, str(bare))
    tree.git("init", *options)
    for branch in branches:
        if branch["name"] == default:
            tree.commit_branch(branch)
    if repository.get("daft_yml") is not None:
        tree.write("daft.yml", repository["daft_yml"])
        tree.commit("Add daft.yml config")
    for script in repository.get("hook_scripts") or []:
        tree.write(f".daft/hooks/{script['name']}", script["content"], 0o755)
    if repository.get("hook_scripts"):
        tree.commit("Add hook scripts")
    for branch in branches:
        if branch["name"] != default:
            tree.git("checkout", branch.get("from") or default)
            tree.git("checkout", "-b", branch["name"])
            tree.commit_branch(branch)
    if any((tree.path / ".git/refs/heads").rglob("*")):
        tree.git("push", str(bare), "--all")
    shutil.rmtree(tree.path)


def processes_of(base: Path) -> list[int]:
    """The processes that have the sandbox in their environment or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                environ, cwd = (entry / "environ").read_bytes(), os.readlink(entry / "cwd")
                if os.fsencode(f"{base}/") in environ or cwd.startswith(f"{base}/"):
                    found.append(int(entry.name))
    return found


def end_processes_of(base: Path) -> None:
    """End the processes of a sandbox, and those that they start meanwhile."""
    while found := processes_of(base):
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
