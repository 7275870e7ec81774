"""The benchmark of the ledger measures a made-up history, proves it, and says what gates lead to."""

from pathlib import Path

import pytest

from bench import perf_ledger
from bench.measure import Conditions, Rounds


def test_it_measures_and_simulates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perf_ledger, "QUICK", 60)
    monkeypatch.setattr(perf_ledger, "RATES", (60,))
    result = perf_ledger.measure(Conditions(tmp_path, None, True, Rounds(2), lambda _: None))
    assert [(figure.what, len(figure.values)) for figure in result.figures] == [
        ("ledger of 60 commits, 3 platforms, 60 results", 2),
        ("the same, and its proof", 2),
        ("a gate's choice of a commit", 2),
    ]
    rate, replayed = result.notes
    assert rate.startswith("60 commits an hour for 1 h: queue at most ")
    assert replayed.startswith("a history of 400 commits, in which 670 runs measured 67: the gate measures 3")
