"""Call one exported function of a precompiled wasm module.

By hand: `python -m longpole.rts_tests.warm.wasm MODULE.cwasm ENTRY [INTEGER...]`. The module may import one function,
`host.print(pointer, length)`, which writes to standard output. A trap prints its backtrace and exits with status 1.

The zygote instantiates the module and prepares the call, so a child only makes the call: to instantiate there would
cost as much again. No entry is called before the fork, so every unit begins with the same unused instance. A module
whose start function prints or traps is instantiated in each child instead.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import wasmtime
from wasmtime import _ffi
from wasmtime._func import maybe_raise_last_exn

from longpole.rts_tests.warm.engine import make_engine

_Values = ctypes.Array[Any]
"""An array of `wasmtime_val_t`."""
_KINDS = {"i32": _ffi.WASMTIME_I32.value, "i64": _ffi.WASMTIME_I64.value}


class Misuse(Exception):
    """The module cannot be loaded, or cannot be called in this way."""


class Host:
    """The functions that a module may import."""

    def __init__(self, *, mute: bool) -> None:
        """While it is `mute`, `print` raises `Misuse`."""
        self.mute = mute

    def print(self, caller: wasmtime.Caller, pointer: int, length: int) -> None:
        """Write a piece of the caller's memory to standard output."""
        if self.mute:
            raise Misuse("prints before it is called")
        memory = caller["memory"]
        assert isinstance(memory, wasmtime.Memory)
        size = memory.data_len(caller)
        bits = 64 if memory.type(caller).is_64 else 32
        # These are unsigned in wasm, but Python gets them as signed numbers.
        pointer, length = pointer % (1 << bits), length % (1 << bits)
        if pointer + length > size:
            raise wasmtime.Trap(f"host.print({pointer}, {length}): outside the memory of {size} bytes")
        data = bytes(memory.read(caller, pointer, pointer + length))
        while data:
            data = data[os.write(1, data) :]


class Call:
    """A call whose function is looked up and whose arguments are converted: `wasmtime.Func` does both at each call."""

    def __init__(self, store: wasmtime.Store, function: wasmtime.Func, arguments: _Values, results: _Values) -> None:
        self._kept = store, function
        self._trap = ctypes.POINTER(_ffi.wasm_trap_t)()
        self._arguments = (
            store._context(),
            ctypes.byref(function._func),
            arguments,
            len(arguments),
            results,
            len(results),
            ctypes.byref(self._trap),
        )

    def make(self) -> None:
        """Make the call; raises `wasmtime.Trap`, `wasmtime.WasmtimeError`, or what the host's function raised."""
        error = _ffi.wasmtime_func_call(*self._arguments)
        if not error and not self._trap:
            return
        maybe_raise_last_exn()
        raise wasmtime.WasmtimeError._from_ptr(error) if error else wasmtime.Trap._from_ptr(self._trap)


class Instance:
    """An instance of the module that was loaded from `path`."""

    def __init__(self, path: str, module: wasmtime.Module, host: Host) -> None:
        """Raises `Misuse` for an import that `Host` lacks, `Trap` or `WasmtimeError` if the module does not start."""
        self._path = path
        self._store = wasmtime.Store(_engine())
        functions = []
        for imported in module.imports:
            if (imported.module, imported.name) != ("host", "print") or not isinstance(
                imported.type, wasmtime.FuncType
            ):
                raise Misuse(f"{path}: imports {imported.module}.{imported.name}; only host.print is offered")
            functions.append(wasmtime.Func(self._store, imported.type, host.print, access_caller=True))
        self._exports = wasmtime.Instance(self._store, module, functions).exports(self._store)
        self._entries: dict[str, tuple[wasmtime.Func, list[str], int]] = {}
        host.mute = False

    def call(self, entry: str, words: list[str]) -> Call:
        """Return the call of an exported function with integers; raises `Misuse`, and `ValueError` for other words."""
        signature = self._entries.get(entry)
        if signature is None:
            signature = self._entries[entry] = self._look_up(entry)
        function, kinds, results = signature
        if len(kinds) != len(words) or not set(kinds) <= set(_KINDS):
            raise Misuse(f"{self._path}: {entry} takes ({', '.join(kinds)}), not {len(words)} integers")
        arguments = (_ffi.wasmtime_val_t * len(kinds))()
        for argument, kind, word in zip(arguments, kinds, words, strict=True):
            argument.kind = _KINDS[kind]
            setattr(argument.of, kind, int(word))  # the highest bit of an unsigned number becomes the sign
        return Call(self._store, function, arguments, (_ffi.wasmtime_val_t * results)())

    def _look_up(self, entry: str) -> tuple[wasmtime.Func, list[str], int]:
        function = self._exports.get(entry)
        if not isinstance(function, wasmtime.Func):
            raise Misuse(f"{self._path}: exports no function {entry}")
        signature = function.type(self._store)
        return function, [str(kind) for kind in signature.params], len(signature.results)


@lru_cache(maxsize=1)
def _engine() -> wasmtime.Engine:
    return make_engine()


@lru_cache(maxsize=64)
def _module(path: str, _identity: tuple[int, int, int]) -> wasmtime.Module:
    return wasmtime.Module.deserialize_file(_engine(), path)


@lru_cache(maxsize=64)
def _shared(path: str, module: wasmtime.Module) -> Instance | None:
    try:
        return Instance(path, module, Host(mute=True))
    except (Misuse, wasmtime.Trap, wasmtime.WasmtimeError):
        return None


def _load(path: str) -> wasmtime.Module:
    """Return the module, which is loaded again only if its file has changed; raises `Misuse`."""
    try:
        status = os.stat(path)
        return _module(path, (status.st_ino, status.st_mtime_ns, status.st_size))
    except (OSError, wasmtime.WasmtimeError) as error:
        raise Misuse(f"{path}: cannot be loaded: {error}; rebuild it") from None


def prepare(argv: list[str]) -> Callable[[], int]:
    """Do what can be done before the fork; return the rest as a function that returns the exit status.

    Raises `Misuse`.
    """
    path, entry, *words = argv
    instance = _shared(path, _load(path))
    if instance is None:
        return partial(main, argv)
    return partial(_run, instance.call(entry, words))


def _run(call: Call) -> int:
    try:
        call.make()
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        sys.stdout.flush()
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def main(argv: list[str]) -> int:
    """Instantiate the module and call the entry; return the exit status: 0; 1 after a trap; 2 after misuse."""
    if len(argv) < 2:
        print("usage: python -m longpole.rts_tests.warm.wasm MODULE.cwasm ENTRY [INTEGER...]", file=sys.stderr)
        return 2
    path, entry, *words = argv
    try:
        return _run(Instance(path, _load(path), Host(mute=False)).call(entry, words))
    except (Misuse, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
