"""The real Nix in a store of its own, and what its tests do with repositories."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.project import Done, tool

SYSTEM = f"{os.uname().machine.replace('arm64', 'aarch64')}-{os.uname().sysname.lower()}"


@dataclass(frozen=True)
class Nix:
    """The command `nix`, with a store below `home` and no other configuration than this."""

    home: Path
    standin: Path
    sandbox_paths: tuple[str, ...] = ()
    """All of the machine that a build may see, in a sandbox; without them there is none, and it sees everything."""

    def environ(self) -> dict[str, str]:
        """What every command runs with. No substituter: nothing is to be had from anywhere but this machine."""
        settings = [
            "experimental-features = nix-command flakes",
            "build-users-group =",
            f"sandbox = {'true' if self.sandbox_paths else 'false'}",
            f"sandbox-paths = {' '.join(self.sandbox_paths)}",
            "substituters =",
            "flake-registry =",
            "warn-dirty = false",
            "max-jobs = 2",
        ]
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("NIX_")},
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "NIX_REMOTE": "local",
            "NIX_STORE_DIR": str(self.home / "store"),
            "NIX_STATE_DIR": str(self.home / "state"),
            "NIX_LOG_DIR": str(self.home / "log"),
            "NIX_CONF_DIR": str(self.home / "etc"),
            "NIX_CONFIG": "\n".join(settings),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }

    def run(self, folder: Path, *arguments: str, override: bool = True, **environ: str) -> Done:
        """Run `nix` in `folder`, by default with the stand-in for nixpkgs."""
        own = arguments.index("--") if "--" in arguments else len(arguments)
        more = ["--override-input", "nixpkgs", f"path:{self.standin}"] if override else []
        argv = [tool("nix"), *arguments[:own], *more, *arguments[own:]]
        done = subprocess.run(
            argv, cwd=folder, env={**self.environ(), **environ}, capture_output=True, text=True, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, folder: Path, *arguments: str, override: bool = True, **environ: str) -> Done:
        """`run`, for what must not fail."""
        done = self.run(folder, *arguments, override=override, **environ)
        assert done.status == 0, done.text
        return done

    def eval(self, folder: Path, *arguments: str, override: bool = True) -> Any:
        """The value of an expression or attribute."""
        return json.loads(self.ok(folder, "eval", "--json", *arguments, override=override).out)

    def build(self, folder: Path, attribute: str, *arguments: str, override: bool = True) -> tuple[Path, str]:
        """Build one attribute; its path, and what was printed meanwhile, logs included."""
        more = ("--no-link", "--json", "--print-build-logs", *arguments)
        done = self.ok(folder, "build", f".#{attribute}", *more, override=override)
        return Path(json.loads(done.out)[0]["outputs"]["out"]), done.err

    def closure(self, result: Path) -> list[str]:
        """The names, without hashes, of all that comes along with a result, itself included."""
        done = self.ok(result.parent, "path-info", "--recursive", str(result), override=False)
        return sorted(Path(line).name.partition("-")[2] for line in done.out.splitlines())


def commit(folder: Path, message: str = "a change") -> str:
    """Commit all of a folder; its full hash."""
    git = [tool("git"), "-C", str(folder), "-c", "user.name=tests", "-c", "user.email=tests@example.invalid"]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", message], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def init(folder: Path) -> str:
    """Make a folder a repository with one commit; its full hash."""
    subprocess.run([tool("git"), "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    return commit(folder, "all of it")


def lock_inputs(nix: Nix, folder: Path, checkout: Path) -> str:
    """Point the flake's inputs to what is on this machine, lock, commit; the commit.

    With `--override-input` a flake counts as changed, and has no revision; so what is about revisions is locked.
    """
    flake = folder / "flake.nix"
    text = flake.read_text().replace("github:NixOS/nixpkgs/nixos-26.05", f"path:{nix.standin}")
    flake.write_text(text.replace("path:../..", f"path:{checkout}"))
    (folder / "flake.lock").unlink(missing_ok=True)
    init(folder)
    nix.ok(folder, "flake", "lock", override=False)
    return commit(folder, "the inputs of this machine")
