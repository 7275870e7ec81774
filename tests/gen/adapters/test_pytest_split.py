"""Files that would keep one fork busy for too long are shared by their classes and functions."""

import pytest

from longpole.gen.adapters import pytest as adapter
from longpole.gen.adapters.init import propose
from longpole.gen.adapters.model import Settings
from longpole.gen.adapters.registry import Found
from tests.gen.adapters.projects import empty, write
from tests.project import Project

__all__ = ["empty"]

CLASSES = """
import pytest

class TestLong:
    @pytest.mark.parametrize("x", range({}))
    def test_x(self, x): pass

@pytest.mark.parametrize("x", range(20))
def test_y(x): pass

def test_z(): pass
"""


def _collected(*files: tuple[str, str, int]) -> adapter.Collected:
    tests = [
        adapter.Test(f"{file}::{part}[{n}]", file, f"{part}[{n}]") for file, part, many in files for n in range(many)
    ]
    return adapter.Collected("x", tuple(tests), numprocesses=False, coverage=False, python=(3, 11))


@pytest.mark.parametrize(
    ("files", "split", "forks"),
    [
        ([("a.py", "A", 15), ("a.py", "b", 15)], ["--split=a.py"], 2),
        ([("a.py", "A", 10), ("a.py", "b", 9)], [], 1),
        ([("a.py", "A", 100)], [], 1),
        (
            [("a.py", "A", 99), ("a.py", "b", 1), ("b.py", "c", 20), ("b.py", "d", 1)],
            ["--split=a.py", "--split=b.py"],
            2,
        ),
        ([(f"{n}.py", part, 30) for n in range(8) for part in "ab"], [], 2),
        ([(f"{n}.py", part, 30 + 400 * (n == 3)) for n in range(8) for part in "ab"], ["--split=3.py"], 2),
        ([("a.py", "mod.add", 50), ("a.py", "b", 50)], [], 1),
        ([("{a}.py", "A", 50), ("{a}.py", "b", 50), ("b.py", "b", 40), ("c.py", "c", 40)], ["--split={{a}}.py"], 2),
    ],
)
def test_a_file_that_is_more_than_half_of_a_share_is_split(
    files: list[tuple[str, str, int]], split: list[str], forks: int
) -> None:
    """A test of unknown duration counts as 0.1 s."""
    draft = adapter.ADAPTER.to_suite(_collected(*files), Settings(jobs=2))
    module = draft.modules[0].keys["forks"]
    assert module["list"][3:] == split
    assert module["max_forks"] == forks


def test_durations_say_which_file_is_split() -> None:
    collected = _collected(("a.py", "A", 30), ("a.py", "b", 30), ("b.py", "C", 1), ("b.py", "d", 1))
    draft = adapter.ADAPTER.to_suite(collected, Settings(jobs=2, durations={"b#d[0]": 20.0, "b.C#x": 1.0}))
    assert draft.modules[0].keys["forks"]["list"][3:] == ["--split=b.py"]


def test_a_project_with_one_long_file_uses_several_forks(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write(empty.root, {"test_a.py": CLASSES.format(40)})
    monkeypatch.chdir(empty.root)
    found = Found(adapter.ADAPTER, "test_a.py")
    (empty.root / "suite.yaml").write_text(propose(empty.root, found, Settings(jobs=2)).suite)
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert [record["status"] for record in empty.records().values()] == ["passed", "passed"]
    assert empty.longpole("init", "--verify").out == "python: 61 tests, each run once\n"
