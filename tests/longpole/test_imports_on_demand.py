"""A command imports what it needs: `--version` not even click, a command's help no other command."""

import subprocess
import sys

import pytest

from tests.project import Project

NOT_FOR_HELP = {"jinja2", "yaml", "pydantic", "filelock", "wasmtime", "longpole.gen", "longpole.rts_tests.run"}

SHOW = """
import contextlib, io, sys
sys.argv = ["longpole", *sys.argv[1:]]
from longpole.__main__ import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main()
print(*sys.modules)
"""


def imported(*argv: str) -> set[str]:
    """The modules that a command line leaves imported."""
    done = subprocess.run([sys.executable, "-c", SHOW, *argv], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def commands(modules: set[str]) -> set[str]:
    return {name.removeprefix("longpole.commands.") for name in modules if name.startswith("longpole.commands.")}


def test_the_version_is_told_without_click() -> None:
    found = imported("--version")
    assert "longpole.version" in found
    assert not found & {"click", "dataclasses", "importlib.metadata", "longpole.command_line", "pathlib"}


@pytest.mark.parametrize(
    ("argv", "modules"),
    [
        (["list", "--help"], {"plan"}),
        (["runs", "remove", "--help"], {"runs"}),
        (["report", "--help"], {"report"}),
        (["completion", "bash"], {"shell"}),
        (["nonsense"], set()),
    ],
)
def test_a_command_imports_no_other(argv: list[str], modules: set[str]) -> None:
    found = imported(*argv)
    assert commands(found) == modules
    assert not found & NOT_FOR_HELP


def test_the_list_of_all_commands_imports_only_their_options() -> None:
    found = imported("--help")
    assert len(commands(found)) > 5
    assert not found & NOT_FOR_HELP


def test_a_run_with_nothing_to_do_needs_no_command_line(project: Project) -> None:
    """What the Makefile calls is answered without click, and without what only a run needs."""
    project.write({"one": ""})
    project.make("test")
    script = "import sys; sys.argv[1:] = ['supervise', 'make', 'Makefile']; import longpole.__main__ as m\n"
    script += "try: m.main()\nexcept SystemExit as e: print(e.code, *sys.modules, file=sys.stderr)"
    done = project.run(sys.executable, "-c", script, LONGPOLE_GOALS="retest")
    assert done.err.split()[0] == "0", done.text
    loaded = set(done.err.split())
    assert not loaded & {
        "click",
        "longpole.rts_tests.supervise.supervisor",
        "longpole.rts_tests.report.summary",
        "subprocess",
    }


def test_scenarios_without_a_suite_need_no_reader_of_suites(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.root / "scenarios").mkdir()
    (project.root / "scenarios" / "a.yml").write_text("name: a\nsteps: [{name: one, run: 'true'}]\n")
    monkeypatch.chdir(project.root)
    found = imported("scenario", "--show")
    assert "longpole.scenarios.chosen" in found
    assert not found & {"pydantic", "jinja2", "longpole.gen.suite.schema"}
