"""Which commit is under test."""

import re
from dataclasses import dataclass
from pathlib import Path

from longpole.rts_tests.contracts.errors import UseError

_REVISION = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})(-dirty)?(\+[0-9]{4}-[0-9]{2}-[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class Commit:
    """The full hash, or None where no commit is known, and where that is known from.

    A nightly run tests a commit again with other seeds: then what they derive from is `<hash>+<date>`.
    """

    sha: str | None
    source: str


def parse_revision(text: str | None) -> Commit | None:
    """The value of `LONGPOLE_REV`: a full commit hash, which `-dirty` and a date may follow; None when unset or empty.

    The date, `+2026-01-31`, is that of a nightly run. Raises `UseError` for anything else.
    """
    if not text:
        return None
    match = _REVISION.fullmatch(text)
    if match is None:
        remedy = "set it to what `git rev-parse HEAD` prints, or unset it"
        raise UseError.at("LONGPOLE_REV", f"{text!r} is not a full commit hash", remedy)
    day = match[3] or ""
    return Commit(match[1] + day, f"LONGPOLE_REV{f', on {day[1:]}' if day else ''}")


def find_commit(root: Path, given: Commit | None = None) -> Commit:
    """The commit that was given, else that of the git checkout that holds `root`."""
    if given is not None:
        return given
    import subprocess  # not needed by a run that is told its commit, or has nothing to do

    argv = ["git", "-C", str(root), "rev-parse", "--verify", "HEAD"]  # not by `sh`: it leaves a thread, and we fork
    try:
        sha = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout.decode().strip()
    except (subprocess.CalledProcessError, OSError):
        return Commit(None, "no commit is known here")
    return Commit(sha, "git rev-parse HEAD")
