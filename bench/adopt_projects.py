"""The projects that `adopt` writes: tests that compute for a given time, for each of the runners.

Work is a fixed number of steps and no sleep: so what a runner computes besides is part of what is measured. `tiny` are
300 tests of 10 ms, `long` are 61, of which the last in the runner's order takes more than a quarter of the whole.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TINY = (10,) * 300
LONG = (480,) * 60 + (13_000,)
QUICK_SCALE = 0.03
PARTS = 6
"""Files, packages or binaries that share the tests."""

_C = """#include <stdlib.h>
int main(int count, char **words) {
    volatile unsigned x = 1;
    for (unsigned long n = strtoul(words[1], 0, 10) * 800000UL; n--;) x = x * 1664525u + 1013904223u;
    return count != 2;
}
"""
_RUST = """#[cfg(test)]
fn work(ms: u64) {
    let mut x = 1u32;
    for _ in 0..ms * 400_000 {
        x = std::hint::black_box(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    }
}
"""
_GO = """package {package}

import "testing"

var sink uint32

func work(ms int) {{
	x := uint32(1)
	for i := 0; i < ms*800000; i++ {{
		x = x*1664525 + 1013904223
	}}
	sink = x
}}
"""
_PYTHON = """def work(ms):
    x = 1
    for _ in range(ms * 13_000):
        x = x * 3 & 1023
"""


def shares(tests: Sequence[int]) -> list[list[tuple[int, int]]]:
    """The tests, number and milliseconds, in `PARTS` parts of neighbours."""
    numbered = list(enumerate(tests))
    size = -(-len(numbered) // PARTS)
    return [numbered[start : start + size] for start in range(0, len(numbered), size)]


def _ctest(tests: Sequence[int]) -> Mapping[str, str]:
    lines = ["cmake_minimum_required(VERSION 3.21)", "project(adopt LANGUAGES C)", "enable_testing()"]
    lines += ["set(CMAKE_C_FLAGS -O1)", "add_executable(work work.c)"]
    lines += [f"add_test(NAME t{number:03} COMMAND work {ms})" for number, ms in enumerate(tests)]
    return {"CMakeLists.txt": "\n".join(lines) + "\n", "work.c": _C}


def _meson(tests: Sequence[int]) -> Mapping[str, str]:
    lines = ["project('adopt', 'c', default_options: ['optimization=1'])", "work = executable('work', 'work.c')"]
    lines += [f"test('t{number:03}', work, args: ['{ms}'])" for number, ms in enumerate(tests)]
    return {"meson.build": "\n".join(lines) + "\n", "work.c": _C}


def _cargo(tests: Sequence[int]) -> Mapping[str, str]:
    manifest = '[package]\nname = "adopt"\nversion = "0.0.0"\nedition = "2021"\n\n[profile.dev]\nopt-level = 1\n'
    files = {"Cargo.toml": manifest, "src/lib.rs": ""}
    for part, share in enumerate(shares(tests)):
        lines = [f"#[test]\nfn t{number:03}() {{\n    work({ms});\n}}\n" for number, ms in share]
        files[f"tests/part{part}.rs"] = "\n".join([_RUST, *lines])
    return files


def _go(tests: Sequence[int]) -> Mapping[str, str]:
    files = {"go.mod": "module example.com/adopt\n\ngo 1.19\n"}
    for part, share in enumerate(shares(tests)):
        lines = [f"func TestT{number:03}(t *testing.T) {{ work({ms}) }}\n" for number, ms in share]
        files[f"part{part}/part_test.go"] = "\n".join([_GO.format(package=f"part{part}"), *lines])
    return files


def _pytest(tests: Sequence[int]) -> Mapping[str, str]:
    files = {"pytest.ini": "[pytest]\ntestpaths = tests\n"}
    for part, share in enumerate(shares(tests)):
        lines = [f"def test_t{number:03}():\n    work({ms})\n" for number, ms in share]
        files[f"tests/test_part{part}.py"] = "\n\n".join([_PYTHON, *lines])
    return files


_FILES: dict[str, Callable[[Sequence[int]], Mapping[str, str]]] = {
    "cargo": _cargo,
    "ctest": _ctest,
    "go": _go,
    "meson": _meson,
    "pytest": _pytest,
}


def write_project(folder: Path, runner: str, tests: Sequence[int]) -> None:
    """Write a project for that runner, whose tests compute for so many milliseconds each."""
    for name, text in _FILES[runner](tests).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
