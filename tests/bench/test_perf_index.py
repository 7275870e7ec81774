"""The benchmark of the index measures what it says, of made-up results."""

from pathlib import Path

import pytest

from bench import perf_index
from bench.measure import Conditions, Rounds


def test_it_measures_made_up_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perf_index, "QUICK", 10)
    result = perf_index.measure(Conditions(tmp_path, None, True, Rounds(2), lambda _: None))
    assert [(figure.what, len(figure.values)) for figure in result.figures] == [
        ("9 results indexed", 2),
        ("3 new results, brought up to date", 2),
        ("3 new results, `longpole perf list -n 1`", 2),
        ("asked for all runs", 2),
        ("asked for a series", 2),
        ("asked for a metric of a platform", 2),
        ("asked for names", 2),
        ("asked for counts, skips, failures", 2),
        ("21 results packed and pushed", 1),
        ("indexed from packs", 1),
        ("size of the index", 1),
    ]
    index = perf_index.opened(tmp_path / "repository", tmp_path / "state" / "perf")
    assert (len(index.runs()), len(index.benchmarks()), len(index.metrics())) == (21, 16, 15)
