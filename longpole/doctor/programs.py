"""The programs that Longpole itself calls, and their versions."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from longpole.doctor.finding import Finding, Level, without_home

_TIMEOUT_S = 20.0
_MAX_LINE = 100


@dataclass(frozen=True, slots=True)
class Needs:
    """What the suite makes necessary that other suites can do without."""

    git: str = ""
    """What needs git; empty if nothing does."""
    nix: str = ""
    namespaces: str = ""


def programs(needs: Needs, environ: Mapping[str, str]) -> list[Finding]:
    """What was found of make, git, nix and gh."""
    package = "with the system's package manager"
    return [
        _make(environ),
        _program(
            "git",
            environ,
            Level.WRONG if needs.git else Level.NOTE,
            f"{needs.git} need it" if needs.git else "runs cannot tell which commit they test",
            f"install git {package}",
        ),
        _program(
            "nix",
            environ,
            Level.NOTE if needs.nix else Level.OK,
            f"{needs.nix} needs it" if needs.nix else "only `nix build` needs it",
            "install it as nixos.org/download says" if needs.nix else "",
        ),
        _program("gh", environ, Level.OK, "only commands that keep issues on GitHub need it", ""),
    ]


def _make(environ: Mapping[str, str]) -> Finding:
    remedy = "install GNU make with the system's package manager"
    found = _program("make", environ, Level.WRONG, "nothing can be run without it", remedy)
    if found.level is Level.OK and "GNU Make" not in found.what:
        return Finding(
            "make", f"{found.what}; this is not GNU make", Level.WRONG, f"{remedy}, and put it first in PATH"
        )
    return found


def _program(name: str, environ: Mapping[str, str], level: Level, why: str, remedy: str) -> Finding:
    """The version of a program and where it is; if it is missing or broken, a finding of this level."""
    path = shutil.which(name, path=environ.get("PATH"))
    if path is None:
        return Finding(name, f"not in PATH; {why}", level, remedy)
    version, trouble = version_of(path, environ)
    if trouble:
        least = Level.NOTE if level is Level.OK else level
        return Finding(
            name, f"{path} does not work: {trouble}", least, f"run `{name} --version`, or {remedy or 'remove it'}"
        )
    return Finding(name, f"{version}, {path}")


def version_of(path: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """The first line that `PATH --version` prints, without the home folder; and why there is none, or ""."""
    calm = {name: value for name, value in environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    try:
        done = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            env={**calm, "LC_ALL": "C", "GH_NO_UPDATE_NOTIFIER": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"it printed no version in {_TIMEOUT_S:g} s"
    except OSError as error:
        return "", error.strerror or os.strerror(error.errno or 0)
    if done.returncode:
        how = f"status {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        return "", f"it ended with {how}"
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return (without_home(lines[0], environ)[:_MAX_LINE], "") if lines else ("", "it printed no version")
