"""`longpole protocol check`: clients are run as forks, and each violation is named."""

import os
import re
import signal
from typing import Any

import pytest

from longpole import protocol_check
from longpole.protocol_check import Check
from tests.project import REPOSITORY, Project, eventually, shell, tool

PAGE = REPOSITORY / "docs" / "protocol.md"
GOOD = shell(
    "tell() { printf '@@LONGPOLE@@ %s\\n' \"$1\"; }",
    """tell '{"event":"fork_started","version":1,"client":"sh 1"}'""",
    """tell '{"event":"suite_started","suite":"a"}'""",
    """tell '{"event":"suite_completed","suite":"a","status":"passed","seconds":0}'""",
    """tell '{"event":"fork_completed","suites":1,"cases":{}}'""",
)


@pytest.fixture
def page_client(project: Project) -> Project:
    """The client in shell of docs/protocol.md, and three classes for it."""
    (script,) = (
        block
        for block in re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        if block.startswith("#!")
    )
    (project.root / "client").write_text(script)
    (project.root / 'q"uo\\te.sh').write_text('printf "a \\"quote\\", a \\\\ and\\ta tab\\nno newline"\n')
    (project.root / "fails.sh").write_text("echo wrong >&2; exit 3\n")
    (project.root / "prints.sh").write_text(
        'i=0; while [ $i -lt 4000 ]; do echo "line $i, and more"; i=$((i + 1)); done; printf "\\377\\001 \\303\\244"\n'
    )
    return project


CLASSES = ("--class", 'q"uo\\te.sh', "--class", "fails.sh", "--class", "prints.sh")


def test_the_client_of_the_documentation_conforms(page_client: Project) -> None:
    done = page_client.longpole("protocol", "check", *CLASSES, "--", "sh", "client")
    assert done.err == ""
    assert done.out == (
        "10 envelopes; 3 classes: 2 passed, 1 failed; 3 cases: 2 passed, 1 failed\nthe client conforms\n"
    )
    assert done.status == 0


def test_the_client_of_the_documentation_refuses_a_queue(page_client: Project) -> None:
    done = page_client.run("sh", "client", LONGPOLE_QUEUE="/nowhere")
    assert (done.status, done.out) == (2, "")


def test_a_client_that_is_killed_after_an_envelope(page_client: Project) -> None:
    done = page_client.longpole("protocol", "check", *CLASSES, "--kill-after", "4", "--", "sh", "client")
    assert done.status == 0
    killed, *rows, _, verdict = done.out.splitlines()
    assert re.fullmatch(r"killed after \d+ envelopes; a run would show:", killed)
    assert rows[0] == '  q"uo\\te.sh: passed'
    assert rows[2] == "  prints.sh: not run" or "crashed" in rows[2]
    assert verdict == "the client conforms"


def test_violations_are_named_with_line_and_remedy(project: Project) -> None:
    (project.root / "client").write_text(GOOD.replace('"suites":1', '"suites":2') + "\nexit 5\n")
    done = project.longpole("protocol", "check", "--class", "a", "--class", "b", "--", "sh", "client")
    assert done.out.splitlines() == [
        "violation: fork_completed counts 2 classes, 1 were completed; count each suite_completed",
        "violation: class `b` was not started; run all classes in LONGPOLE_CLASSES",
        "4 envelopes; 2 classes: 1 passed, 1 not run; 2 cases: 1 passed, 1 not run",
        "2 violations",
    ]
    assert done.status == 1


def test_an_envelope_that_is_written_in_pieces_is_found(project: Project) -> None:
    in_pieces = GOOD.replace("'@@LONGPOLE@@ %s\\n' \"$1\"", "'@@LONGPOLE@@ '; printf '%s\\n' \"$1\"")
    assert in_pieces != GOOD
    (project.root / "client").write_text(in_pieces)
    done = project.longpole("protocol", "check", "--class", "a", "--", "sh", "client")
    assert done.status == 1
    assert done.out.count("the envelope is written in pieces; write it with its newline in one call, and flush") == 4


def test_the_environment_is_that_of_a_fork(project: Project) -> None:
    (project.root / "client").write_text(
        shell(
            'test "$LONGPOLE_PROTOCOL/$LONGPOLE_FORK/$LONGPOLE_FORKS/$LONGPOLE_THREADS" = 1/0/1/3 || exit 90',
            'test "$(cat "$LONGPOLE_CLASSES")" = a -a "$1" = "$LONGPOLE_CLASSES" -a "$2/$3" = a/3 || exit 91',
            'test -d "$TMPDIR" -a -z "$(ls "$TMPDIR")" || exit 92',
            'test "${SEED-unset}/${LONGPOLE_QUEUE-unset}" = unset/unset || exit 95',
            'test "$LONGPOLE_SELECT" = "$(printf "a\\n~*#x")" -a "$4" = "{ braces }" -a -d "$5" || exit 93',
            'test -z "$(cat)" || exit 94',
            GOOD,
        )
    )
    words = ("sh", "client", "{classes_file}", "{classes}", "{threads}", "{ braces }", "{clients}")
    options = ("--class", "a", "--threads", "3", "--select", "a", "--select", "~*#x")
    done = project.longpole("protocol", "check", *options, "--", *words, SEED="7", LONGPOLE_QUEUE="/nowhere")
    assert (done.err, done.status) == ("", 0), done.text


