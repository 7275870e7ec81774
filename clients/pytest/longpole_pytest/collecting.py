"""`collect`: all tests as pytest collects them, and what its configuration says about how to run them, as JSON."""

from __future__ import annotations

import io
import json
import os
import platform
import sys
from typing import Any, Dict, List, Optional

import pytest

from longpole_pytest.files import relative

_NOT_GIVEN = "default:"
"""What pytest-random-order puts before the values of options that were not given."""


class Collecting:
    """A plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.found: Optional[Dict[str, Any]] = None
        self._seeds: List[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the options of seeds, before the plugins that have them choose a seed themselves."""
        self._seeds = _open_seeds(config)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the ids of the tests that are selected, with the file and the name below it, and the configuration."""
        config, here = session.config, os.getcwd()
        self.found = {
            "tests": [
                [item.nodeid, relative(str(item.path), here), item.nodeid.partition("::")[2]] for item in session.items
            ],
            "config": relative(str(config.inipath), here) if config.inipath else None,
            "numprocesses": bool(getattr(config.option, "numprocesses", None)),
            "coverage": config.pluginmanager.hasplugin("_cov") and not getattr(config.option, "no_cov", False),
            "seeds": self._seeds,
            "python": platform.python_version(),
            "pytest": pytest.__version__,
        }


def _open_seeds(config: pytest.Config) -> List[str]:
    """The options that give a seed to a plugin which puts tests into a random order, and was given none.

    pytest-randomly does so wherever it is installed, pytest-random-order where an option asks for it.
    """
    found = []
    option = config.option
    if config.pluginmanager.hasplugin("randomly") and getattr(option, "randomly_seed", None) in ("default", "last"):
        found.append("--randomly-seed")
    bucket = str(getattr(option, "random_order_bucket", _NOT_GIVEN))
    is_random = getattr(option, "random_order_enabled", False) or not bucket.startswith(_NOT_GIVEN)
    if is_random and str(getattr(option, "random_order_seed", "")).startswith(_NOT_GIVEN):
        found.append("--random-order-seed")
    return found


def collect_tests(argv: List[str]) -> int:
    """Print the JSON; return the exit status. What else is printed goes to standard error, on errors."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    collecting, spoken, stdout = Collecting(), io.StringIO(), sys.stdout
    sys.stdout = spoken
    try:
        status = int(pytest.main([*argv, "--collect-only", "-q", "-p", "no:cacheprovider"], plugins=[collecting]))
    finally:
        sys.stdout = stdout
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) or collecting.found is None:
        print(spoken.getvalue(), end="", file=sys.stderr)
        return status or int(pytest.ExitCode.INTERNAL_ERROR)
    with output:
        json.dump(collecting.found, output)
    return 0
