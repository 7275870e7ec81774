"""Partial clones: what they lack is fetched at once.

A clone with `--filter=blob:none`, as CI often checks out, has no files but those of its checkout. Git fetches a missing
one when it is read, each by a connection of its own; ten thousand results would take hours.
"""

from collections.abc import Callable, Collection
from functools import partial

from longpole.perf.git import GitError, git


def fetch_missing(repo: str, names: Collection[str]) -> None:
    """Fetch the objects of these names that a repository lacks, if it is a partial clone. Raises `GitError`."""
    try:
        rows = git(repo, "config", "--type=bool", "--get-regexp", r"^remote\..*\.promisor$").decode().splitlines()
    except GitError:
        return  # a whole clone
    remotes = [key.removeprefix("remote.").removesuffix(".promisor true") for key in rows if key.endswith(" true")]
    if remotes and names:
        fetch_from(remotes[0], names, partial(git, repo))


def fetch_from(remote: str, names: Collection[str], run: Callable[..., bytes]) -> None:
    """Fetch the objects of these names that a partial clone of `remote` lacks. `run` calls git. Raises `GitError`.

    What it has is listed by git without fetching anything; the fetch is the one that git makes for a missing object.
    """
    there = set(run("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)").decode().split())
    missing = [name for name in names if name not in there]
    if missing:
        listed = "".join(f"{name}\n" for name in missing).encode()
        settings = ("-c", "fetch.negotiationAlgorithm=noop", "-c", "fetch.writeCommitGraph=false")
        words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none", "--stdin", remote)
        run(*settings, *words, input=listed)
