"""The changes that the page shows: given, or found in the results."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from longpole.perf.model import Result
from longpole.perf.publish.changes import LIBRARIES, find_changes, given_changes
from tests.perf.detected import POINT, write
from tests.perf.publish.made import commits, index, result, sha
from tests.project import REPOSITORY


def test_the_points_are_sorted_and_what_is_new_in_them_is_passed_over(tmp_path: Path) -> None:
    later = {**POINT, "platform": "z", "measured_at": "2026-04-20T12:00:00Z", "of_a_later_version": [1]}
    found = given_changes(write(tmp_path, {"version": 1, "change_points": [later, POINT], "more": 1}))
    assert [point.platform for point in found.points] == ["x86_64-linux", "z"]
    assert found.points[0].commit_after == POINT["commit_after"]
    assert found.why_not == ""


def slower_at(commit: int, number: int = 160) -> list[Result]:
    """A run of every second commit; `parse` takes a quarter longer from one of them on."""
    chance = random.Random(7)
    names = ("check", "emit", "lex", "parse")
    return [
        result(
            each, {name: (1.25 if name == "parse" and each >= commit else 1) * chance.gauss(1, 0.01) for name in names}
        )
        for each in range(0, number, 2)
    ]


def test_changes_are_found_in_the_results_and_blamed_on_commits(tmp_path: Path) -> None:
    (found,) = find_changes(index(tmp_path, slower_at(80)), commits(160)).points
    assert (found.benchmark, found.kind, found.commit_before, found.commit_after) == (
        "parse",
        "regression",
        sha(78),
        sha(80),
    )
    assert found.ratio == pytest.approx(1.25, rel=0.03)


WITHOUT = """
import sys
sys.modules[{library!r}] = None
from pathlib import Path
from longpole.perf.index import Index
from longpole.perf.publish.changes import find_changes
from longpole.perf.sources import FolderSource
from tests.project import REPOSITORY
from tests.perf.publish.made import commits
print(find_changes(Index.open(FolderSource("results"), Path("state")), commits(160)))
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_without_a_library_the_page_says_what_to_install(tmp_path: Path, library: str) -> None:
    index(tmp_path, slower_at(80))
    argv = [sys.executable, "-c", WITHOUT.format(library=library)]
    done = subprocess.run(
        argv,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    why = f"{library} is not installed (pip install 'longpole[perf]')"
    assert done.stdout == f"Changes(points=(), why_not={why!r})\n".replace("\\'", "'")
