"""Call one exported function of a precompiled wasm module.

By hand: `python -m rts_tests.warm.wasm MODULE.cwasm ENTRY [INTEGER...]`. The module may import one function,
`host.print(pointer, length)`, which writes to standard output. A trap prints its backtrace and exits with status 1.
"""

import os
import sys
from dataclasses import dataclass
from functools import lru_cache

import wasmtime

from rts_tests.warm.engine import make_engine


@dataclass(frozen=True, slots=True)
class Prepared:
    """A loaded module; what is shared by every unit that calls into it."""

    engine: wasmtime.Engine
    module: wasmtime.Module


@lru_cache(maxsize=1)
def _engine() -> wasmtime.Engine:
    return make_engine()


@lru_cache(maxsize=64)
def _load(path: str, _identity: tuple[int, int, int]) -> Prepared:
    engine = _engine()
    return Prepared(engine, wasmtime.Module.deserialize_file(engine, path))


def prepare(argv: list[str]) -> Prepared:
    """Load the module that `argv` names; loaded again only when the file has changed.

    Raises `OSError` when it cannot be read and `wasmtime.WasmtimeError` when it was compiled for another engine.
    """
    status = os.stat(argv[0])
    return _load(argv[0], (status.st_ino, status.st_mtime_ns, status.st_size))


def _print(caller: wasmtime.Caller, pointer: int, length: int) -> None:
    memory = caller["memory"]
    assert isinstance(memory, wasmtime.Memory)
    size = memory.data_len(caller)
    bits = 64 if memory.type(caller).is_64 else 32
    pointer, length = (
        pointer % (1 << bits),
        length % (1 << bits),
    )  # what wasm counts without a sign, Python gets with one
    if pointer + length > size:
        raise wasmtime.Trap(f"host.print({pointer}, {length}): outside the memory of {size} bytes")
    data = bytes(memory.read(caller, pointer, pointer + length))
    while data:
        data = data[os.write(1, data) :]


def main(argv: list[str]) -> int:
    """Instantiate the module and call the entry; return the exit status: 0, or 1 after a trap, or 2 for misuse."""
    if len(argv) < 2:
        print("usage: python -m rts_tests.warm.wasm MODULE.cwasm ENTRY [INTEGER...]", file=sys.stderr)
        return 2
    path, entry, *arguments = argv
    try:
        prepared = prepare(argv)
    except (OSError, wasmtime.WasmtimeError) as error:
        print(f"{path}: cannot be loaded: {error}; build it again", file=sys.stderr)
        return 2
    store = wasmtime.Store(prepared.engine)
    functions = []
    for imported in prepared.module.imports:
        if (imported.module, imported.name) != ("host", "print") or not isinstance(imported.type, wasmtime.FuncType):
            print(f"{path}: imports {imported.module}.{imported.name}; only host.print is offered", file=sys.stderr)
            return 2
        functions.append(wasmtime.Func(store, imported.type, _print, access_caller=True))
    try:
        exports = wasmtime.Instance(store, prepared.module, functions).exports(store)
        function = exports.get(entry)
        if not isinstance(function, wasmtime.Func):
            print(f"{path}: exports no function {entry}", file=sys.stderr)
            return 2
        function(store, *map(int, arguments))
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        sys.stdout.flush()
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
