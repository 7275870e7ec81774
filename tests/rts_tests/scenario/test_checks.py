"""Every expectation of a step, both ways, and what is said about one that does not hold."""

import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from longpole.rts_tests.scenario import checks, shapes
from longpole.rts_tests.scenario.checks import Checked, check
from longpole.rts_tests.scenario.model import Check, Step
from longpole.rts_tests.scenario.steps import Outcome
from longpole.rts_tests.scenario.variables import Variables
from tests.rts_tests.scenario.page_examples import run_example

FINE = Outcome(0, b"", b"", 0.0)


def one(
    folder: Path,
    key: str,
    *texts: str,
    outcome: Outcome = FINE,
    strict: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Checked:
    """The only check of a step that was run in `folder`."""
    step = Step("s", "true", 3, checks=(Check(key, texts, 7),))
    (made,) = check(step, outcome, Variables(variables or {}), str(folder), strict=strict)
    assert (made.key, made.line) == (key, 7)
    return made


def failure(folder: Path, key: str, *texts: str, outcome: Outcome = FINE, strict: bool = False) -> str:
    """What is said about a check that does not hold."""
    found = one(folder, key, *texts, outcome=outcome, strict=strict).failure
    assert found is not None
    return found


def holds(folder: Path, key: str, *texts: str, outcome: Outcome = FINE, strict: bool = False) -> bool:
    return one(folder, key, *texts, outcome=outcome, strict=strict).failure is None


def printed(stdout: str, stderr: str = "", dropped: int = 0) -> Outcome:
    return Outcome(0, stdout.encode(), stderr.encode(), 0.0, dropped=dropped)


@pytest.fixture
def things(tmp_path: Path) -> Path:
    """A folder with one of each kind, and a link to each."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "fifo")
    here = os.getcwd()
    os.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    os.chdir(here)
    for name in ("folder", "file", "fifo", "socket", "nothing"):
        (tmp_path / f"to-{name}").symlink_to(name)
    return tmp_path


def _exit_code(expected: int | None, outcome: Outcome) -> tuple[Checked, ...]:
    return check(Step("s", "true", 3, exit_code=expected, exit_line=5), outcome, Variables({}), "/")


def test_exit_code() -> None:
    assert _exit_code(0, FINE) == (Checked("exit_code", "0", 5, None),)
    assert _exit_code(-1, Outcome(-1, b"", b"", 0.0)) == (Checked("exit_code", "-1", 5, None),)
    assert _exit_code(1, FINE) == (Checked("exit_code", "1", 5, "it is 0"),)
    assert _exit_code(0, Outcome(-1, b"", b"", 0.0))[0].failure == "it is -1, a death by a signal"


def test_without_expectations_everything_holds() -> None:
    assert _exit_code(None, Outcome(7, b"", b"", 0.0)) == ()


@pytest.mark.parametrize("expected", [None, 0, -1])
def test_a_step_that_could_not_be_started_fails(expected: int | None) -> None:
    (made,) = _exit_code(expected, Outcome(-1, b"", b"", 0.0, problem="no such folder"))
    assert made.failure == "no such folder"


KINDS = ("folder", "file", "fifo", "socket", "to-folder", "to-file", "to-fifo", "to-socket", "to-nothing", "nothing")


@pytest.mark.parametrize(
    ("key", "strict", "there"),
    [
        ("dirs_exist", False, {"folder", "to-folder"}),
        ("files_exist", False, {"file", "to-file"}),
        ("files_not_exist", False, {"nothing"}),
        ("files_not_exist", True, {"nothing", "to-nothing"}),
    ],
)
def test_what_exists(things: Path, key: str, strict: bool, there: set[str]) -> None:
    assert {kind for kind in KINDS if holds(things, key, kind, strict=strict)} == there


@pytest.mark.parametrize(
    ("key", "path", "said"),
    [
        ("dirs_exist", "nothing", "there is nothing"),
        ("dirs_exist", "file", "it is a file"),
        ("dirs_exist", "file/x", "Not a directory"),
        ("dirs_exist", "a\0b", "it is no path"),
        ("files_exist", "folder", "it is a folder"),
        ("files_exist", "fifo", "it is a fifo"),
        ("files_exist", "socket", "it is a socket"),
        ("files_exist", "/dev/null", "it is a device"),
        ("files_exist", "to-nothing", "it is a link to nothing, which is not there"),
        ("files_exist", "to-folder", "it is a link to folder"),
        ("files_not_exist", "file", "it is a file"),
        ("files_not_exist", "to-nothing", "it is a link to nothing, which is not there"),
    ],
)
def test_what_is_said_about_paths(things: Path, key: str, path: str, said: str) -> None:
    assert failure(things, key, path) == said


def test_paths_are_relative_to_where_the_step_was_run(things: Path) -> None:
    (things / "folder/inside").touch()
    assert holds(things / "folder", "files_exist", "inside")
    assert not holds(things / "folder", "files_exist", "folder/inside")
    assert holds(things / "folder", "files_exist", str(things / "file"))
    assert holds(things / "folder", "files_exist", "../file")


def test_file_contains(things: Path) -> None:
    (things / "text").write_bytes("first\r\nsecond ü\n".encode())
    for content in ("first", "\r\nsecond", "ü\n", ""):
        assert holds(things, "file_contains", "text", content)
        assert failure(things, "file_not_contains", "text", content).startswith("it is there, in line ")
    assert failure(things, "file_contains", "text", "third") == "the file holds `first\\x0d\nsecond ü\n`"
    assert failure(things, "file_contains", "text", "first\nsecond") == "the file holds `first\\x0d\nsecond ü\n`"
    assert failure(things, "file_not_contains", "text", "second") == "it is there, in line 2 of 3"
    assert failure(things, "file_not_contains", "file", "x") == "it is there"
    assert holds(things, "file_not_contains", "text", "third")


@pytest.mark.parametrize("key", ["file_contains", "file_not_contains"])
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing", "the file cannot be read: there is nothing"),
        ("to-nothing", "the file cannot be read: it is a link to nothing, which is not there"),
        ("folder", "the file cannot be read: it is a folder"),
        ("fifo", "the file cannot be read: it is a fifo"),
        ("socket", "the file cannot be read: it is a socket"),
        ("/dev/zero", "the file cannot be read: it is a device"),
        ("latin", "the file is not UTF-8"),
        ("a\0b", "the file cannot be read: it is no path"),
    ],
)
def test_a_file_that_is_no_text_is_a_failure_both_ways(things: Path, key: str, path: str, said: str) -> None:
    (things / "latin").write_bytes(b"\xfc")
    assert failure(things, key, path, "x") == said


def test_a_huge_file_is_not_read(things: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MAX_FILE_BYTES", 3 << 20)
    with open(things / "huge", "wb") as file:
        file.truncate((3 << 20) + 1)
    assert failure(things, "file_contains", "huge", "") == "the file has more than 3 MiB"


def test_output_contains(tmp_path: Path) -> None:
    outcome = printed(" out one\n\n", "\nerr\n")
    for text in ("out", "one\nerr", "err", ""):
        assert holds(tmp_path, "output_contains", text, outcome=outcome)
        assert not holds(tmp_path, "output_not_contains", text, outcome=outcome)
    for text in ("out\n\n", " out", "Out", "err\n"):
        assert not holds(tmp_path, "output_contains", text, outcome=outcome)
        assert holds(tmp_path, "output_not_contains", text, outcome=outcome)
    assert failure(tmp_path, "output_contains", "two", outcome=outcome) == "the output is `out one\nerr`"
    assert failure(tmp_path, "output_contains", "two") == "the output is nothing"
    assert failure(tmp_path, "output_not_contains", "err", outcome=outcome) == "it is in the output, in line 2 of 2"


def test_control_characters_of_the_output_are_visible_in_what_is_said(tmp_path: Path) -> None:
    """Else output in colours, or with `\\r`, would look like what was expected."""
    said = failure(tmp_path, "output_contains", "+four", outcome=printed("+\x1b[32mfour\x07\r\n\tx\x9b"))
    assert said == "the output is `+\\x1b[32mfour\\x07\\x0d\n\tx\\x9b`"


def test_of_long_output_the_nearest_line_is_said(tmp_path: Path) -> None:
    lines = "".join(f"line {number} of many\n" for number in range(100))
    outcome = printed(f"{lines}Cloning in to 'x'...\n{lines}")
    said = failure(tmp_path, "output_contains", "Cloning into 'x'...", outcome=outcome)
    assert said == "the output is 3200 characters; the nearest line is `Cloning in to 'x'...`"
    said = failure(tmp_path, "output_contains", "?", outcome=outcome)
    assert said.startswith("the output is `line 0 of many\n")
    assert said.endswith("` and 2800 characters more")


def test_output_that_was_not_kept_may_hold_anything(tmp_path: Path) -> None:
    outcome = printed("kept", dropped=5)
    assert holds(tmp_path, "output_contains", "kept", outcome=outcome)
    said = failure(tmp_path, "output_contains", "gone", outcome=outcome)
    assert said == "the output is `kept`, and 5 bytes that were not kept"
    assert failure(tmp_path, "output_not_contains", "gone", outcome=outcome) == "5 bytes of the output were not kept"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository on `feature/one`, beside it a worktree with a detached HEAD."""
    folder = tmp_path_factory.mktemp("git") / "repository"
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    commands = (
        ("init", "-q", "-b", "main", str(folder)),
        *(("-C", str(folder), *command) for command in (
            ("-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "--allow-empty", "-m", "x"),
            ("switch", "-q", "-c", "feature/one"),
            ("worktree", "add", "-q", "--detach", "../detached"),
        )),
    )  # fmt: skip
    for command in commands:
        subprocess.run(["git", *command], check=True, env=environ)
    return folder


def test_is_git_worktree(repository: Path, tmp_path: Path) -> None:
    folder = repository.parent
    assert holds(folder, "is_git_worktree", "repository", "feature/one")
    assert holds(folder, "is_git_worktree", "detached", "")
    assert failure(folder, "is_git_worktree", "repository", "main") == "it is on feature/one"
    assert failure(folder, "is_git_worktree", "repository", "") == "it is on feature/one"
    assert failure(folder, "is_git_worktree", "detached", "main") == "HEAD is detached"
    assert failure(folder, "is_git_worktree", "nothing", "main") == "there is nothing"
    assert failure(tmp_path, "is_git_worktree", ".", "main") == "it is no git work tree"


def test_branch_exists(repository: Path, tmp_path: Path) -> None:
    folder = repository.parent
    for pattern in ("main", "feature/one", "feature/*", "m*", "*"):
        assert holds(folder, "branch_exists", "repository", pattern)
    for pattern in ("feature", "other", "one"):
        said = failure(folder, "branch_exists", "repository", pattern)
        assert said == "its branches are `feature/one, main`"
    assert failure(folder, "branch_exists", "nothing", "main") == "there is nothing"
    assert failure(tmp_path, "branch_exists", ".", "main") == "it has no branches"


def test_variables_are_replaced_in_all_texts_and_named_in_none(things: Path) -> None:
    variables = {"A": "file", "B": "x\ny", "C": ""}
    made = one(things, "files_exist", "./$A", variables=variables)
    assert (made.text, made.failure) == ("./file", None)
    (things / "file").write_text("$B x\ny $3")
    made = one(things, "file_contains", "$A", "$B", variables=variables)
    assert (made.text, made.failure) == ("file: x\\ny", None)
    made = one(things, "file_contains", "$A", "$3", variables=variables)
    assert (made.text, made.failure) == ("file: $3", None)
    made = one(things, "output_contains", "$C", variables=variables)
    assert (made.text, made.failure) == ('""', None)


def test_all_checks_are_made_in_their_order(things: Path) -> None:
    keys = ("dirs_exist", "files_exist", "files_not_exist", "output_contains", "output_contains")
    texts = ("nothing", "file", "nothing", "x", "")
    each = tuple(Check(key, (text,), line) for line, (key, text) in enumerate(zip(keys, texts, strict=True)))
    step = Step("s", "true", 3, exit_code=1, checks=each)
    made = check(step, FINE, Variables({}), str(things))
    assert [(item.key, item.failure is None) for item in made] == [
        ("exit_code", False), ("dirs_exist", False), ("files_exist", True), ("files_not_exist", True),
        ("output_contains", False), ("output_contains", True),
    ]  # fmt: skip


def test_what_one_stream_holds(tmp_path: Path) -> None:
    outcome = printed(" out\n\n", "err\n")
    for key, text in (("stdout", " out\n\n"), ("stdout", "out"), ("stderr", "err\n")):
        assert holds(tmp_path, f"{key}_contains", text, outcome=outcome)
        assert not holds(tmp_path, f"{key}_not_contains", text, outcome=outcome)
    for key, text in (("stdout", "err"), ("stderr", "out"), ("stderr", "\n\n")):
        assert not holds(tmp_path, f"{key}_contains", text, outcome=outcome)
        assert holds(tmp_path, f"{key}_not_contains", text, outcome=outcome)
    assert failure(tmp_path, "stderr_contains", "out", outcome=outcome) == "stderr is `err\n`"
    assert failure(tmp_path, "stdout_not_contains", "out", outcome=outcome) == "it is in stdout, in line 1 of 3"


def test_empty_streams(tmp_path: Path) -> None:
    for stream in ("stdout", "stderr"):
        outcome = printed("\n") if stream == "stdout" else printed("", "\n")
        assert holds(tmp_path, f"{stream}_empty", "true")
        assert holds(tmp_path, f"{stream}_empty", "false", outcome=outcome)
        assert failure(tmp_path, f"{stream}_empty", "true", outcome=outcome) == f"{stream} is `\n`"
        assert failure(tmp_path, f"{stream}_empty", "false") == f"{stream} is nothing"


def test_output_matches(tmp_path: Path) -> None:
    outcome = printed("one 1\ntwo 22\n", "three\n")
    for pattern in (r"^two \d+$", r"\Aone", r"three\Z", "(?i)THREE", r"1\s+two", ""):
        assert holds(tmp_path, "output_matches", pattern, outcome=outcome)
        assert not holds(tmp_path, "output_not_matches", pattern, outcome=outcome)
    for pattern in (r"^\d", "THREE", "one.two"):
        assert not holds(tmp_path, "output_matches", pattern, outcome=outcome)
        assert holds(tmp_path, "output_not_matches", pattern, outcome=outcome)
    said = failure(tmp_path, "output_not_matches", r"\d{2}", outcome=outcome)
    assert said == "it matches `22`, in line 2 of 3"
    assert failure(tmp_path, "output_matches", "x", outcome=outcome) == "the output is `one 1\ntwo 22\nthree`"
    assert failure(tmp_path, "output_not_matches", "x", outcome=printed("a", dropped=1)).endswith("were not kept")


def test_variables_in_patterns_are_literal(things: Path) -> None:
    variables = {"A": "a.b(", "NAME": "file"}
    outcome = printed("a.b(c")
    for key, said in (("output_matches", None), ("output_not_matches", "it matches `a.b(c`")):
        assert one(things, key, "^$A[a-z]$", outcome=outcome, variables=variables).failure == said
    assert one(things, "output_matches", "$A", outcome=printed("axb("), variables=variables).failure is not None
    assert one(things, "files_match", "$NAME", "^x$", variables=variables).failure is None
    assert one(things, "output_matches", "a$B", outcome=printed("a"), variables=variables).failure is not None


@pytest.mark.parametrize("key", ["output_matches", "output_not_matches", "files_match"])
def test_a_pattern_that_its_variables_break_is_a_failure(things: Path, key: str) -> None:
    texts = ("file", "[$A]") if key == "files_match" else ("[$A]",)
    made = one(things, key, *texts, variables={"A": "z-a"[::-1]})
    assert made.failure is None or "not a regular expression" not in made.failure
    made = one(things, key, *texts[:-1], "[b-$A]", variables={"A": "a"})
    assert made.failure == "it is not a regular expression: bad character range b-a at character 2"


def test_files_match(things: Path) -> None:
    (things / "text").write_text("one\ntwo 2\n")
    assert holds(things, "files_match", "text", r"^two \d$")
    assert failure(things, "files_match", "text", "three") == "the file holds `one\ntwo 2\n`"
    assert failure(things, "files_match", "nothing", "x") == "the file cannot be read: there is nothing"
    assert failure(things, "files_match", "fifo", "x") == "the file cannot be read: it is a fifo"


def test_symlinks(things: Path) -> None:
    assert holds(things, "symlinks", "to-nothing", "nothing")
    assert holds(things, "symlinks", "to-file", "file")
    assert failure(things, "symlinks", "to-file", "./file") == "it is a link to file"
    assert failure(things, "symlinks", "file", "file") == "it is a file"
    assert failure(things, "symlinks", "nothing", "x") == "there is nothing"


def test_mode(things: Path) -> None:
    (things / "file").chmod(0o4750)
    assert holds(things, "mode", "file", "4750")
    assert holds(things, "mode", "to-file", "4750")
    (things / "file").chmod(0o644)
    assert holds(things, "mode", "file", "644")
    assert holds(things, "mode", "file", "0644")
    assert failure(things, "mode", "file", "0755") == "it is 0644"
    assert failure(things, "mode", "to-nothing", "0755") == "it is a link to nothing, which is not there"


def test_the_example_of_streams_and_patterns_holds(tmp_path: Path) -> None:
    made = run_example("Streams and patterns", tmp_path)
    assert [item for item in made if item.failure is not None] == []
    assert {item.key for item in made} >= {key.name for key in shapes.EXPECT.keys.values() if key.extension} - {
        "golden"
    }


def test_every_key_of_the_format_has_a_check() -> None:
    """Golden files are compared by the interpreter, as they are beside the scenario."""
    assert set(checks._CHECKS) == set(shapes.ORDER_OF_CHECKS) - {"golden"}
