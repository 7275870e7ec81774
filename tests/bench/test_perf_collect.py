"""The benchmark of collecting measures what it says, of made-up results."""

import subprocess
from pathlib import Path

import pytest

from bench import perf_collect
from bench.measure import Conditions, Rounds


def test_it_adds_made_up_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perf_collect, "QUICK", 10)
    result = perf_collect.measure(Conditions(tmp_path, None, True, Rounds(1), lambda _: None))
    assert [(figure.what, len(figure.values)) for figure in result.figures] == [
        ("3 results added to 9, on the same machine", 1),
        ("3 results added to 9, on another one, which allows filters", 1),
        ("3 results added to 9, on another one, which does not", 1),
    ]
    words = ["git", "ls-tree", "-r", "--name-only", "perf"]
    listed = subprocess.run(words, cwd=tmp_path / "repository.git", check=True, capture_output=True)
    assert len(listed.stdout.splitlines()) == 18
