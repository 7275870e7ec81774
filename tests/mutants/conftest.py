"""Where cosmic-ray is missing the tests of `make mutants` are left out, and the end of the test run says so."""

import importlib.util

import pytest

_MISSING = importlib.util.find_spec("cosmic_ray") is None
collect_ignore = ["test_mutants.py"] if _MISSING else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and how to have it."""
    if _MISSING:
        terminalreporter.line("left out: the tests of `make mutants`, which needs cosmic-ray: ./configure", yellow=True)
