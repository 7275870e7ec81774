"""The commits of the main branch, in order: what results and skips are accounted against."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from longpole.rts_tests.contracts.errors import UseError


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its whole name, and what is known of it besides."""

    sha: str
    committed_at: datetime | None = None
    subject: str = ""


@dataclass(frozen=True)
class Commits:
    """The first-parent commits of a branch, oldest first. `source` is where they come from, for messages."""

    commits: tuple[Commit, ...]
    source: str

    @cached_property
    def positions(self) -> dict[str, int]:
        """The name of each commit to its index in `commits`."""
        return {commit.sha: index for index, commit in enumerate(self.commits)}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.positions)

    def resolve(self, prefix: str, place: str) -> str:
        """The whole name of the commit that `prefix` begins.

        Raises `UseError`, with `place`, if there is none or more than one.
        """
        at = bisect_left(self._sorted, prefix)
        found = [sha for sha in self._sorted[at : at + 2] if sha.startswith(prefix)]
        if len(found) == 1 and prefix:
            return found[0]
        what = f"{len(found)} commits begin with {prefix!r}" if found else f"no commit {prefix!r}"
        raise UseError.at(place, f"{what} in {self.source}", "name the repository, or the list, that has it")


def read_commits(path: str) -> Commits:
    """Commits of a file with a line each, oldest first: the name, and after a tab its date in ISO 8601, if known.

    A first line that begins with `sha` is a heading. Raises `UseError` for anything else.
    """
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise UseError.at(path, error.strerror or "cannot be read", "name a file with a commit a line") from None
    except UnicodeDecodeError:
        raise UseError.at(path, "not text", "name a file with a commit a line") from None
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    if rows and rows[0][1][0] == "sha":
        rows = rows[1:]
    commits = Commits(tuple(_commit(path, number, row) for number, row in rows), path)
    if len(commits.positions) < len(commits.commits):
        raise UseError.at(path, "a commit occurs twice", "list every commit once, oldest first")
    return commits


def _commit(path: str, number: int, row: list[str]) -> Commit:
    sha = row[0].strip()
    if len(sha) not in (40, 64) or set(sha) - set("0123456789abcdef"):
        raise UseError.at(
            f"{path}:{number}", f"{sha[:80]!r} is not the whole name of a commit", "write 40 or 64 digits"
        )
    try:
        at = datetime.fromisoformat(row[1].strip()) if len(row) > 1 and row[1].strip() else None
    except ValueError:
        raise UseError.at(f"{path}:{number}", f"{row[1][:80]!r} is not a time", "write it as ISO 8601") from None
    return Commit(sha, at, row[2].strip() if len(row) > 2 else "")
