"""`longpole init` in projects with pytest: a suite that runs what pytest runs, without an edit."""

import os

import pytest
import yaml

from tests.gen.adapters.projects import empty, write
from tests.project import Project

__all__ = ["empty"]

TESTS = """
import pytest

@pytest.mark.parametrize("x", ["a", "b c", "d/e", "::", "new\\nline"])
def test_x(x): pass

@pytest.mark.parametrize("x", [1, 2], ids=["é", "new\\nline"])
def test_ids(x): pass

class TestGroup:
    def test_in_class(self): pass

@getattr(pytest.mark, "skip")(reason="not here")
def test_skipped(): pass
"""


def test_the_suite_runs_the_same_tests_as_pytest_each_once(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": TESTS, "tests/test_b.py": TESTS, "tests/sub/test_c.py": TESTS})
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "wrote suite.yaml: 1 module, 27 tests\n" in done.out
    assert "now run: longpole render && make -j" in done.out
    assert (empty.root / ".gitignore").read_text() == "/.longpole/\n/target-*/\n"
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    verified = empty.longpole("init", "--verify")
    assert (verified.status, verified.out) == (0, "python: 27 tests, each run once\n")
    write(empty.root, {"tests/test_d.py": "def test_new(): pass\n"})
    verified = empty.longpole("init", "--verify")
    assert verified.status == 1
    assert "  not run: tests/test_d.py::test_new\n" in verified.out


def test_what_is_there_is_left_alone_and_nothing_is_written(empty: Project) -> None:
    write(empty.root, {"suite.yaml": "mine", "tests/test_a.py": TESTS})
    done = empty.longpole("init")
    assert done.status == 2
    assert "suite.yaml: exists, and is left alone" in done.err
    assert (empty.root / "suite.yaml").read_text() == "mine"
    assert not (empty.root / ".gitignore").exists()


def test_a_dry_run_prints_the_suite_and_writes_nothing(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": TESTS})
    before = sorted(os.listdir(empty.root))
    done = empty.longpole("init", "--dry-run")
    assert done.status == 0
    assert done.out.startswith("# yaml-language-server: $schema=")
    assert sorted(os.listdir(empty.root)) == before


def test_lines_are_added_to_gitignore_once(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": TESTS})
    (empty.root / ".gitignore").write_bytes(b"\xff\n.longpole")
    assert empty.longpole("init").status == 0
    assert (empty.root / ".gitignore").read_bytes() == b"\xff\n.longpole\n/target-*/\n"


def test_a_project_with_a_makefile_keeps_it(empty: Project) -> None:
    write(empty.root, {"Makefile": "all:\n\ttrue\n", "tests/test_a.py": TESTS})
    done = empty.longpole("init")
    assert "now run: longpole render -o longpole.mk && make -f longpole.mk -j" in done.out


def test_options_of_the_project_hold_and_workers_of_xdist_do_not(empty: Project) -> None:
    write(
        empty.root,
        {
            "pytest.ini": "[pytest]\naddopts = -n 2 -q -q -m 'not slow' --strict-markers\nmarkers = slow\n",
            "test_a.py": "import pytest\ndef test_a(): pass\n@pytest.mark.slow\ndef test_slow(): pass\n",
        },
    )
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "1 test\n" in done.out
    assert '"{classes_file}", -n0]' in (empty.root / "suite.yaml").read_text()


RANDOMLY = """
import random
def pytest_addoption(parser): parser.addoption("--randomly-seed", dest="randomly_seed", default="default")
def pytest_configure(config):
    if config.option.randomly_seed == "default": config.option.randomly_seed = random.random()
def pytest_collection_modifyitems(config, items): random.Random(str(config.option.randomly_seed)).shuffle(items)
"""
RANDOM_ORDER = """
def pytest_addoption(parser):
    parser.addoption("--random-order", action="store_true", dest="random_order_enabled")
    parser.addoption("--random-order-bucket", dest="random_order_bucket", default="default:module")
    parser.addoption("--random-order-seed", dest="random_order_seed", default="default:47")
"""
ORDERED = """
import pathlib
import pytest

@pytest.mark.parametrize("number", range(20))
def test_a(number, pytestconfig):
    with open("order.txt", "a") as file: file.write(f"{number} ")
"""


def test_a_random_order_takes_its_seed_from_the_commit(empty: Project) -> None:
    write(
        empty.root, {"randomly.py": RANDOMLY, "pytest.ini": "[pytest]\naddopts = -p randomly\n", "test_a.py": ORDERED}
    )
    done = empty.longpole("init")
    assert done.status == 0, done.text
    suite = (empty.root / "suite.yaml").read_text()
    assert "'--randomly-seed={first_seed}']" in suite
    assert "seeds: 1\n    seed_policy: commit\n" in suite
    assert empty.longpole("render").status == 0
    orders = []
    for word in ("LONGPOLE_VERBOSE=1", "LONGPOLE_VERBOSE=1", "SEED=7"):
        made = empty.make("test", word)
        assert made.status == 0, made.text
        orders.append((empty.root / "order.txt").read_text())
        (empty.root / "order.txt").unlink()
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0].split()) == sorted(map(str, range(20)))
    assert empty.longpole("init", "--verify").out == "python: 20 tests, each run once\n"


@pytest.mark.parametrize(
    ("options", "seeded"),
    [
        ("-p randomly --randomly-seed=3", []),
        ("-p random_order", []),
        ("-p random_order --random-order", ["--random-order-seed={first_seed}"]),
        ("-p random_order --random-order-bucket=global", ["--random-order-seed={first_seed}"]),
        ("-p random_order --random-order --random-order-seed=3", []),
        (
            "-p randomly -p random_order --random-order",
            ["--randomly-seed={first_seed}", "--random-order-seed={first_seed}"],
        ),
    ],
)
def test_only_an_order_that_is_random_and_has_no_seed_takes_one(
    empty: Project, options: str, seeded: list[str]
) -> None:
    files = {"randomly.py": RANDOMLY, "random_order.py": RANDOM_ORDER, "test_a.py": ORDERED}
    write(empty.root, {**files, "pytest.ini": f"[pytest]\naddopts = {options}\n"})
    done = empty.longpole("init", "--dry-run")
    assert done.status == 0, done.text
    module = yaml.safe_load(done.out)["modules"]["tests"]
    assert module["forks"]["run"][4:] == seeded
    assert ("seeds" in module) == bool(seeded)


COVERAGE = """
def pytest_addoption(parser):
    parser.addoption("--cov", dest="cov_source", action="append", nargs="?", const=True)
    parser.addoption("--no-cov", action="store_true")
    parser.addoption("--cov-fail-under")
def pytest_load_initial_conftests(early_config):
    if early_config.known_args_namespace.cov_source:
        early_config.pluginmanager.register(object(), "_cov")
def pytest_sessionfinish(session):
    option = session.config.option
    if option.cov_source and not option.no_cov and not option.collectonly:
        session.exitstatus = 1
"""


def test_coverage_is_not_measured_by_forks_which_each_have_a_part_of_the_tests(empty: Project) -> None:
    """A part would not reach `--cov-fail-under`."""
    options = "-p covered --cov --cov-fail-under=90"
    write(empty.root, {"covered.py": COVERAGE, "pytest.ini": f"[pytest]\naddopts = {options}\n", "test_a.py": ORDERED})
    assert empty.longpole("init").status == 0
    suite = (empty.root / "suite.yaml").read_text()
    assert "# `--no-cov`: each process would measure" in suite
    assert yaml.safe_load(suite)["modules"]["tests"]["forks"]["warm"] == "pytest"
    assert empty.longpole("render").status == 0
    made = empty.make("test")
    assert made.status == 0, made.text
    assert "run cold" not in made.text
    assert empty.longpole("init", "--verify").out == "python: 20 tests, each run once\n"


DOCTESTED = '''
def add(a, b):
    """
    >>> add(1, 2)
    3
    """
    return a + b
'''
PITFALLS = r"""
import pathlib
import unittest

import pytest

class Unit(unittest.TestCase):
    def test_sub(self):
        for number in range(3):
            with self.subTest(number=number):
                pass

class TestPlain:
    def setup_method(self): self.ready = True
    def test_ready(self): assert self.ready

ODD = ["\x1b[31m", "\x00", "a::b", "[x]", "é", "x" * 200, "$(touch bad)", "a\tb", "{x}", "", "'", "a\nb", "a b"]

@pytest.mark.parametrize("text", ODD)
def test_odd(text): pathlib.Path("in-tree.txt").write_text("x")

@pytest.mark.parametrize("text", ODD, ids=ODD)
def test_odd_ids(text): pass
"""


@pytest.mark.slow
def test_doctests_src_layout_equal_names_and_hostile_ids(empty: Project) -> None:
    ini = """
[tool.pytest.ini_options]
testpaths = ["tests", "src", "docs"]
pythonpath = ["src"]
addopts = "--doctest-modules --doctest-glob='*.md' --import-mode=importlib --strict-markers -ra"
"""
    files = {
        "pyproject.toml": ini,
        "src/pack/__init__.py": DOCTESTED,
        "src/pack/other.py": DOCTESTED,
        "docs/a.md": ">>> 1 + 2\n3\n",
    }
    write(empty.root, {**files, "tests/a/test_same.py": PITFALLS, "tests/b/test_same.py": PITFALLS})
    assert empty.longpole("init").status == 0
    assert empty.longpole("render").status == 0
    made = empty.make("-j2", "test")
    assert made.status == 0, made.text
    assert empty.longpole("init", "--verify").out == "python: 59 tests, each run once\n"
    assert not (empty.root / "bad").exists()


def test_tests_in_the_folders_of_packages_are_found_and_settings_there_are_named(empty: Project) -> None:
    ini = "[pytest]\naddopts = -q\n"
    files = {"setup.py": "", "pack/tests/test_a.py": ORDERED, "other/pytest.ini": ini, "node_modules/pytest.ini": ini}
    write(empty.root, files)
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "found pytest: pack/tests/test_a.py\n" in done.err
    assert "not in the suite: other/pytest.ini: holds where pytest is started in its folder" in done.out
    assert "longpole -C other init" in done.out
    assert "node_modules" not in done.out


@pytest.mark.parametrize(("keeper", "said"), [("tox.ini", "tox.ini keeps its environments to itself"), ("x", "")])
def test_a_project_without_an_environment_is_told_how_to_get_one(empty: Project, keeper: str, said: str) -> None:
    write(empty.root, {"test_a.py": "import no_such_module_at_all", keeper: ""})
    done = empty.longpole("init")
    assert done.status == 2
    assert "python -m venv .venv && .venv/bin/pip install pytest -e ." in done.err
    assert said in done.err


def test_durations_of_a_report_are_weights(empty: Project) -> None:
    write(empty.root, {"tests/test_a.py": "def test_a(): pass\n"})
    report = '<testsuite><testcase classname="tests.test_a" name="test_a" time="42.5"/></testsuite>'
    (empty.root / "junit.xml").write_text(report)
    done = empty.longpole("init", "--durations", "junit.xml")
    assert done.status == 0, done.text
    assert "weight: 42.5\n" in (empty.root / "suite.yaml").read_text()
    (empty.root / "suite.yaml").unlink()
    (empty.root / "junit.xml").write_text("nonsense")
    done = empty.longpole("init", "--durations", "junit.xml")
    assert done.status == 2
    assert "junit.xml: " in done.err
    assert not (empty.root / "suite.yaml").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no tests of a known kind were found here"),
        ({"conftest.py": ""}, "pytest lists no tests"),
        ({"conftest.py": "1/0"}, "ZeroDivisionError"),
        ({"test_a.py": "import no_such_module_at_all"}, "no_such_module_at_all"),
    ],
)
def test_a_project_that_cannot_be_read_gets_a_message_and_no_file(
    empty: Project, files: dict[str, str], message: str
) -> None:
    write(empty.root, files)
    done = empty.longpole("init")
    assert done.status == 2
    assert message in done.err
    assert not (empty.root / "suite.yaml").exists()
    assert not (empty.root / ".gitignore").exists()
