"""Which commit is under test."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.errors import Problem, UseError

_REVISION = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})(-dirty)?(\+[0-9]{4}-[0-9]{2}-[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class Commit:
    """The full hash, or None where no commit is known, and where that is known from.

    A nightly run tests a commit again with other seeds: then what they derive from is `<hash>+<date>`.
    """

    sha: str | None
    source: str


def find_commit(root: Path, environ: Mapping[str, str] = os.environ) -> Commit:
    """The commit of `LONGPOLE_REV` if that is set, else of the git checkout that holds `root`.

    Raises `UseError` when `LONGPOLE_REV` is not a full commit hash (`-dirty` and `+2026-01-31` may follow).
    """
    revision = environ.get("LONGPOLE_REV", "")
    if revision:
        match = _REVISION.fullmatch(revision)
        if match is None:
            raise UseError(
                Problem(
                    file="LONGPOLE_REV",
                    line=None,
                    column=None,
                    what=f"{revision!r} is not a full commit hash",
                    remedy="set it to what `git rev-parse HEAD` prints, or unset it",
                )
            )
        day = match[3] or ""
        return Commit(match[1] + day, f"LONGPOLE_REV{f', on {day[1:]}' if day else ''}")
    argv = ["git", "-C", str(root), "rev-parse", "--verify", "HEAD"]  # not by `sh`: it leaves a thread, and we fork
    try:
        sha = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout.decode().strip()
    except (subprocess.CalledProcessError, OSError):
        return Commit(None, "no commit is known here")
    return Commit(sha, "git rev-parse HEAD")
