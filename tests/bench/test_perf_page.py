"""The benchmark of the page about performance, small."""

import shutil
from pathlib import Path

import pytest

from bench import perf_page
from bench.measure import Conditions, Rounds


@pytest.mark.slow
def test_the_page_is_published_and_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perf_page, "QUICK", 20)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    result = perf_page.measure(Conditions(tmp_path, None, True, Rounds(2), lambda _: None))
    assert [figure.what for figure in result.figures] == ["page of 21 runs, published", "its size"]
    assert (tmp_path / "site/index.html").is_file()
    assert result.left_out == ("opening it: Chromium or playwright is not installed",)
