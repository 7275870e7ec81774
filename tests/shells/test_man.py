"""The manual page as `man` shows it."""

import subprocess
from pathlib import Path

from longpole.command_line import COMMANDS
from tests.project import REPOSITORY

PAGE = REPOSITORY / "longpole" / "longpole.1"


def test_man_reads_it_without_a_warning(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "HOME": str(tmp_path)}
    argv = ["man", "--warnings=w", "-P", "cat", "-l", str(PAGE)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert [name for name in COMMANDS if f"longpole {name} " not in done.stdout] == []
    assert 'eval "$(longpole completion bash)"' in done.stdout
    assert "longpole compare -5 last --json" in done.stdout
