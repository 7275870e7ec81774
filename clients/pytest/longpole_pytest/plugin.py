"""The hooks that find the files which Longpole wants to have run, before there is a session to run them in."""

from __future__ import annotations

import os

import pytest

from longpole_pytest.files import Files
from longpole_pytest.preload import share_no_cache


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Load the conftest files beside the given files early, as pytest does for files on its command line."""
    files = Files.from_environ(os.environ, str(early_config.invocation_params.dir))
    if files is not None:
        files.announce(early_config)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the part that runs files and tells of them."""
    files = Files.from_environ(os.environ, str(config.invocation_params.dir))
    if files is None:
        return
    _refuse_workers(config)
    share_no_cache(config)
    from longpole_pytest.fork import Fork
    from longpole_pytest.from_queue import FromQueue

    config.args[:] = files.existing()
    config.option.continue_on_collection_errors = True  # a file that cannot be imported fails alone
    fork = Fork(config, files)
    config.pluginmanager.register(fork, "longpole-fork")
    if files.queue is not None:
        from_queue = FromQueue(fork, files, files.queue, os.environ.get("LONGPOLE_FORK", "0"))
        config.pluginmanager.register(from_queue, "longpole-from-queue")


def _refuse_workers(config: pytest.Config) -> None:
    wanted = getattr(config.option, "numprocesses", None) or getattr(config.option, "tx", None)
    if wanted:
        raise pytest.UsageError(
            "a fork is one process, and -n of pytest-xdist would start others: "
            "leave -n out, or add -n0 to forks.run after the options of the project; max_forks does the same job"
        )