STEALS = shell(
    "tell() { printf '@@LONGPOLE@@ %s\\n' \"$1\"; }",
    """tell '{"event":"fork_started","version":1,"client":"sh 1"}'""",
    'for file in $(ls "$LONGPOLE_QUEUE" | head -n "$1"); do',
    '  mv "$LONGPOLE_QUEUE/$file" "$LONGPOLE_QUEUE/$file.fork-$LONGPOLE_FORK"',
    '  name=$(cat "$LONGPOLE_QUEUE/$file.fork-$LONGPOLE_FORK")',
    """  tell "{\\"event\\":\\"suite_started\\",\\"suite\\":\\"$name\\"}" """,
    """  end='"status":"passed","seconds":0'""",
    """  tell "{\\"event\\":\\"suite_completed\\",\\"suite\\":\\"$name\\",$end}" """,
    "done",
    """tell "{\\"event\\":\\"fork_completed\\",\\"suites\\":$1}" """,
)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ("3", ["8 envelopes; 3 classes: 3 passed; 3 cases: 3 passed", "the client conforms"]),
        ("2", ["violation: class `c` was not started; run all classes in LONGPOLE_CLASSES"]),
    ],
)
def test_a_client_that_takes_classes_from_a_queue(project: Project, taken: str, expected: list[str]) -> None:
    (project.root / "client").write_text(STEALS)
    classes = ("--class", "a", "--class", "b", "--class", "c")
    done = project.longpole("protocol", "check", "--queue", *classes, "--", "sh", "client", taken)
    assert done.out.splitlines()[: len(expected)] == expected, done.text
    assert done.status == (0 if taken == "3" else 1)


def test_a_client_that_ignores_its_queue(project: Project) -> None:
    (project.root / "client").write_text(GOOD)
    done = project.longpole("protocol", "check", "--queue", "--class", "a", "--", "sh", "client")
    assert "violation: class `a` was not taken from the queue by this fork; " in done.out
    assert done.status == 1


def test_a_client_that_hangs_is_killed_with_what_it_started(project: Project) -> None:
    (project.root / "client").write_text("sleep 1000 & sleep 1000\n")
    done = project.longpole("protocol", "check", "--timeout", "0.2", "--", "sh", "client")
    assert "violation: the client did not end within 0.2 s; use --timeout if that is not enough\n" in done.out
    assert done.status == 1
    eventually("the processes are gone", lambda: not project.processes())


def test_a_client_that_leaves_a_process_running(project: Project) -> None:
    (project.root / "client").write_text(GOOD + "\nsleep 1000 &\n")
    done = project.longpole("protocol", "check", "--class", "a", "--", "sh", "client")
    assert "violation: the client left processes running; " in done.out
    eventually("the process is gone", lambda: not project.processes())


def test_an_envelope_on_standard_error(project: Project) -> None:
    (project.root / "client").write_text(GOOD + "\necho '@@LONGPOLE@@ {}' >&2\n")
    done = project.longpole("protocol", "check", "--class", "a", "--", "sh", "client")
    assert "violation: an envelope is on standard error; write envelopes to standard output\n" in done.out


def test_a_client_that_dies_of_a_signal(project: Project) -> None:
    (project.root / "client").write_text("kill -9 $$\n")
    done = project.longpole("protocol", "check", "--class", "a", "--", "sh", "client")
    assert "violation: the client was ended by a signal; " in done.out
    assert done.status == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--", "no-such-client"), "no-such-client: cannot be executed: No such file or directory"),
        (("--class", "a\nb", "--", "true"), "the name of a class, or a term, is empty or has several lines"),
        (("--class", "", "--", "true"), "the name of a class, or a term, is empty or has several lines"),
        ((), "Missing argument"),
        (("--timeout", "0", "--", "true"), "0"),
    ],
)
def test_what_is_refused(project: Project, words: tuple[str, ...], message: str) -> None:
    done = project.longpole("protocol", "check", *words)
    assert (done.status, done.out) == (2, "")
    assert message in done.err and "Traceback" not in done.err


def test_a_check_that_is_interrupted_ends_the_client(project: Project) -> None:
    (project.root / "client").write_text("echo begun >begun; sleep 1000\n")
    process = project.start(project.python, "-m", "longpole", "protocol", "check", "--", tool("sh"), "client")
    eventually("the client has begun", (project.root / "begun").exists)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    eventually("the client is gone", lambda: not project.processes())


def test_an_interruption_while_the_client_starts_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def interrupted(*arguments: Any) -> Any:
        started.append(start(*arguments))
        os.kill(os.getpid(), signal.SIGINT)
        return started[0]

    start = protocol_check._start
    monkeypatch.setattr(protocol_check, "_start", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            protocol_check.check(Check((tool("sh"), "-c", "sleep 1000"), (), (), False, 1, 60, None))
    finally:
        signal.signal(signal.SIGINT, before)
    assert started[0].returncode == -signal.SIGKILL
