"""Warm units: a wasm function called in a fork of the zygote, that cannot harm the next one."""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import wasmtime

from tests.project import REPOSITORY, Done, Project, eventually

WAT = r"""
(module
  (import "host" "print" (func $print (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "hello from wasm\n")
  (global $calls (mut i32) (i32.const 0))
  (func (export "test_fine") (param i64 i64) (call $print (i32.const 0) (i32.const 16)))
  (func $inner unreachable)
  (func $test_traps (export "test_traps") (param i64 i64) (call $print (i32.const 0) (i32.const 16)) (call $inner))
  (func (export "test_counts") (param $first i64) (param $count i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.ne (global.get $calls) (i32.const 1)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 1024)) (i32.const 0)) (then unreachable))
    (i32.store (i32.const 1024) (i32.const 7)))
  (func (export "test_endless") (param i64 i64) (loop $again (br $again)))
  (func (export "test_deep") (param i64 i64) (call $recurse))
  (func $recurse (call $recurse))
  (func (export "test_reads_out_of_bounds") (param i64 i64) (call $print (i32.const 65530) (i32.const 100)))
)
"""
MODULES: dict[str, dict[str, object]] = {
    "fine": {},
    "traps": {},
    "counts": {"seeds": 6, "chunks": 6},
    "endless": {"timeout": 0.5},
    "deep": {},
    "reads_out_of_bounds": {},
    "missing": {},
}


@dataclass(frozen=True)
class Run:
    """One run, warm or cold."""

    project: Project
    done: Done


def _write(project: Project) -> Project:
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(WAT))
    return _write_suite(project, MODULES)


def _write_suite(project: Project, modules: dict[str, dict[str, object]]) -> Project:
    run = {"wasm": "{artifact}", "call": "test_{module}", "args": ["{first_seed}", "{seed_count}"]}
    build = ["{python}", "-EPm", "longpole", "precompile", "tests.wasm", "{artifact}"]
    return project.write(
        {},
        modules=modules,
        variants={"v": {"artifact": "tests.cwasm", "build": build, "run": run}},
    )


