"""The one configuration of the wasm engine, so that what is precompiled here can be loaded there."""

import os

import wasmtime


def make_engine() -> wasmtime.Engine:
    """An engine for 32- and 64-bit memories whose backtraces name C files and lines.

    wasmtime reads `WASMTIME_BACKTRACE_DETAILS` when a configuration is made; the Python API has no setter for it.
    """
    os.environ["WASMTIME_BACKTRACE_DETAILS"] = "1"
    config = wasmtime.Config()
    config.wasm_memory64 = True
    return wasmtime.Engine(config)
