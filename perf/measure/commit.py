"""The commit that is measured."""

import os
import re

from longpole.rts_tests.contracts.errors import UseError

_WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def measured_commit(folder: str, given: str | None) -> str:
    """The whole name of the commit `given`, or of that which is checked out in `folder`.

    Without `given` the files that git knows must be those of the commit: a result says for ever how fast a commit is.
    Raises `UseError` if they are not, and if there is no commit.
    """
    if given is not None and _WHOLE.fullmatch(given):
        return given
    from longpole.perf.git import git

    remedy = "name the commit with `--commit`, its whole hash"
    if given is not None:
        place = "--commit"
        return (
            git(
                folder,
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{given}^{{commit}}",
                place=place,
                remedy=remedy,
            )
            .decode()
            .strip()
        )
    sha = git(folder, "rev-parse", "--verify", "HEAD", remedy=remedy).decode().strip()
    changed = git(folder, "status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=none")
    if changed:
        first = os.fsdecode(changed.split(b"\0")[0][3:])
        raise UseError.at(
            os.path.join(folder, first),
            f"differs from the commit {sha[:12]}, so what is measured is not that commit",
            "commit the change, or name the commit with `--commit`",
        )
    return sha
