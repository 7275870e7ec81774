"""The commit that is measured."""

import os

from longpole.perf.importers.complete import whole_commit
from longpole.rts_tests.contracts.errors import UseError


def measured_commit(folder: str, given: str | None) -> str:
    """The whole name of the commit `given`, or of that which is checked out in `folder`.

    Without `given` the files that git knows must be those of the commit: a result says for ever how fast a commit is.
    Raises `UseError` if they are not, and if there is no commit.
    """
    if given is not None:
        return whole_commit(given, folder, None)
    from longpole.perf.git import git

    remedy = "name the commit with `--commit`, its whole hash"
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
