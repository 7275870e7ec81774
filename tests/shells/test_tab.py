"""What interactive shells complete after Tab."""

import re
from collections.abc import Iterator

import pytest

from tests.completable import completable
from tests.project import Project
from tests.terminal import Terminal

READY = "ready> "


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
