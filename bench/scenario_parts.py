"""`scenario-parts`: what a scenario's repository costs to build and to materialise, beside other ways to build one.

All are measured in one process, in turn, several times a round; a value is the mean of a round's.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import budgets
from bench.measure import Conditions
from bench.result import Figure, Result
from longpole.rts_tests.scenario import git
from longpole.rts_tests.scenario.commits import Change, changes
from longpole.rts_tests.scenario.model import Branch, File, Repository
from longpole.rts_tests.scenario.repositories import Store

TIMES = 15
QUICK = 5
IDENTITY = ("Bench", "bench@example.com")
_HEAD = b"ref: refs/heads/main\n"
FILES = 6
"""Files of each branch that has some."""


def repository_of(number: int) -> Repository:
    """A repository with five branches and four commits, as scenarios have them; each number has its own contents."""
    branches = []
    for name in ("main", "develop", "feature/one", "feature/two"):
        files = (File(f"{name}/part-{part}/file.txt", f"{name} {part} {number}\n" * 20) for part in range(FILES))
        branches.append(Branch(name, None, tuple(files), (f"Add {name}",)))
    return Repository("r", branches=(*branches, Branch("empty")), daft_yml=f"# {number}\n")


def measure(conditions: Conditions) -> Result:
    """Measure and return what was found."""
    times, scratch = QUICK if conditions.quick else TIMES, conditions.scratch
    store = Store(f"{scratch}/store", "sha1", IDENTITY)
    store.materialise(repository_of(0), f"{scratch}/first")  # has git make the skeleton
    skeleton = f"{scratch}/skeleton"
    git.empty_repository(skeleton, "sha1")
    numbers = iter(range(1, 1 << 30))
    built: list[Repository] = [repository_of(0)]

    def build(into: str, number: int) -> None:
        built.append(repository_of(number))
        store.materialise(built[-1], into)

    ways: dict[str, Callable[[str, int], None]] = {
        "built and materialised": build,
        "materialised": lambda into, _: store.materialise(built[-1], into),
        "by one `git fast-import` into a copied skeleton": lambda into, number: _fast_import(into, number, skeleton),
        "by git commands": _by_commands,
    }
    values: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(conditions.rounds.most + 1):
        conditions.say(f"round {turn}/{conditions.rounds.most}")
        for way, act in ways.items():
            taken = _mean_ms(act, scratch / "made", numbers, times)
            if turn:
                values[way].append(taken)
    limits = {"built and materialised": budgets.REPOSITORY_BUILT_MS, "materialised": budgets.REPOSITORY_MS}
    return Result(
        "scenario-parts",
        (),
        tuple(Figure(f"a repository {way}", tuple(values[way]), "ms", limits.get(way)) for way in ways),
        notes=(f"a repository of 5 branches, 5 commits and {4 * FILES + 1} files",),
    )


def _mean_ms(act: Callable[[str, int], None], folder: Path, numbers: Iterator[int], times: int) -> float:
    folder.mkdir()
    begun = time.perf_counter()
    for _ in range(times):
        number = next(numbers)
        act(f"{folder}/{number}", number)
    taken_s = time.perf_counter() - begun
    shutil.rmtree(folder)
    return 1000 * taken_s / times


def _fast_import(into: str, number: int, skeleton: str) -> None:
    shutil.copytree(skeleton, into)
    Path(into, "HEAD").write_bytes(_HEAD)
    stream = b"".join(_commands(change) for change in changes(repository_of(number)))
    subprocess.run(
        ("git", "fast-import", "--quiet", "--date-format=now"),
        cwd=into,
        input=stream,
        env=git.clean_environment(IDENTITY),
        check=True,
    )


def _commands(change: Change) -> bytes:
    """The commands of git-fast-import(1) for a change."""
    branch = f"refs/heads/{change.branch}"
    base = f"from refs/heads/{change.base}\n" if change.base not in (None, change.branch) else ""
    if change.message is None:
        return f"reset {branch}\n{base}\n".encode()
    person = f"{IDENTITY[0]} <{IDENTITY[1]}> now"
    head = f"commit {branch}\ncommitter {person}\ndata {len(change.message.encode()) + 1}\n{change.message}\n{base}"
    mode = 755 if change.executable else 644
    files = (f"M 100{mode} inline {file.path}\ndata {len(file.content)}\n{file.content}\n" for file in change.files)
    return "".join((head, *files, "\n")).encode()


def _by_commands(into: str, number: int) -> None:
    git.empty_repository(into, "sha1")
    Path(into, "HEAD").write_bytes(_HEAD)
    git.commit_all(tuple(changes(repository_of(number))), into, f"{into}.work", "sha1", IDENTITY)
