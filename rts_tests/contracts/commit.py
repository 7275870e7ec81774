"""Which commit is under test."""

import re
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError

_REVISION = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})(\+[0-9]{4}-[0-9]{2}-[0-9]{2})?")
_DIRTY = "-dirty"
"""The end of what Nix calls `dirtyRev`, and `git describe --dirty` prints."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The full hash of the commit, None if unknown, and the source of this information.

    A nightly run tests a commit again with other seeds. It derives them from `<hash>+<date>`, which is then `sha`.
    """

    sha: str | None
    source: str


def parse_revision(text: str | None) -> Commit | None:
    """Parse the value of `LONGPOLE_REV`: a full commit hash, then optionally a date.

    The date, `+2026-01-31`, is that of a nightly run. Returns None if the variable is unset or empty. Raises
    `UseError` for any other text, also for `HASH-dirty`: a tree with changes is not that commit.
    """
    if not text:
        return None
    match = _REVISION.fullmatch(text)
    if match is None and _DIRTY in text:
        what = f"{text!r} is a tree with uncommitted changes, which is not that commit"
        raise UseError.at("LONGPOLE_REV", what, "commit the changes, or unset it")
    if match is None:
        remedy = "set it to what `git rev-parse HEAD` prints, or unset it"
        raise UseError.at("LONGPOLE_REV", f"{text!r} is not a full commit hash", remedy)
    day = match[2] or ""
    return Commit(match[1] + day, f"LONGPOLE_REV{f', on {day[1:]}' if day else ''}")


def find_commit(root: Path, given: Commit | None = None) -> Commit:
    """Return `given` unless it is None, else the commit of the git checkout that contains `root`."""
    if given is not None:
        return given
    import subprocess  # not needed by a run whose commit is given, or which has nothing to do

    argv = ["git", "-C", str(root), "rev-parse", "--verify", "HEAD"]  # not with `sh`: it leaves a thread, and we fork
    try:
        sha = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout.decode().strip()
    except (subprocess.CalledProcessError, OSError):
        return Commit(None, "no commit is known here")
    return Commit(sha, "git rev-parse HEAD")
