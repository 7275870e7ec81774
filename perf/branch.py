"""A change of the branch of results: made on its newest commit, pushed, and made again if another was faster.

Any number of collectors, and a compaction, may write at the same time. Each makes its commits on top of the newest
commit it knows and pushes them without force, so the remote takes exactly one of those that race, and the others learn
that the branch has moved. They fetch it, decide again what there is to add (maybe nothing: what they wanted to add may
be there by now), and try again after a random time, of which the bound doubles each time. Files have a name of their
own content, so whatever is added commutes and no attempt can conflict with another one.

A push whose answer is lost may have succeeded. The next attempt sees its files on the branch, and has nothing to add.
"""

import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from longpole.perf.git import GitError, GitTimeout
from longpole.perf.remote import Remote, find_remote
from longpole.perf.store import (
    DEFAULT_AUTHOR,
    NETWORK_TIMEOUT_S,
    NewCommit,
    OtherFormat,
    Store,
    Tip,
    check_author,
    check_branch,
    open_store,
)

Decide = Callable[[Store, Tip], Sequence[NewCommit]]
"""What to add to the branch as it is: called again for each attempt. No commit: there is nothing to add."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a change is tried: `attempts` times, and `outages` in a row that fail though nobody else was faster.

    Times are in seconds. Before attempt n + 1 it waits for a random time below `first * 2**n`, but not above `most`
    ("full jitter": Brooker, Exponential Backoff and Jitter, 2015).
    """

    attempts: int = 50
    outages: int = 5
    first: float = 0.25
    most: float = 20.0
    timeout: float = NETWORK_TIMEOUT_S

    def pause(self, attempt: int, chance: float, trouble: "Trouble") -> float:
        """The time to wait after `attempt`, from 1, for a `chance` in 0 .. 1. An outage lasts longer than a push."""
        first = self.first if trouble is Trouble.MOVED else 4 * self.first
        return chance * min(self.most, first * 2.0 ** min(attempt, 60))


@dataclass(frozen=True, slots=True)
class Destination:
    """A branch of a remote, who is named as the author of commits, and how long a change of it is tried."""

    remote: Remote
    branch: str
    author: str = DEFAULT_AUTHOR
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change: the newest commit before and after it, equal if there was nothing to add."""

    before: str | None
    after: str | None
    commits: int
    attempts: int


class Trouble(StrEnum):
    """Why a call failed, as far as it matters for whether to try again."""

    MOVED = "another writer was faster"
    DECLINED = "the remote declined the push"
    OUTAGE = "the remote does not answer"
    FINAL = "the remote cannot be used"


_REJECTED = re.compile(r"^ ! \[(?:remote )?rejected\].* \((?P<why>.*)\)$", re.MULTILINE)
_MOVED = re.compile(
    r"fetch first|non-fast-forward|stale info|already exists|cannot lock ref|failed to (?:lock|update ref|write)"
    r"|incorrect old value|unable to migrate objects|missing necessary objects|atomic|unpacker error"
)
_FINAL = re.compile(
    r"hook declined|protected branch|not allowed|checked out|prohibited|denied|shallow update"
    r"|does not appear to be a git repository|[Nn]ot found|does not exist|dubious ownership"
    r"|[Aa]uthentication failed|could not read (?:Username|Password)|error: 40[0134]"
    r"|Host key verification failed|[Uu]nable to find remote helper"
)


def destination(repo: str, remote: str, branch: str, author: str | None, patience: Patience) -> Destination:
    """The branch of what `remote` names in `repo`. Raises `UseError` if one of these is not valid."""
    author = check_author(author or DEFAULT_AUTHOR)
    return Destination(find_remote(repo, remote), check_branch(branch), author, patience)


def change(
    to: Destination,
    decide: Decide,
    *,
    say: Callable[[str], None] = lambda line: None,
    wait: Callable[[float], None] = time.sleep,
) -> Changed:
    """Add to a branch what `decide` decides; see the module.

    `say` is called with a line before each further attempt. Raises `GitError` if the branch could not be changed; then
    nothing of this change is on it, unless the answer to the last push was lost.
    """
    patience = to.patience
    chance = random.SystemRandom()
    unlucky = 0
    with open_store(to.remote, patience.timeout) as store:
        for attempt in range(1, patience.attempts + 1):
            try:
                return _attempt(store, to, decide, attempt)
            except OtherFormat:
                continue
            except GitError as error:
                trouble, problem = trouble_of(error), error.problems[0].what
                unlucky = 0 if trouble is Trouble.MOVED else unlucky + 1
                final = trouble is Trouble.FINAL or unlucky >= patience.outages or attempt == patience.attempts
                if final:
                    raise _given_up(error, to, attempt) from None
            pause = patience.pause(attempt, chance.random(), trouble)
            why = trouble if trouble is Trouble.MOVED else problem
            say(f"{why}: attempt {attempt + 1} of {patience.attempts} in {pause:.1f} s")
            wait(pause)
    raise AssertionError("the last attempt returns or raises")


def _attempt(store: Store, to: Destination, decide: Decide, attempt: int) -> Changed:
    tip = store.tip(to.branch)
    commits = decide(store, tip)
    if not commits:
        return Changed(tip.commit, tip.commit, 0, attempt)
    newest = store.commit(tip, commits, to.author)
    store.push(newest, to.branch)
    return Changed(tip.commit, newest, len(commits), attempt)


def trouble_of(error: GitError) -> Trouble:
    """What the failure of a fetch or push means."""
    if isinstance(error, GitTimeout):
        return Trouble.OUTAGE
    if not error.stderr:
        return Trouble.FINAL  # git could not be started
    rejected = _REJECTED.search(error.stderr)
    if rejected is not None and _MOVED.search(rejected["why"]):
        return Trouble.MOVED
    if _FINAL.search(rejected["why"] if rejected else error.stderr):
        return Trouble.FINAL
    return Trouble.DECLINED if rejected else Trouble.OUTAGE


def _given_up(error: GitError, to: Destination, attempt: int) -> GitError:
    """The error after the last attempt: with what the remote said, which says more than the last line does."""
    rejected = _REJECTED.search(error.stderr)
    said = [line.removeprefix("remote: ").strip() for line in error.stderr.splitlines() if line.startswith("remote: ")]
    what = f"git push: {rejected['why']}" if rejected else error.problems[0].what
    what = f"{what} ({said[0]})" if said and said[0] else what
    attempts = f"after {attempt} attempts" if attempt > 1 else "at the first attempt"
    remedy = "check that the address is right and that you may push to it; to try again changes nothing twice"
    found = GitError.at(to.remote.shown, f"branch {to.branch!r} could not be written {attempts}: {what}", remedy)
    assert isinstance(found, GitError)
    found.status, found.stderr = error.status, error.stderr
    return found
