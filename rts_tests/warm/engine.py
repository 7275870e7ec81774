"""The one configuration of the wasm engine, so that what is precompiled here can be loaded there."""

import ctypes
import os
import platform
import sys

import wasmtime
from wasmtime import _ffi

_TRIPLES = {"linux": "{}-unknown-linux-gnu", "darwin": "{}-apple-darwin"}
_MACHINES = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def baseline() -> str | None:
    """The target triple of this kind of machine; None where the engine is left to find its own."""
    system, machine = _TRIPLES.get(sys.platform), _MACHINES.get(platform.machine())
    return system.format(machine) if system and machine else None


def make_engine() -> wasmtime.Engine:
    """An engine for 32- and 64-bit memories whose backtraces name C files and lines.

    A target that is named is compiled for as its architecture is everywhere, where the engine would otherwise use
    whatever this very processor has: a module compiled on one machine is to be tested on another. No difference in
    speed was measured for the runtime's tests. The Python API has no setter for a target, nor one for the details of
    backtraces, which wasmtime reads from `WASMTIME_BACKTRACE_DETAILS` when a configuration is made.
    """
    os.environ["WASMTIME_BACKTRACE_DETAILS"] = "1"
    config = wasmtime.Config()
    config.wasm_memory64 = True
    target = baseline()
    if target is not None:
        error = _ffi.wasmtime_config_target_set(config.ptr(), ctypes.create_string_buffer(target.encode()))
        if error:
            raise wasmtime.WasmtimeError._from_ptr(error)
    return wasmtime.Engine(config)
