"""`longpole precompile`: a wasm module compiled ahead of time, or one message that says why not."""

import sys
from pathlib import Path

import pytest
import wasmtime

from longpole.rts_tests.warm.engine import make_engine
from tests.project import REPOSITORY, Project

WAT = '(module (func (export "f") (param i64 i64)) (func (export "g") unreachable))'


@pytest.fixture
def module(project: Project) -> Path:
    path = project.root / "in.wasm"
    path.write_bytes(wasmtime.wat2wasm(WAT))
    return path


def test_what_it_writes_is_what_the_engine_loads(project: Project, module: Path) -> None:
    done = project.longpole("precompile", "in.wasm", "out.cwasm")
    assert (done.status, done.text) == (0, "")
    loaded = wasmtime.Module.deserialize_file(make_engine(), str(project.root / "out.cwasm"))
    assert [export.name for export in loaded.exports] == ["f", "g"]
    assert sorted(path.name for path in project.root.iterdir()) == ["in.wasm", "out.cwasm"]


def test_a_unit_calls_what_was_compiled_for_it(project: Project, module: Path) -> None:
    variant = {
        "artifact": "out.cwasm",
        "build": ["{python}", "-EPm", "longpole", "precompile", "in.wasm", "{artifact}"],
        "run": {"wasm": "{artifact}", "call": "{module}", "args": ["{first_seed}", 7]},
    }
    called = {**variant, "run": {"wasm": "{artifact}", "call": "{module}"}, "warm": False}
    modules = {"f": {"seeds": 2, "chunks": 2, "only": ["a"]}, "g": {"only": ["b"]}}
    project.write({}, modules=modules, variants={"a": variant, "b": {**called, "artifact": "b.cwasm"}})
    project.make("test")
    assert project.statuses() == {"a/f[0]": "passed", "a/f[1]": "passed", "b/g": "failed"}
    assert b"unreachable" in project.log("test-b-g")


def test_the_example_of_the_documentation_runs(project: Project) -> None:
    wat = '(module (func (export "test_gc") (param i64 i64)))'
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(wat))
    page = (REPOSITORY / "docs" / "suite.md").read_text()
    example = next(block for block in page.split("```yaml\n") if "precompile" in block).split("```")[0]
    rest = "version: 1\nname: x\nvariants: {v: }\nmodules: {gc: {seeds: 4, chunks: 2}}\n"
    (project.root / "suite.yaml").write_text(rest + example)
    project.render()
    done = project.make("test")
    assert project.statuses() == {"v/gc[0]": "passed", "v/gc[1]": "passed"}, done.text


def test_a_module_of_the_users_called_longpole_does_not_stand_in(project: Project, module: Path) -> None:
    (project.root / "longpole.py").write_text("raise SystemExit('not this one')\n")
    (project.root / "wasmtime.py").write_text("raise SystemExit('nor this one')\n")
    build = ["{python}", "-EPm", "longpole", "precompile", "in.wasm", "{artifact}"]
    run = {"wasm": "{artifact}", "call": "f", "args": [1, 2]}
    project.write({}, modules={"m": {}}, variants={"v": {"artifact": "out.cwasm", "build": build, "run": run}})
    done = project.make("test", PYTHONPATH=str(project.root))
    assert project.statuses() == {"v/m": "passed"}, done.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("no.wasm", "out.cwasm"),
            "longpole: no.wasm: cannot be read: No such file or directory; name a wasm module\n",
        ),
        ((".", "out.cwasm"), "longpole: .: cannot be read: Is a directory; name a wasm module\n"),
        (
            ("in.wasm", "text.wasm/out"),
            "longpole: text.wasm/out: cannot be written: File exists; name a writable file\n",
        ),
        (("in.wasm", "folder"), "longpole: folder: cannot be written: Is a directory; name a "),
        (("text.wasm", "out.cwasm"), "longpole: text.wasm: cannot be compiled: "),
    ],
)
def test_what_cannot_be_done_is_one_line(
    project: Project, module: Path, arguments: tuple[str, str], message: str
) -> None:
    (project.root / "text.wasm").write_text("(no module)")
    (project.root / "folder").mkdir()
    (project.root / "out.cwasm").write_text("kept")
    done = project.longpole("precompile", *arguments)
    assert done.status == 2
    assert done.err.startswith(message)
    assert done.err.count("\n") == 1
    assert (project.root / "out.cwasm").read_text() == "kept"
    assert not list(project.root.glob("*.tmp"))


def test_without_the_engine_it_says_what_to_install(project: Project, module: Path) -> None:
    code = "import sys; sys.modules['wasmtime'] = None; from longpole.__main__ import main; main()"
    done = project.run(sys.executable, "-c", code, "precompile", "in.wasm", "out.cwasm")
    assert done.status == 2
    assert done.err == (
        "longpole: wasmtime: the engine that compiles wasm is not installed; "
        "install `longpole[wasm]` instead of `longpole`\n"
    )
