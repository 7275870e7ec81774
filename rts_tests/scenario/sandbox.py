"""The sandbox of a scenario: the folders in which its commands work, outside any git work tree.

It is made in a folder of the unit alone, which has been registered with the run: the run removes it, however it ends.
Its path is that folder's and two characters, so that names of unix sockets in it stay below the limit of the system.
"""

import os
from dataclasses import dataclass

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.machine.trees import remove_tree
from longpole.rts_tests.machine.work_trees import work_tree_around

NAME = "s"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The absolute paths of a sandbox. `remotes` has the repositories, `work` is where steps begin."""

    base: str
    work: str
    remotes: str
    gitconfig: str
    tmp: str
    home: str

    def remove(self) -> OSError | None:
        """Remove it with all that is in it; return why something is left, None if nothing is."""
        return remove_tree(self.base)


def make(parent: str, gitconfig: str) -> Sandbox:
    """Make a sandbox in the folder `parent`, with `gitconfig` as the text of its global git configuration.

    Raises `UseError` if `parent` is in a git work tree, which git would find from within the sandbox, and `OSError`.
    """
    parent = os.path.realpath(parent)  # as git and pwd tell it
    if (tree := work_tree_around(parent)) is not None:
        what = f"is in the git work tree {tree}; scenarios would work on that"
        raise UseError.at(parent, what, "set TMPDIR to a folder outside any git work tree")
    base = f"{parent}/{NAME}"
    sandbox = Sandbox(base, *(f"{base}/{name}" for name in ("work", "remotes", "gitconfig", "tmp", "home")))
    os.mkdir(base, 0o700)
    for folder in (sandbox.work, sandbox.remotes, sandbox.tmp, sandbox.home):
        os.mkdir(folder)
    with open(sandbox.gitconfig, "x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(gitconfig)
    return sandbox
