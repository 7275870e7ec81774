"""Writes the lists of tests and benchmarks of a build tree: `meson runpython clients/meson/tests.py TREE FOLDER`.

It runs in Meson's own Python. `meson introspect --tests` knows neither which tests should fail, nor wrappers, nor test
setups, and has forgotten what is prepended to a variable; Meson's own runner reads the files that are read here.
FOLDER gets `tests.jsonl` and `benchmarks.jsonl`, for Longpole's client `batch`.
"""

import json
import os
import pickle
import shlex
import sys
import zlib
from collections import Counter
from typing import Any, Dict, List, Optional, Sequence, Tuple

_SANITIZERS = (
    ("ASAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_summary=1"),
    ("UBSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_summary=1:print_stacktrace=1"),
    ("MSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_summary=1:print_stacktrace=1"),
)
"""What Meson's runner sets where a variable is empty: sanitizers do not end programs by themselves."""


def main(argv: List[str]) -> int:
    """Write both lists; return the exit status."""
    from mesonbuild import build, mtest

    tree, folder = (os.path.abspath(each) for each in argv)
    os.chdir(tree)
    data = build.load(tree)
    head = {
        "version": 1,
        "project": data.project_name,
        "setup": data.test_setup_default_name or None,
        "setups": {name: _setup(setup) for name, setup in data.test_setups.items()},
    }
    excluded = {name: setup.exclude_suites for name, setup in data.test_setups.items() if setup.exclude_suites}
    os.makedirs(folder, exist_ok=True)
    for kind in ("test", "benchmark"):
        with open(os.path.join("meson-private", f"meson_{kind}_setup.dat"), "rb") as file:
            tests = pickle.load(file)  # noqa: S301  Meson's own, in the build tree
        path = os.path.join(folder, f"{kind}s.jsonl")
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            file.write(json.dumps(head) + "\n")
            for name, test in zip(ids([(test.project_name, test.name) for test in tests]), tests):
                row = _test(name, test, tree, kind == "benchmark")
                in_suites = mtest.TestHarness.test_in_suites
                row["excluded_by"] = [setup for setup, suites in excluded.items() if in_suites(test, suites)]
                file.write(json.dumps(row) + "\n")
        os.replace(path + ".tmp", path)
    return 0


def ids(tests: Sequence[Tuple[str, str]]) -> List[str]:
    """A name for each test of a project: its own where no other has it, else with its project, else with a number, too.

    With its project, a test is called as `meson test` knows it.
    """
    times = Counter(name for _, name in tests)
    taken = {name for name, number in times.items() if number == 1}
    found = []
    for project, name in tests:
        chosen, number = name, 1
        while times[name] > 1 and (number == 1 or chosen in taken):
            chosen = f"{project}:{name}" + (f" ({number})" if number > 1 else "")
            if chosen not in taken:
                break
            number += 1
        taken.add(chosen)
        found.append(chosen)
    return found


def _test(name: str, test: Any, tree: str, is_benchmark: bool) -> Dict[str, Any]:
    operations = _operations(test.env)
    wrapper = test.exe_wrapper if test.is_cross_built and test.needs_exe_wrapper else None
    if wrapper is not None and wrapper.found():
        operations.append(("set", "MESON_EXE_WRAPPER", [" ".join(map(shlex.quote, wrapper.get_command()))], ""))
    operations.append(("set", "MESON_TEST_ITERATION", ["1"], ""))
    if test.extra_paths:
        operations.append(("prepend", "PATH", list(test.extra_paths), os.pathsep))
    if not is_benchmark:  # Meson's runner takes a random number; the same one each time makes failures come again
        perturbed = str(zlib.crc32(name.encode(errors="replace")) % 255 + 1)
        operations.append(("default", "MALLOC_PERTURB_", [perturbed], ""))
    operations += [("default", variable, [value], "") for variable, value in _SANITIZERS]
    timeout = test.timeout
    return {
        "id": name,
        "names": [test.name, f"{test.project_name}:{test.name}"],
        "argv": _command(test, wrapper),
        "cwd": test.workdir or tree,
        "timeout": timeout if timeout is not None and timeout > 0 else None,
        "env": operations,
        "protocol": str(test.protocol),
        "fails": bool(getattr(test, "expected_fail", getattr(test, "should_fail", False))),
        "exit_code": getattr(test, "expected_exitcode", None) or 0,
        "suites": list(test.suite),
        "is_parallel": bool(test.is_parallel),
        "priority": test.priority,
        "project": test.project_name,
    }


def _command(test: Any, wrapper: Any) -> Optional[List[str]]:
    """The words of the command; None if it cannot run here: it is built for another machine."""
    first, is_cross = test.fname[0], test.is_cross_built
    before = []
    if first.endswith(".jar"):
        before = ["java", "-jar"]
    elif first.endswith(".exe") and not is_cross and os.name == "posix" and sys.platform != "cygwin":
        before = ["mono"]
    elif test.cmd_is_exe and is_cross and test.needs_exe_wrapper:
        if wrapper is None or not wrapper.found():
            return None
        before = list(wrapper.get_command())
    return [*before, *test.fname, *test.cmd_args]


def _setup(setup: Any) -> Dict[str, Any]:
    multiplier = setup.timeout_multiplier
    return {
        "env": _operations(setup.env),
        "wrapper": list(setup.exe_wrapper or ()),
        "multiplier": 1 if multiplier is None else multiplier,
    }


def _operations(env: Any) -> List[Tuple[str, str, List[str], str]]:
    """What an environment of Meson does, in its order."""
    found = [(method.__name__.strip("_"), name, list(values), between) for method, name, values, between in env.envvars]
    return found + [("unset", name, [], "") for name in sorted(getattr(env, "unset_vars", ()))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
