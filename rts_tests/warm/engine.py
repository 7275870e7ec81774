"""The configuration of the wasm engine, the same everywhere, so that precompiled modules can be loaded elsewhere."""

import ctypes
import os
import platform
import sys

import wasmtime
from wasmtime import _ffi

_TRIPLES = {"linux": "{}-unknown-linux-gnu", "darwin": "{}-apple-darwin"}
_MACHINES = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def baseline() -> str | None:
    """Return the target triple of this kind of machine; None for other platforms: the engine then uses its own."""
    system, machine = _TRIPLES.get(sys.platform), _MACHINES.get(platform.machine())
    return system.format(machine) if system and machine else None


def make_engine() -> wasmtime.Engine:
    """Return an engine for 32- and 64-bit memories whose backtraces name C files and lines.

    With an explicit target the engine compiles for the baseline of the architecture, else for all features of this
    processor; but a module compiled on one machine must run on another. For the runtime's tests we measured no
    difference in speed. The Python API cannot set the target, nor the details of backtraces, which wasmtime reads from
    `WASMTIME_BACKTRACE_DETAILS` when a configuration is made. Raises `WasmtimeError`.
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
