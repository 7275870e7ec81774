"""What interactive shells complete after Tab."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.completable import completable
from tests.project import REPOSITORY, Project
from tests.terminal import Terminal

READY = "ready> "
COMPLETIONS = REPOSITORY / "longpole" / "completions"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = completable(tmp_path_factory.mktemp("completion"))
    yield made
    made.end()


SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "PS1='ready> '; eval \"$(longpole completion bash)\"; clear",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "PS1='ready> '; autoload -U compinit; compinit -u -D; eval \"$(longpole completion zsh)\"; clear",
    ),
    "zsh, installed": (
        ["zsh", "-f", "-i"],
        f"PS1='ready> '; fpath=({COMPLETIONS} $fpath); autoload -U compinit; compinit -u -D; clear",
    ),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("longpole stre", "longpole stress"),
        ("longpole stress v/al", "longpole stress v/alpha"),
        ("longpole stress v/be", r"longpole stress v/beta\["),
        ("longpole run test-v-al", "longpole run test-v-alpha"),
        ("longpole report prev", "longpole report previous"),
        ("longpole render --suite sui", "longpole render --suite suite.yaml"),
    ],
)
def test_tab_completes_in_an_interactive_shell(project: Project, shell: str, typed: str, completed: str) -> None:
    argv, prepare = SHELLS[shell]
    with Terminal(project, *argv, columns=160, environ={"PATH": project.environ["PATH"]}) as terminal:
        terminal.until("there is a prompt", lambda: terminal.text.strip() != "")
        terminal.type(f"{prepare}\n".encode())
        terminal.until("completion is set up", lambda: terminal.text.strip() == READY.strip())
        terminal.type(f"{typed}\t".encode())
        terminal.until(f"{typed!r} is completed", lambda: f"{READY}{completed}" in terminal.text)


def test_bash_completes_a_chunk_to_the_one_word_that_it_is(project: Project) -> None:
    (project.root / "v").mkdir(exist_ok=True)
    (project.root / "v" / "beta0").touch()  # what the pattern v/beta[0] would match
    argv, prepare = SHELLS["bash"]
    with Terminal(project, *argv, columns=160, environ={"PATH": project.environ["PATH"]}) as terminal:
        terminal.until("there is a prompt", lambda: terminal.text.strip() != "")
        terminal.type(f"{prepare}\n".encode())
        terminal.until("completion is set up", lambda: terminal.text.strip() == READY.strip())
        terminal.type(b"longpole stress v/beta\\[1\t")
        terminal.until("the chunk is completed", lambda: r"longpole stress v/beta\[1\]" in terminal.text)


def test_fish_offers_the_same(project: Project) -> None:
    for typed, offered in [
        ("longpole stress v/", ["v/alpha", "v/beta[0]", "v/beta[1]"]),
        ("longpole run rete", ["retest"]),
    ]:
        script = f"longpole completion fish | source; complete -C '{typed}'"
        done = project.run("fish", "--no-config", "-c", script)
        assert [re.split(r"\t", line)[0] for line in done.out.splitlines()] == offered


def test_fish_finds_the_script_that_pipx_links_into_the_home(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / ".local/share/fish/vendor_completions.d"
    folder.mkdir(parents=True)
    shutil.copy(COMPLETIONS / "longpole.fish", folder)
    done = project.run("fish", "-c", "complete -C 'longpole stress v/al'", HOME=str(tmp_path))
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["v/alpha"]


def test_the_script_of_bash_says_what_it_completes_as_bash_completion_needs(project: Project) -> None:
    """bash-completion reads the file that is named like the command, and then asks bash what the command has."""
    script = f"source {COMPLETIONS}/longpole.bash; complete -p longpole"
    done = project.run("bash", "--norc", "-c", script)
    assert done.out == "complete -o nosort -F _longpole_completion longpole\n"
