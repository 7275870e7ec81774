"""The benchmark of `longpole perf run` measures each program by each way once a round."""

from pathlib import Path

import pytest

from bench import perf_run
from bench.measure import Conditions, Rounds

HYPERFINE = """#!/bin/sh
echo '{"results": [{"command": "true", "times": [0.002, 0.001]}, {"command": "sleep 0.05", "times": [0.05]}]}' \\
  >hyperfine.json
"""


def test_it_measures_each_program_once_a_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "hyperfine"
    fake.write_text(HYPERFINE)
    fake.chmod(0o755)
    monkeypatch.setattr(perf_run, "QUICK", 1)
    monkeypatch.setattr(perf_run, "find", lambda _: str(fake))
    result = perf_run.measure(Conditions(tmp_path, None, True, Rounds(2), lambda _: None))
    values = {figure.what: figure.values for figure in result.figures}
    assert values["`true`, by hyperfine -N"] == (1.0, 1.0)
    assert values["`sleep 0.05`, by hyperfine -N"] == (50.0, 50.0)
    assert min(values["`sleep 0.05`, by longpole"]) >= 50
    assert min(values["`true`, by longpole"]) > 0
    assert len(values) == 4
    assert result.left_out == ()
