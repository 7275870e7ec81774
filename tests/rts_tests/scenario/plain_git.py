"""Repositories made by git commands only, one for each thing to do: what built repositories are compared with."""

import os
import subprocess
from pathlib import Path

from longpole.rts_tests.scenario.model import File, Repository

IDENTITY = ("A U Thor", "author@example.com")
ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": "/",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{role}_NAME": IDENTITY[0] for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": IDENTITY[1] for role in ("AUTHOR", "COMMITTER")},
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(("git", *arguments), cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def by_commands(repository: Repository, bare: Path, object_format: str) -> None:
    """The rules for repositories, each by a git command."""
    bare.mkdir()
    git(bare, "init", "-q", "--bare", f"--object-format={object_format}")
    work = bare.with_name(f"{bare.name}.work")
    work.mkdir()
    git(work, "init", "-q", f"--object-format={object_format}")
    default = repository.default_branch
    git(work, "symbolic-ref", "HEAD", f"refs/heads/{default}")
    if not repository.branches:
        _commit(work, (File("README.md", ""),), "Initial commit")
    for branch in repository.branches:
        if branch.name == default and branch.files:
            _commit(work, branch.files, *(branch.messages or ("Initial commit",)))
    if repository.daft_yml is not None:
        _commit(work, (File("daft.yml", repository.daft_yml),), "Add daft.yml config")
    if repository.hook_scripts:
        folder = work / ".daft" / "hooks"
        folder.mkdir(parents=True, exist_ok=True)
        for hook in repository.hook_scripts:
            (folder / hook.path).write_bytes(hook.content.encode())
            (folder / hook.path).chmod(0o755)
        _commit(work, (), "Add hook scripts")
    for branch in repository.branches:
        if branch.name != default:
            git(work, "checkout", "-q", branch.base or default, "--")
            git(work, "checkout", "-q", "-b", branch.name)
            if branch.files:
                _commit(work, branch.files, *(branch.messages or ("Initial commit",)))
    if git(work, "for-each-ref"):
        git(work, "push", "-q", str(bare), "--all")
    git(bare, "symbolic-ref", "HEAD", f"refs/heads/{default}")


def _commit(work: Path, files: tuple[File, ...], message: str) -> None:
    for file in files:
        path = work / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content.encode())
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", message)


def contents(bare: Path) -> dict[str, str]:
    """All that a repository says about itself, without the names of commits and their dates."""
    refs = git(bare, "for-each-ref", "--format=%(refname) %(objecttype) %(tree)").splitlines()
    said = {
        "head": git(bare, "symbolic-ref", "HEAD"),
        "config": (bare / "config").read_text(),
        "refs": "\n".join(refs),
        "entries": "\n".join(sorted(p.name + "/" * p.is_dir() for p in bare.iterdir() if p.name != "hooks")),
    }
    for ref in refs:
        name = ref.split()[0]
        said[f"log {name}"] = git(bare, "log", "--format=%T %an %ae %cn %ce%n%B%x00", name)
        said[f"tree {name}"] = git(bare, "ls-tree", "-r", "-t", "-z", name)
    return said
