"""docs/adapters.md: what it says makes an adapter, registers it, and its test passes."""

import inspect
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gen.adapters.projects import empty
from tests.gen.adapters.walkthrough import File, steps, walk
from tests.project import REPOSITORY, Project

__all__ = ["empty"]

PAGE = REPOSITORY / "docs/adapters.md"
REGISTERED = 'Add its name, `"script"`, to `NAMES` in `longpole/adapter_names.py`'


@pytest.fixture
def with_adapter(empty: Project, tmp_path: Path) -> Project:
    """A project whose Python has a copy of Longpole with the page's adapter."""
    ours = tmp_path / "ours"
    shutil.copytree(REPOSITORY / "longpole", ours / "longpole", ignore=shutil.ignore_patterns("__pycache__", "perf"))
    text = PAGE.read_text()
    assert REGISTERED in text
    for step in steps(text):
        if isinstance(step, File) and step.path.startswith("gen/"):
            (ours / "longpole" / step.path).write_text(step.text)
    names = ours / "longpole/adapter_names.py"
    names.write_text(names.read_text().replace("NAMES = (", 'NAMES = ("script", '))
    empty.use_python_with(ours)
    command = ours / "bin/longpole"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {empty.python} -m longpole "$@"\n')
    command.chmod(0o755)
    empty.environ["PATH"] = f"{command.parent}:{empty.environ['PATH']}"
    return empty


@pytest.mark.slow
def test_what_the_page_types_works(with_adapter: Project, tmp_path: Path) -> None:
    elsewhere = {"gen/": tmp_path / "elsewhere", "tests/": tmp_path / "elsewhere"}
    assert walk(PAGE, with_adapter, elsewhere) == 5


@pytest.mark.slow
def test_the_test_of_the_page_passes(with_adapter: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {step.path: step.text for step in steps(PAGE.read_text()) if isinstance(step, File)}
    name = "longpole.gen.adapters.script"
    module = type(sys)(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(texts["gen/adapters/script.py"], "script.py", "exec"), module.__dict__)
    found: dict[str, Callable[..., None]] = {}
    exec(compile(texts["tests/gen/adapters/test_script.py"], "test_script.py", "exec"), found)
    tests = {name: test for name, test in found.items() if name.startswith("test_")}
    assert len(tests) == 2
    for test in tests.values():
        test(*[with_adapter for _ in inspect.signature(test).parameters])
