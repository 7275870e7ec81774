"""`longpole perf` without the libraries of its extra says what to install."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys, click
from longpole.commands.perf.group import perf
from longpole.errors_to_messages import exit_with

@perf.command()
def probe() -> None:
    import {module}

perf.get_command = lambda _, name: perf.commands[name]
exit_with(lambda: perf.main(["probe"], standalone_mode=False))
"""


@pytest.mark.parametrize("module", ["numpy", "ruptures", "scipy.stats", "sh"])
def test_a_missing_library_is_named_with_its_remedy(module: str) -> None:
    script = f"import sys; sys.modules[{module.split('.', maxsplit=1)[0]!r}] = None\n{SCRIPT.format(module=module)}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"longpole perf needs {module.split('.', maxsplit=1)[0]}; pip install 'longpole[perf]'" in done.stderr


def test_another_missing_module_is_an_error_of_ours() -> None:
    script = SCRIPT.format(module="no_such_module_at_all")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode not in (0, 2)