@pytest.fixture(scope="module", params=["warm", "cold"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    project = _write(Project(tmp_path_factory.mktemp(request.param) / "project"))
    variables = {"WARM": "0"} if request.param == "cold" else {}
    return Run(project, project.make("-j2", "test", **variables))


def test_warm_and_cold_units_end_alike(run: Run) -> None:
    assert run.project.statuses() == {
        "v/fine": "passed",
        "v/traps": "failed",
        **{f"v/counts[{number}]": "passed" for number in range(6)},
        "v/endless": "timeout",
        "v/deep": "failed",
        "v/reads_out_of_bounds": "failed",
        "v/missing": "failed",
    }, run.done.text


def test_what_wasm_prints_is_in_the_log(run: Run) -> None:
    assert run.project.log("test-v-fine") == b"hello from wasm\n"


def test_a_trap_shows_a_backtrace_after_what_was_printed(run: Run) -> None:
    log = run.project.log("test-v-traps").decode()
    assert log.startswith("hello from wasm\n")
    assert "unreachable" in log
    assert "inner" in log
    assert "test_traps" in log


def test_a_missing_entry_is_named(run: Run) -> None:
    assert b"exports no function test_missing" in run.project.log("test-v-missing")
    assert run.project.records()["v/missing"]["exit_code"] == 2


def test_no_traceback_of_ours_is_in_a_log(run: Run) -> None:
    for path in (run.project.last / "units").glob("*.log"):
        if "out_of_bounds" not in path.name:
            assert b"Traceback" not in path.read_bytes(), path


@pytest.mark.parametrize("damage", [b"", b"not wasm", b"\x7fELF" + b"x" * 100])
@pytest.mark.slow
def test_a_damaged_module_fails_its_units_and_not_the_run(project: Project, damage: bytes) -> None:
    _write(project)
    project.make("build")
    (project.root / "tests.cwasm").write_bytes(damage)
    done = project.make("test-v-fine", PREBUILT="1")
    assert project.statuses() == {"v/fine": "failed"}, done.text
    assert b"cannot be loaded" in project.log("test-v-fine")
    assert b"rebuild it" in project.log("test-v-fine")


DISTURBING = '''
"""A warm module that does its worst to what comes after it."""
import functools, os, signal, sys
STATE = []
def prepare(argv):
    return functools.partial(main, argv)
def main(argv):
    if STATE or os.environ.get("SPOILT") or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        print("spoilt", STATE)
        return 9
    STATE.append(argv)
    os.environ["SPOILT"] = "1"
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.chdir("/")
    open_here = [n for n in range(3, 200) if os.path.exists(f"/proc/self/fd/{n}")]
    print(open_here, os.environ["LONGPOLE_UNIT"], repr(sys.stdin.read()))
    sys.stdout.write("no newline at the end")
    kind = argv[0]
    if kind == "raises": raise ValueError("on purpose")
    if kind == "exits": sys.exit(5)
    if kind == "dies": os.kill(os.getpid(), signal.SIGKILL)
    if kind == "closes": os.closerange(0, 100)
    if kind == "kills_parent_s_group": os.killpg(0, signal.SIGKILL)
    return 0
'''


def add_warm_module(project: Project, name: str, source: str) -> None:
    """Run the project by a Longpole whose `warm` holds one module more: as if that had been installed."""
    package = project.root.parent / "path" / "longpole"
    _link_all(package, REPOSITORY / "longpole", but="rts_tests")
    _link_all(package / "rts_tests", REPOSITORY / "rts_tests", but="warm")
    _link_all(package / "rts_tests" / "warm", REPOSITORY / "rts_tests" / "warm", but=name)
    (package / "rts_tests" / "warm" / f"{name}.py").write_text(source)
    project.use_python_with(package.parent)


def _link_all(folder: Path, original: Path, *, but: str) -> None:
    folder.mkdir(parents=True)
    for path in original.iterdir():
        if path.name not in (but, "__pycache__"):
            (folder / path.name).symlink_to(path)


def test_a_unit_cannot_disturb_the_next_one(project: Project) -> None:
    add_warm_module(project, "disturbing", DISTURBING)
    kinds = ["fine", "raises", "exits", "dies", "closes", "kills_parent_s_group"]
    run = ["{python}", "-m", "rts_tests.warm.disturbing", "{module}", "{chunk}"]
    modules = {kind: {"seeds": 2, "chunks": 2} for kind in kinds}
    project.write({}, modules=modules, variants={"v": {"warm": True, "run": run}})
    done = project.make("-j2", "test")
    outcomes = {
        name: (row["status"], row["exit_code"] or row["signal"] or 0) for name, row in project.records().items()
    }
    for index in (0, 1):
        assert {kind: outcomes[f"v/{kind}[{index}]"] for kind in kinds} == {
            "fine": ("passed", 0),
            "raises": ("failed", 1),
            "exits": ("failed", 5),
            "dies": ("crashed", "SIGKILL"),
            "closes": outcomes[f"v/closes[{index}]"],
            "kills_parent_s_group": ("crashed", "SIGKILL"),
        }, done.text
    for index in (0, 1):
        log = project.log(f"test-v-fine-{index}").decode()
        assert log == f"[] v/fine[{index}] ''\nno newline at the end"
    assert b"ValueError: on purpose" in project.log("test-v-raises-0")
    assert not any(b"spoilt" in path.read_bytes() for path in (project.last / "units").glob("*.log"))


def test_a_module_can_be_called_by_hand(project: Project) -> None:
    _write(project)
    project.make("build")
    by_hand = [sys.executable, "-m", "longpole.rts_tests.warm.wasm", "tests.cwasm"]
    assert project.run(*by_hand, "test_fine", "0", "1").out == "hello from wasm\n"
    assert project.run(*by_hand, "test_traps", "0", "1").status == 1
    assert project.run(*by_hand).status == 2


KILLING = """
import functools, os, signal
def prepare(argv):
    return functools.partial(main, argv)
def main(argv):
    environ = os.environ
    print(environ["LONGPOLE_UNIT"], environ.get("ONLY_FIRST"), environ["PATH"] == environ.get("SET_BY_FIRST"))
    if argv[0] == "kills":
        os.kill(os.getppid(), signal.SIGKILL)
        while True:
            signal.pause()
    return 0
"""


def test_a_zygote_that_is_killed_takes_its_units_with_it_and_is_replaced(project: Project) -> None:
    add_warm_module(project, "killing", KILLING)
    modules = {"kills": {"weight": 9}, "after": {}, "later": {}}
    run = ["{python}", "-m", "rts_tests.warm.killing", "{module}"]
    project.write({}, modules=modules, variants={"v": {"warm": True, "run": run}})
    done = project.make("-j1", "test")
    assert project.statuses() == {"v/kills": "crashed", "v/after": "passed", "v/later": "passed"}, done.text
    assert "the process that forks warm units was killed" in project.records()["v/kills"]["note"]


EARLY = """
import functools, os, signal
def prepare(argv):
    if argv[0] == "early":
        os.register_at_fork(after_in_parent=signal.pause)  # so that its process is told to nobody
    return functools.partial(main, argv)
def main(argv):
    print("runs")
    while argv[0] == "early":
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return 0
"""


def test_a_unit_does_not_run_before_its_process_is_known_and_so_is_no_other_unit_s_leftover(project: Project) -> None:
    add_warm_module(project, "early", EARLY)
    run = ["{python}", "-m", "rts_tests.warm.early", "{module}"]
    modules = {"early": {"weight": 9, "timeout": 0.3}, "after": {}}
    project.write({}, modules=modules, variants={"v": {"warm": True, "run": run}})
    done = project.make("-j1", "test")
    assert project.statuses() == {"v/early": "timeout", "v/after": "passed"}, done.text
    assert project.log("test-v-after") == b"runs\n"
    assert b"runs" not in project.log("test-v-early")


def test_a_unit_has_its_own_variables_and_no_other_s(project: Project) -> None:
    add_warm_module(project, "killing", KILLING)
    modules = {
        "first": {"weight": 9, "env": {"ONLY_FIRST": "yes", "PATH": "elsewhere", "SET_BY_FIRST": "elsewhere"}},
        "second": {},
    }
    run = ["{python}", "-m", "rts_tests.warm.killing", "{module}"]
    project.write({}, modules=modules, variants={"v": {"warm": True, "run": run}})
    done = project.make("-j1", "test")
    assert project.log("test-v-first") == b"v/first yes True\n", done.text
    assert project.log("test-v-second") == b"v/second None False\n", done.text


STARTING = r"""
(module
  (import "host" "print" (func $print (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "started\n")
  (func $start (call $print (i32.const 0) (i32.const 8)))
  (start $start)
  (func (export "test_one") (param i64 i64))
  (func (export "test_two") (param i64 i64)))
"""


@pytest.mark.parametrize("warm", ["1", "0"])
def test_a_module_that_prints_when_it_starts_does_so_for_each_unit(project: Project, warm: str) -> None:
    _write(project)
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(STARTING))
    _write_suite(project, {"one": {}, "two": {}})
    done = project.make("-j1", "test", WARM=warm)
    assert [project.log(f"test-v-{name}") for name in ("one", "two")] == [b"started\n", b"started\n"], done.text


@pytest.mark.slow
def test_a_module_that_never_starts_is_its_units_timeout(project: Project) -> None:
    endless = (
        '(module (func $start (loop $again (br $again))) (start $start) (func (export "test_one") (param i64 i64)))'
    )
    _write(project)
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(endless))
    _write_suite(project, {"one": {"timeout": 0.3}})
    done = project.make("-j1", "test")
    assert project.statuses() == {"v/one": "timeout"}, done.text


