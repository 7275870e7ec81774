"""The walk through docs/perf.md, typed as it stands there: what it promises is what comes out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import REPOSITORY, tool

PAGE = (REPOSITORY / "docs/perf.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def typed(script: str, folder: Path) -> str:
    """Output of commands in a shell that stops at the first that fails."""
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    command = [tool("bash"), "--noprofile", "--norc", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_walk_shows_what_the_page_says(tmp_path: Path) -> None:
    first, then = BLOCKS
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    said = typed(first, tmp_path)
    for shown in re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1:]:
        assert shown in said
    changes = re.findall(r"^    (worse|better) +(\S+) %  (\S+)$", said, re.MULTILINE)
    assert {(kind, name) for kind, _, name in changes} == {
        ("worse", "sema@O0"),
        ("better", "sema@O0"),
        ("worse", "parse@O3"),
        ("better", "link@O0"),
    }
    assert len(changes) == 4 * 2 * 3  # steps, platforms, metrics
    page = tmp_path / "walk/site/index.html"
    assert "uPlot" in "".join(path.read_text(errors="replace") for path in page.parent.rglob("*.js"))
    said = typed(f"cd walk/project\n{then}", tmp_path)
    assert "link@O0" in said
    assert "measure" in said
