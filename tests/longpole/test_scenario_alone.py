"""`longpole scenario -i` on a real terminal, and `--setup-only`: one scenario at a time, without a run."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import Project, eventually
from tests.terminal import Terminal

SCENARIO = """\
name: Three steps
description: About steps.
repos:
  - name: r
    branches: [{name: main, files: [{path: a, content: x}]}]
steps:
  - name: make
    run: echo one >>made; git clone $REMOTE_R c; echo out
    expect: {exit_code: 0, files_exist: [made], output_contains: [out]}
  - name: look
    run: cat made; test $(wc -l <made) = 2
    expect: {exit_code: 0, output_contains: [one]}
  - name: free
    run: pwd
    cwd: c
"""


@pytest.fixture
def corpus(project: Project, tmp_path: Path) -> Iterator[Project]:
    """A folder with a scenario, and a folder for temporary files of which nothing may be left."""
    (project.root / "scenarios").mkdir()
    (project.root / "scenarios" / "three.yml").write_text(SCENARIO)
    temporary = tempfile.mkdtemp(prefix="longpole-test-")  # not below a checkout, and short
    project.environ["TMPDIR"] = temporary
    yield project
    shutil.rmtree(temporary)


def left(corpus: Project) -> list[str]:
    """What is left in the folder for temporary files, and of runs."""
    found = [*os.listdir(corpus.environ["TMPDIR"])]
    runs = corpus.root / ".longpole" / "runs"
    return found + ([each.name for each in runs.iterdir()] if runs.exists() else [])


def typed(corpus: Project, *words: str, columns: int = 80) -> Terminal:
    return Terminal(corpus, corpus.python, "-m", "longpole", "scenario", *words, columns=columns)


def press(terminal: Terminal, keys: str, *, prompts: int) -> None:
    """Press the keys when so many prompts have been shown."""
    terminal.until(f"there are {prompts} prompts", lambda: terminal.text.count("[q] quit") == prompts)
    terminal.type(keys.encode())


def test_every_step_is_shown_before_it_is_run_and_a_passing_one_is_followed_by_the_next(corpus: Project) -> None:
    with typed(corpus, "-i", "three") as terminal:
        press(terminal, "\r", prompts=1)
        press(terminal, " ", prompts=2)
        press(terminal, "c", prompts=3)
        press(terminal, "\r", prompts=4)
        press(terminal, "q", prompts=5)
        assert terminal.wait() == 1
        text = terminal.text
        assert text.startswith("Three steps  scenarios/three.yml  variant default\nAbout steps.\nin /")
        assert "[1/3] make  scenarios/three.yml:7\n  $ echo one >>made; git clone /" in text
        assert "  exit code 0\n  | out\n" in text
        assert "  ok, 3 checks\n\n[2/3] look  scenarios/three.yml:10\n" in text
        assert "[Enter] run  [x] run without checks  [s] skip  [a] run to the end  [q] quit\n" in text
        assert "FAILED  scenarios/three.yml:12: exit_code: 0: it is 1\n" in text
        assert "[Enter] next  [c] show checks  [r] run again  [R] start over  [q] quit\n" in text
        assert "  ok      output_contains: one\n" in text
        assert "[3/3] free" in text
        assert terminal.is_sane
    assert left(corpus) == []


def test_run_again_and_start_over(corpus: Project) -> None:
    with typed(corpus, "-i", "three") as terminal:
        press(terminal, "x", prompts=1)
        press(terminal, "r", prompts=2)  # now `made` has two lines
        press(terminal, "\r", prompts=3)
        press(terminal, "\r", prompts=4)  # so this passes
        press(terminal, "s", prompts=5)
        assert terminal.wait() == 0
    with typed(corpus, "-i", "three") as terminal:
        press(terminal, "\r", prompts=1)
        press(terminal, "\r", prompts=2)
        press(terminal, "R", prompts=3)
        press(terminal, "q", prompts=4)
        assert terminal.wait() == 0
        assert "everything is reset" in terminal.text
        assert terminal.text.count("[1/3] make") == 2
    assert left(corpus) == []


def test_run_to_the_end(corpus: Project) -> None:
    with typed(corpus, "-i", "three") as terminal:
        press(terminal, "a", prompts=1)
        assert terminal.wait() == 1
        assert "[3/3] free" in terminal.text
        assert terminal.text.count("[q] quit") == 1
    assert left(corpus) == []


@pytest.mark.parametrize("key", ["q", "\x1b", "\x04"])
def test_quit(corpus: Project, key: str) -> None:
    with typed(corpus, "-i", "three") as terminal:
        press(terminal, key, prompts=1)
        assert terminal.wait() == 0
    assert left(corpus) == []


def test_a_step_to_begin_with_and_a_loop(corpus: Project) -> None:
    with typed(corpus, "-i", "three", "--step", "3") as terminal:
        press(terminal, "\r", prompts=1)
        press(terminal, "\r", prompts=2)
        assert terminal.wait() == 1  # a step before it failed, and was shown
        assert "[2/3] look" in terminal.text and "[1/3]" not in terminal.text
    with typed(corpus, "-i", "three", "--step", "1", "--loop-count", "2") as terminal:
        press(terminal, "\r", prompts=1)
        assert terminal.wait() == 0
        assert "round 2 of 2" in terminal.text
        assert terminal.text.count("ok, 3 checks") == 2
    assert left(corpus) == []


def test_several_scenarios_one_after_the_other_on_a_narrow_terminal(corpus: Project) -> None:
    (corpus.root / "other.yml").write_text("name: Other\nsteps: [{name: a, run: 'true', expect: {exit_code: 0}}]\n")
    with typed(corpus, "-i", "other.yml", "scenarios/three.yml", columns=60) as terminal:
        terminal.until("it asks", lambda: "quit" in terminal.text)
        terminal.type(b"\r")
        terminal.until("the next begins", lambda: "Three steps" in terminal.text)
        terminal.type(b"q")
        assert terminal.wait() == 0
        assert terminal.is_sane
    assert left(corpus) == []


@pytest.mark.parametrize("where", ["at the prompt", "in a step"])
def test_ctrl_c_leaves_nothing(corpus: Project, where: str) -> None:
    step = "{name: a, run: 'echo begun >&2; touch begun; (setsid sleep 1000 &) ; sleep 1000'}"
    (corpus.root / "long.yml").write_text(f"name: Long\nsteps: [{step}]\n")
    begun = corpus.root / "begun"
    (corpus.root / "long.yml").write_text(f"name: Long\nsteps: [{step.replace('touch begun', f'touch {begun}')}]\n")
    with typed(corpus, "-i", "long.yml") as terminal:
        terminal.until("it asks", lambda: "quit" in terminal.text)
        if where == "in a step":
            terminal.type(b"\r")
            eventually("the step runs", begun.exists)
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        assert terminal.is_sane
        assert "Traceback" not in terminal.text
    assert left(corpus) == []
    assert [command for command in corpus.processes().values() if "sleep" in command] == []


def test_killed_at_the_prompt_leaves_nothing_after_the_next_one(corpus: Project) -> None:
    with typed(corpus, "-i", "three") as terminal:
        terminal.until("it asks", lambda: "quit" in terminal.text)
        os.killpg(terminal.pid, signal.SIGKILL)
        terminal.wait()
    assert left(corpus) != []
    assert corpus.longpole("scenario", "--setup-only", "three", "--step", "1").status == 0
    assert all(name.startswith("longpole-kept-") for name in left(corpus))


def test_without_a_terminal_it_is_refused_and_nothing_is_made(corpus: Project) -> None:
    done = corpus.longpole("scenario", "-i", "three")
    assert (done.status, done.out) == (2, "")
    assert done.err == "longpole: -i: standard input or output is no terminal; leave out -i\n"
    assert left(corpus) == []


@pytest.mark.parametrize("words", [["-i", "--step", "4"], ["--setup-only", "--step", "4"]])
def test_a_step_that_does_not_exist_is_refused_before_anything_starts(corpus: Project, words: list[str]) -> None:
    with typed(corpus, *words, "three") as terminal:
        assert terminal.wait() == 2
        assert "has 3 steps, and no step 4" in " ".join(terminal.text.split())
    assert left(corpus) == []


def test_errors_of_the_file_are_reported_before_anything_starts(corpus: Project) -> None:
    (corpus.root / "bad.yml").write_text("nam: x\nsteps: []\n")
    for words in (["-i"], ["--setup-only"]):
        with typed(corpus, *words, "bad.yml", "three") as terminal:
            assert terminal.wait() == 2
            assert "bad.yml:2:8: there are no steps" in terminal.text
    assert left(corpus) == []


def test_it_has_the_environment_of_the_suite_and_of_the_first_variant(corpus: Project) -> None:
    (corpus.root / "tools").mkdir()
    (corpus.root / "tools" / "mytool").write_text("#!/bin/sh\necho mine\n")
    (corpus.root / "tools" / "mytool").chmod(0o755)
    suite = {"version": 1, "name": "s", "scenarios": {"env": {"WHO": "all"}}}
    suite["variants"] = {"one": {"bin": "tools", "env": {"WHO": "one"}}, "two": {}}
    (corpus.root / "suite.yaml").write_text(json.dumps(suite))
    step = "mytool >$WORK_DIR/out; echo $WHO $WORKSPACE_ROOT >>out"
    (corpus.root / "scenarios" / "env.yml").write_text(f"name: E\nsteps: [{{name: a, run: '{step}'}}]\n")
    done = corpus.longpole("scenario", "--setup-only", "env")
    work = Path(done.out.removesuffix("\n"))
    assert (work / "out").read_text() == f"mine\none {corpus.root}\n"
    done = corpus.longpole("scenario", "--setup-only", "env", "--variant", "two")
    assert (Path(done.out.removesuffix("\n")) / "out").read_text() == f"all {corpus.root}\n"


# -- only set up ------------------------------------------------------------------------------------------------------


def test_setup_only_prints_the_work_directory_alone_and_keeps_it(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--setup-only", "three", "--step", "2")
    assert (done.status, done.err) == (0, "")
    work = Path(done.out.removesuffix("\n"))
    assert sorted(os.listdir(work)) == ["c", "made"]
    assert corpus.run("git", "-C", str(work / "c"), "log", "--format=%s").out == "Initial commit\n"
    assert len(left(corpus)) == 1


def test_setup_only_shows_failures_on_standard_error(corpus: Project) -> None:
    done = corpus.longpole("scenario", "--setup-only", "three")
    assert done.status == 1
    assert os.path.isdir(done.out.removesuffix("\n"))
    assert "FAILED   2. look" in done.err and "scenarios/three.yml:10" in done.err
    assert "1. make" not in done.err
    verbose = corpus.longpole("scenario", "--setup-only", "three", "-v", "--step", "2")
    assert verbose.err.startswith("ok       1. make")


def test_setup_only_that_is_interrupted_keeps_nothing(corpus: Project) -> None:
    begun = corpus.root / "begun"
    (corpus.root / "long.yml").write_text(f"name: L\nsteps: [{{name: a, run: 'touch {begun}; sleep 1000'}}]\n")
    process = corpus.start(corpus.python, "-m", "longpole", "scenario", "--setup-only", "long.yml")
    eventually("the step runs", begun.exists)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert left(corpus) == []