def test_a_call_with_the_wrong_arguments_says_what_the_function_takes(project: Project) -> None:
    _write(project)
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm('(module (func (export "test_one") (param f32)))'))
    _write_suite(project, {"one": {}})
    project.make("-j1", "test")
    assert b"tests.cwasm: test_one takes (f32), not 2 integers" in project.log("test-v-one")


def test_a_warm_module_that_is_missing_is_said_and_its_units_are_executed(project: Project) -> None:
    project.write(
        {}, modules={"one": {}}, variants={"v": {"warm": True, "run": ["{python}", "-m", "rts_tests.warm.no"]}}
    )
    done = project.make("test")
    assert "warm units of v run cold: longpole.rts_tests.warm.no: No module named" in done.err
    assert project.statuses() == {"v/one": "failed"}
    assert b"No module named longpole.rts_tests.warm.no" in project.log("test-v-one")


MISSING = """
import os
if __name__ == "__main__":
    open("executed", "w").close()
else:
    open("imported", "w").close()
    open("go").read()
    raise ImportError("nothing to import")
"""


def test_a_unit_that_is_cancelled_before_its_module_turns_out_to_be_missing_is_not_executed(project: Project) -> None:
    add_warm_module(project, "absent", MISSING)
    run = ["{python}", "-m", "rts_tests.warm.absent"]
    variants = {"v": {"warm": True, "run": run}, "w": {}}
    project.write(
        {"one": "trap 'touch told; exit 0' TERM; touch started; sleep 300 & wait"},
        variants=variants,
        limits={"grace": 300},
    )
    os.mkfifo(project.root / "go")
    running = project.start("make", "-j2", "test")
    for name in ("imported", "started"):
        eventually(f"it is {name}", (project.root / name).exists)
    os.killpg(running.pid, signal.SIGINT)
    eventually("units are told to end", (project.root / "told").exists)
    (project.root / "go").write_text("")
    running.communicate()
    assert not (project.root / "executed").exists()
    assert project.statuses() == {"v/one": "cancelled", "w/one": "cancelled"}
