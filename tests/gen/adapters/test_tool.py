"""Programs of a project that fail: what they printed is shown as they printed it, then the cause and the remedy."""

import sys
from pathlib import Path

import pytest

from longpole.gen.adapters.tool import output_of
from longpole.rts_tests.contracts.errors import UseError
from tests.gen.adapters.projects import empty, write
from tests.project import Project

__all__ = ["empty"]

BUILD = """
i=0
while [ $i -lt 300 ]; do
  i=$((i + 1)); echo "compiling $i"; [ $i != 7 ] || echo "a.c:3:1: error: no such thing" >&2
done
echo 'make: *** [all] Error 1' >&2
exit 3
"""


def failure_of(root: Path, script: str, remedy: str = "") -> UseError:
    with pytest.raises(UseError) as raised:
        output_of(root, "sh", "-c", script, remedy=remedy)
    return raised.value


def test_what_it_printed_is_kept_as_lines_with_the_cause(tmp_path: Path) -> None:
    error = failure_of(tmp_path, BUILD, remedy="mend the build")
    lines = error.output.splitlines()
    assert len(lines) < 30
    assert "a.c:3:1: error: no such thing" in lines
    assert lines[-1] == "make: *** [all] Error 1"
    assert "compiling 300" in lines
    message = str(error)
    assert "\n" not in message
    assert "\\n" not in message.partition("` failed")[2]
    assert message.endswith("failed with status 3: a.c:3:1: error: no such thing; mend the build")


def test_the_last_line_is_the_cause_where_none_looks_like_one(tmp_path: Path) -> None:
    assert "with status 1: that was it; make it" in str(failure_of(tmp_path, "echo before; echo that was it; exit 1"))
    assert "failed with status 1; make it" in str(failure_of(tmp_path, "exit 1"))


def test_a_signal_and_a_program_that_cannot_be_started_are_errors_of_use(tmp_path: Path) -> None:
    assert "was ended by SIGKILL" in str(failure_of(tmp_path, "kill -9 $$"))
    script = tmp_path / "nothing"
    script.write_bytes(b"\x7fELF nothing")
    script.chmod(0o755)
    with pytest.raises(UseError, match="nothing cannot be started"):
        output_of(tmp_path, str(script))
    with pytest.raises(UseError, match="no-such-program is missing"):
        output_of(tmp_path, "no-such-program")


def test_a_failing_build_is_shown_as_lines_that_cannot_control_the_terminal(empty: Project) -> None:
    hostile = "import sys; sys.exit('first line\\n\\x1b]0;title\\x07\\x1b[2Jsecond \\x9b31m line\\n##[group]last')"
    write(empty.root, {"conftest.py": hostile})
    done = empty.longpole("init")
    assert done.status == 2
    assert "\x1b" not in done.err
    assert "\nfirst line\n" in done.err
    assert "second  line\n" in done.err
    *_, last = done.err.splitlines()
    assert last.startswith("longpole: `")
    assert "\\n" not in last
    assert "Traceback" not in last
    assert not (empty.root / "suite.yaml").exists()
    assert sys.executable not in last
