"""The command line of the benchmarks."""

from pathlib import Path

import pytest

from bench.__main__ import main


def _refused(*argv: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2


def test_what_cannot_be_meant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    _refused("overhaed")
    assert "there is no benchmark 'overhaed'" in capsys.readouterr().err
    _refused("--repeat", "0")
    assert "not a number from 1 to 1000" in capsys.readouterr().err
    for names in ((), ("suite",), ("overhead", "suite")):
        _refused(*names, "--against", ".")
        assert "--against is for one benchmark: overhead" in capsys.readouterr().err


def test_a_checkout_that_is_not_configured_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["overhead", "--against", str(tmp_path)]) == 2
    message = f"bench: {tmp_path}: there is no .venv/bin/python in it; run ./configure there"
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
