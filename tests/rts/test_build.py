"""The runtime's Makefile: incremental, reproducible, orderly when something fails."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest
import wasmtime

from tests.rts.runtime import VARIANTS, call, copy_sources, make

pytestmark = pytest.mark.slow

OUTPUTS = ("rts.wasm", "rts-test.wasm", "rts-test.cwasm")


def build(rts: Path, variant: str, out: Path, *goals: str) -> str:
    """Build, which must succeed; return what make printed."""
    finished = make(rts, variant, out, *goals)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def compiled(output: str) -> list[str]:
    return sorted(re.findall(r"^CC (\S+)$", output, re.MULTILINE))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def prebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the sources in `rts` and all outputs of the variant `eop` in `out`."""
    folder = tmp_path_factory.mktemp("prebuilt")
    build(copy_sources(folder), "eop", folder / "out", "all")
    return folder


@pytest.fixture
def workspace(prebuilt: Path, tmp_path: Path) -> Path:
    """A copy of `prebuilt` that a test may change."""
    shutil.copytree(prebuilt, tmp_path / "work", copy_function=shutil.copy2)
    return tmp_path / "work"


def test_a_second_build_does_nothing(workspace: Path) -> None:
    before = {name: (workspace / "out" / name).stat().st_mtime_ns for name in OUTPUTS}
    output = build(workspace / "rts", "eop", workspace / "out")
    assert not re.search("CC |LD |AOT ", output)
    assert before == {name: (workspace / "out" / name).stat().st_mtime_ns for name in OUTPUTS}


def test_a_changed_source_is_compiled_alone(workspace: Path) -> None:
    replace(workspace / "rts/src/utf8.c", "/* UTF-8 decoding", "/* Another remark.\n\n   UTF-8 decoding")
    output = build(workspace / "rts", "eop", workspace / "out")
    assert compiled(output) == ["check/src/utf8.o", "release/utf8.o"]


def test_a_changed_header_compiles_all_that_include_it(workspace: Path) -> None:
    with (workspace / "rts/src/utf8.h").open("a") as header:
        header.write("\n/* Another remark. */\n")
    output = build(workspace / "rts", "eop", workspace / "out", "test-module")
    assert compiled(output) == ["check/src/text.o", "check/src/utf8.o", "check/tests/text.o", "check/tests/utf8.o"]


def test_another_variant_in_the_same_folder_compiles_everything(workspace: Path) -> None:
    output = build(workspace / "rts", "incremental", workspace / "out", "library")
    assert {"release/text.o", "release/persistence_classical.o"} <= set(compiled(output))


def test_a_changed_makefile_compiles_everything(workspace: Path) -> None:
    later = time.time() + 5
    os.utime(workspace / "rts/Makefile", (later, later))
    assert "release/text.o" in compiled(build(workspace / "rts", "eop", workspace / "out", "library"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_outputs_do_not_depend_on_where_the_checkout_lies(variant: str, tmp_path: Path) -> None:
    contents = []
    for folder in (tmp_path / "one", tmp_path / "another" / "somewhat" / "deeper"):
        build(copy_sources(folder), variant, folder / "out")
        contents.append([(folder / "out" / name).read_bytes() for name in OUTPUTS[:2]])
    assert contents[0] == contents[1]
    for content in contents[0]:
        assert os.fsencode(tmp_path) not in content


def test_a_build_that_fails_leaves_nothing_half_written(workspace: Path) -> None:
    replace(workspace / "rts/src/utf8.c", "/* UTF-8 decoding", "#error planted\n/* UTF-8 decoding")
    before = sorted(path.name for path in (workspace / "out").rglob("*") if "utf8" in path.name)
    finished = make(workspace / "rts", "eop", workspace / "out")
    assert finished.returncode != 0
    assert "rts/src/utf8.c:1:2: error: planted" in finished.stderr
    after = sorted(path.name for path in (workspace / "out").rglob("*") if "utf8" in path.name)
    assert set(after) <= set(before)


def test_an_unknown_variant_is_refused(workspace: Path) -> None:
    finished = make(workspace / "rts", "generational", workspace / "out")
    assert finished.returncode == 2
    assert "unknown VARIANT 'generational'" in finished.stderr


def test_clean_removes_what_was_built_and_nothing_else(workspace: Path) -> None:
    (workspace / "out" / "records").mkdir()
    build(workspace / "rts", "eop", workspace / "out", "clean")
    assert [path.name for path in (workspace / "out").iterdir()] == ["records"]


def test_without_a_home_the_compiler_keeps_its_cache_with_the_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    build(copy_sources(tmp_path), "incremental", tmp_path / "out", "library")
    assert (tmp_path / "out" / "zig-cache").is_dir()


def test_a_failing_assertion_names_its_line_its_seed_and_the_calls_that_led_there(workspace: Path) -> None:
    replace(workspace / "rts/src/crc32.c", "    return ~remainder;", "    return ~remainder ^ (remainder % 7 == 0);")
    build(workspace / "rts", "eop", workspace / "out", "test-module")
    result = call(workspace / "out", "test_crc32", 42, 1)
    assert result.returncode == 1
    assert re.fullmatch(r"rts/tests/crc32\.c:\d+: failed: .+ \(\d+ is not \d+; seed 42, step \d+\)\n", result.stdout), (
        result.stdout
    )
    assert re.search(r"rts/tests/crc32\.c:\d+", result.stderr), result.stderr
    assert re.search(r"rts/tests/check\.c:\d+", result.stderr), result.stderr


def test_the_library_exports_an_interface_and_imports_nothing(prebuilt: Path) -> None:
    config = wasmtime.Config()
    config.wasm_memory64 = True
    module = wasmtime.Module.from_file(wasmtime.Engine(config), str(prebuilt / "out" / "rts.wasm"))
    exports = {export.name for export in module.exports}
    assert not module.imports
    assert not [name for name in exports if name.startswith("test_")]
    assert {"memory", "rts_heap_initialise", "rts_gc_collect", "rts_bigint_multiply", "rts_persistence_save"} <= exports


def test_the_library_works(prebuilt: Path) -> None:
    config = wasmtime.Config()
    config.wasm_memory64 = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    module = wasmtime.Module.from_file(engine, str(prebuilt / "out" / "rts.wasm"))
    exports = wasmtime.Instance(store, module, []).exports(store)

    def rts(name: str, *arguments: int) -> int:
        function = exports[f"rts_{name}"]
        assert isinstance(function, wasmtime.Func)
        result = function(store, *arguments)
        return int(result or 0)

    rts("heap_initialise", 1 << 20)
    number = rts("bigint_from_u64", 2**64 - 1)
    root = rts("root_add", rts("bigint_multiply", number, number))
    rts("gc_collect", 0)
    digits = rts("bigint_to_decimal", rts("root_get", root))
    memory = exports["memory"]
    assert isinstance(memory, wasmtime.Memory)
    start = rts("value_bytes", digits)
    text = memory.read(store, start, start + rts("value_length", digits))
    assert int(bytes(text)) == (2**64 - 1) ** 2
