"""The hooks that find the files which Longpole wants to have run, before there is a session to run them in."""

from __future__ import annotations

import os
from typing import Any

import pytest

from longpole_pytest.files import Files


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Load the conftest files beside the given files early, as pytest does for files on its command line."""
    files = Files.from_environ(os.environ, str(early_config.invocation_params.dir))
    if files is None:
        return
    namespace: Any = early_config.known_args_namespace
    root = [str(early_config.invocation_params.dir), *early_config.getini("testpaths")]
    named = list(namespace.file_or_dir) or root
    namespace.file_or_dir = [*named, *files.existing()]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the part that runs files and tells of them."""
    files = Files.from_environ(os.environ, str(config.invocation_params.dir))
    if files is None:
        return
    _refuse_workers(config)
    _share_no_cache(config)
    from longpole_pytest.fork import Fork

    config.args[:] = files.existing() if files.queue is None else []
    config.option.continue_on_collection_errors = True  # a file that cannot be imported fails alone
    config.pluginmanager.register(Fork(config, files), "longpole-fork")


def _refuse_workers(config: pytest.Config) -> None:
    wanted = getattr(config.option, "numprocesses", None) or getattr(config.option, "tx", None)
    if wanted:
        raise pytest.UsageError(
            "a fork is one process, and -n of pytest-xdist would start others: "
            "leave -n out, or add -n0 to forks.run after the options of the project; max_forks does the same job"
        )


def _share_no_cache(config: pytest.Config) -> None:
    """Forks run at the same time and would overwrite each other's lists of failures, unless the user asks for them."""
    options = config.option
    if any(getattr(options, name, False) for name in ("lf", "failedfirst", "newfirst", "stepwise", "cacheclear")):
        return
    for name in ("lfplugin", "nfplugin", "stepwiseplugin"):
        plugin = config.pluginmanager.getplugin(name)
        if plugin is not None:
            config.pluginmanager.unregister(plugin)
