"""The client for JUnit against the protocol alone: what a fork prints for classes that do all that is odd."""

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.clients.junit.maven import Odd, finished, fork_of
from tests.project import Done, eventually

PATTERNS = r"*  a*  ?b  [ab]c  [!ab]c  []]  [!]]  [a-c]  [c-a]  [  a[  [^a]  a.c  \d  [[]x  [a&&b]  (a|b)  é?"
NAMES = r"a b ab ac bc cc ] [ a[ a.c abc ^ & \d 7 [x (a|b) éa"
PASSED, FAILED, SKIPPED, ERROR = "passed", "failed", "skipped", "error"


def test_every_kind_of_test_is_a_case_with_its_name_and_status(odd: Odd) -> None:
    fork = odd.run("KindsTest")
    assert {name: case["status"] for name, case in fork.cases("odd.KindsTest").items()} == {
        "plain()": PASSED,
        "named()": PASSED,
        "each(String)[1]": PASSED,
        "each(String)[2]": FAILED,
        "twice()[1]": PASSED,
        "twice()[2]": PASSED,
        "made()[1]": PASSED,
        "made()[2][1]": PASSED,
        "disabled()": SKIPPED,
        "assumed()": SKIPPED,
        "fails()": FAILED,
        "throwsIt()": ERROR,
        "unprovided(int)": ERROR,
        "Inner.deep()": PASSED,
        "Inner.Innermost.deepest()": PASSED,
        "Off.never()": SKIPPED,
        "Broken": ERROR,
    }
    assert fork.completed("odd.KindsTest")["status"] == FAILED
    assert fork.status == 1
    assert fork.rest == ""


def test_the_events_come_in_the_order_of_the_protocol_and_the_totals_agree(odd: Odd) -> None:
    fork = odd.run("ThenTest", "KindsTest", "DisabledTest")
    assert [each["event"] for each in fork.events] == [
        "fork_started",
        *["suite_started", "suite_completed"] * 3,
        "fork_completed",
    ]
    assert fork.events[0]["version"] == 1
    last = fork.events[-1]
    assert last["suites"] == 3
    assert last["cases"] == {PASSED: 10, FAILED: 2, SKIPPED: 5, ERROR: 3}
    assert all(each["seconds"] >= 0 for each in fork.of("suite_completed"))


def test_a_failure_has_its_message_its_trace_its_place_and_what_it_printed(odd: Odd) -> None:
    cases = odd.run("KindsTest").cases("odd.KindsTest")
    failed = cases["fails()"]
    assert failed["message"] == "expected: <1> but was: <2>"
    assert "odd.KindsTest.fails(KindsTest.java:" in failed["details"]
    assert re.fullmatch(r"KindsTest\.java:\d+", failed["location"])
    assert failed["output"] == "about to fail\n"
    assert cases["throwsIt()"]["message"] == "java.lang.IllegalStateException: broken"
    assert cases["each(String)[2]"]["details"].splitlines()[0] == "[2] c[d", "the arguments are in the name for people"
    assert cases["disabled()"]["message"] == "not today"
    assert cases["assumed()"]["message"] == "Assumption failed: wrong moon"
    assert cases["Off.never()"]["message"] == "not here"
    assert "output" not in cases["plain()"]


def test_a_class_that_fails_outside_of_its_tests_says_why(odd: Odd) -> None:
    fork = odd.run("BeforeTest", "AfterTest", "AssumedTest", "DisabledTest")
    before, after, assumed, disabled = (each["status"] for each in fork.of("suite_completed"))
    assert (before, after, assumed, disabled) == (ERROR, FAILED, SKIPPED, SKIPPED)
    assert fork.completed("odd.BeforeTest")["message"] == "java.lang.IllegalStateException: cannot begin"
    assert "BeforeTest.before" in fork.completed("odd.BeforeTest")["details"]
    assert fork.output("odd.BeforeTest") == "before speaks\n"
    assert fork.completed("odd.AfterTest")["message"] == "cannot end"
    assert fork.cases("odd.AfterTest")["one()"]["status"] == PASSED
    assert fork.completed("odd.AssumedTest")["message"] == "not on this machine"
    assert set(fork.cases("odd.DisabledTest")) == {"one()", "two()"}


def test_a_class_that_cannot_be_read_or_has_no_test_is_an_error_and_the_others_run(odd: Odd) -> None:
    fork = odd.run("MissingTest", "NoSuchTest", "Talk", "ThenTest")
    missing = fork.completed("odd.MissingTest")
    assert missing["status"] == ERROR
    assert "odd/Removed" in missing["message"]
    assert "NoClassDefFoundError" in missing["details"]
    assert "odd.NoSuchTest" in fork.completed("odd.NoSuchTest")["message"]
    assert fork.completed("odd.Talk")["message"] == "no test engine found a test in it"
    assert fork.completed("odd.ThenTest")["status"] == PASSED
    assert fork.status == 1


def test_threads_print_into_the_block_of_the_class_that_started_them(odd: Odd) -> None:
    names = [f"Threads{each}Test" for each in ("One", "Two", "Three")]
    fork = odd.run(*names, options=["-Dtogether=3"], environ={"LONGPOLE_THREADS": "3"})
    assert [each["event"] for each in fork.events[1:4]] == ["suite_started"] * 3, "at the same time"
    for name in names:
        lines = fork.output(f"odd.{name}").splitlines()
        assert set(lines) == {f"<{name}>"}
        assert len(lines) == 2 * 3 * 200
    assert fork.unattributed == ""
    assert fork.status == 0


def test_what_threads_print_after_their_class_belongs_to_no_class(odd: Odd) -> None:
    alone = "-Djava.util.concurrent.ForkJoinPool.common.parallelism=1"
    fork = odd.run("LateTest", "LaterTest", options=[alone])
    assert fork.output("odd.LateTest") == ""
    assert fork.output("odd.LaterTest") == "<LaterTest> common\n"
    assert fork.unattributed == "<LateTest>\n"
    assert fork.status == 0


def test_a_test_that_closes_or_replaces_the_streams_silences_only_its_class(odd: Odd) -> None:
    fork = odd.run("StreamsTest", "ThenTest")
    assert fork.output("odd.StreamsTest") == "open after all\n"
    assert fork.output("odd.ThenTest") == "heard again\n"


def test_any_text_arrives(odd: Odd) -> None:
    fork = odd.run("TextsTest")
    printed = fork.output("odd.TextsTest")
    assert '@@LONGPOLE@@ {"event":"fork_completed"' in printed
    assert "\ufffd\0\x1b[2J\n" in printed
    assert "\U0001f600 e\u0301 \u20ac\n" in printed
    assert printed.endswith("no end of line")
    cases = fork.cases("odd.TextsTest")
    assert cases["throwsHalf()"]["message"] == "half \ufffd of a pair, \0 and \x1b[31m"
    assert cases["throwsUp()"]["status"] == ERROR
    assert "StackOverflowError" in cases["overflows()"]["message"]
    assert len(cases["overflows()"]["details"]) < 70_000
    assert fork.of("fork_completed")


def test_every_character_is_json(odd: Odd) -> None:
    lines = odd.java("json", main="longpole.junit.Texts").out.split("\n")[:-1]
    surrogates = range(0xD800, 0xE000)
    assert [json.loads(line) for line in lines] == [
        "\ufffd" if unit in surrogates else chr(unit) for unit in range(0x10000)
    ]


def test_patterns_are_those_of_the_shell_as_python_has_them(odd: Odd) -> None:
    pairs = [(pattern, name) for pattern in PATTERNS.split() for name in ("", "a\nb", *NAMES.split())]
    answers = odd.java("glob", *("\n".join(pair) for pair in pairs), main="longpole.junit.Texts").out.split()
    expected = [fnmatch.fnmatchcase(name, pattern) for pattern, name in pairs]
    assert [(pair, answer == "true") for pair, answer in zip(pairs, answers, strict=True)] == list(
        zip(pairs, expected, strict=True)
    )


def test_long_output_is_sent_in_pieces_and_loses_nothing(odd: Odd) -> None:
    fork = odd.run("LotsTest")
    euros = " \u20ac" * 20
    lines = "".join(f"line {line}{euros}\n" for line in range(10_000))
    assert fork.output("odd.LotsTest") == lines + "\u20ac" * 30_000
    pieces = fork.of("suite_output", "odd.LotsTest")
    assert len(pieces) > 5
    assert all(64 * 1024 - 2 <= len(each["text"].encode()) < 72 * 1024 for each in pieces)
    case = fork.cases("odd.LotsTest")["prints()"]
    assert case["output"].endswith(f"line 9999{euros}\n"), "the end is what matters"
    assert len(case["output"]) < 40_000


def test_a_long_class_is_heard_before_it_ends(odd: Odd) -> None:
    (odd.tmp / "classes").write_text("odd.HangTest\n")
    argv = odd.argv("run", str(odd.tmp / "classes"), options=[f"-Duntil={odd.tmp}/until"])
    environ = {**os.environ, "LONGPOLE_PROTOCOL": "1"}
    with open(odd.tmp / "out", "wb") as out, subprocess.Popen(argv, stdout=out, env=environ) as process:
        try:
            eventually("output is sent after ten seconds", lambda: b"so far" in (odd.tmp / "out").read_bytes())
        finally:
            (odd.tmp / "until").touch()
    fork = fork_of(Done(process.returncode, (odd.tmp / "out").read_text(), ""))
    assert [each["text"] for each in fork.of("suite_output")] == ["so far\n"]
    assert fork.completed("odd.HangTest").get("output") is None


def test_a_process_that_ends_itself_never_says_that_it_completed(odd: Odd) -> None:
    for name, status in (("ExitTest", 0), ("HaltTest", 0), ("MemoryTest", 1)):
        fork = odd.run("ThenTest", name, "KindsTest")
        assert fork.status == status
        assert fork.of("fork_completed") == []
        assert fork.completed("odd.ThenTest")["status"] == PASSED
        assert fork.of("suite_started")[-1]["suite"] == f"odd.{name}"
        assert fork.of("suite_completed", f"odd.{name}") == []
        if name != "HaltTest":
            assert fork.of("suite_output")[-1]["text"] in ("last words\n", "too much\n")


def test_threads_that_still_run_do_not_keep_the_fork(odd: Odd) -> None:
    fork = odd.run("StopsTest")
    assert fork.status == 0
    assert fork.of("fork_completed")


def test_tests_that_run_tests_are_one_case(odd: Odd) -> None:
    fork = odd.run("LauncherTest")
    assert set(fork.cases("odd.LauncherTest")) == {"launches()"}
    assert [each["suite"] for each in fork.of("suite_started")] == ["odd.LauncherTest"]
    assert "inside\n" in fork.output("odd.LauncherTest")
    assert fork.status == 0


def test_a_class_of_two_engines_is_one_suite(odd: Odd) -> None:
    fork = odd.run("MixedTest")
    assert len(fork.of("suite_started")) == 1
    assert {name: case["status"] for name, case in fork.cases("odd.MixedTest").items()} == {
        "jupiter()": PASSED,
        "vintage": PASSED,
        "ignored": SKIPPED,
    }


def test_a_class_with_arguments_has_its_cases_once_for_each(odd: Odd) -> None:
    fork = odd.run("TemplateTest")
    assert sorted(fork.cases("odd.TemplateTest")) == sorted(
        f"{name}[{number}]"
        for name in ("plain()", "each(String)[1]", "each(String)[2]", "made()[1][1]", "Inner.deep()")
        for number in (1, 2)
    )
    selected = odd.run("TemplateTest", environ={"LONGPOLE_SELECT": "TemplateTest#Inner.deep"})
    assert set(selected.cases("odd.TemplateTest")) == {"Inner.deep()[1]", "Inner.deep()[2]"}


def test_only_selected_tests_run(odd: Odd) -> None:
    def names(*terms: str) -> set[str]:
        return set(odd.run("KindsTest", environ={"LONGPOLE_SELECT": "\n".join(terms) + "\n"}).cases("odd.KindsTest"))

    assert names("odd.Kinds*#plain") == {"plain()"}
    assert names("KindsTest#each") == {"each(String)[1]", "each(String)[2]"}
    assert names("*#Inner.*") == {"Inner.deep()", "Inner.Innermost.deepest()"}
    assert names("*#deepest") == {"Inner.Innermost.deepest()"}, "the name of the method alone will do"
    everything = names("~Other")
    assert len(everything) == 17
    assert names("Kinds?est", "~KindsTest#twice", "~*#made") == {
        name for name in everything if not name.startswith(("twice", "made"))
    }
    none = odd.run("ThenTest", environ={"LONGPOLE_SELECT": "*#nothing"})
    assert none.completed("odd.ThenTest")["status"] == SKIPPED
    assert none.completed("odd.ThenTest")["message"] == "none of its tests is selected"
    assert none.status == 0


def test_tags_select(odd: Odd) -> None:
    fork = odd.run("HangTest", "ThenTest", words=["--exclude-tag", "slow"])
    assert fork.completed("odd.HangTest")["status"] == SKIPPED
    assert set(fork.cases("odd.ThenTest")) == {"speaks()"}
    assert "odd.HangTest" not in odd.java("list", "--exclude-tag=slow").out.splitlines()


def queue(odd: Odd, *classes: str) -> Path:
    """A queue of these classes, the heaviest first."""
    folder = odd.tmp / "queue"
    folder.mkdir()
    for rank, name in enumerate(classes):
        (folder / f"{rank:04}").write_text(f"odd.{name}\n")
    return folder


def test_classes_are_taken_from_the_queue_until_it_is_empty(odd: Odd) -> None:
    folder = queue(odd, "ThenTest", "KindsTest", "DisabledTest")
    (folder / "0001").rename(folder / "0001.fork-7")
    fork = odd.run(environ={"LONGPOLE_QUEUE": str(folder), "LONGPOLE_FORK": "3"})
    assert [each["suite"] for each in fork.of("suite_started")] == ["odd.ThenTest", "odd.DisabledTest"]
    assert sorted(os.listdir(folder)) == ["0000.fork-3", "0001.fork-7", "0002.fork-3"]
    assert len(fork.of("fork_started")) == len(fork.of("fork_completed")) == 1
    assert fork.status == 0


def test_forks_share_a_queue_and_each_class_runs_once(odd: Odd) -> None:
    names = [f"Threads{each}Test" for each in ("One", "Two", "Three")] + ["ThenTest", "DisabledTest", "MixedTest"]
    folder = queue(odd, *names)
    argv = odd.argv("run", str(odd.tmp / "classes"))
    (odd.tmp / "classes").write_text("")
    environ = {**os.environ, "LONGPOLE_PROTOCOL": "1", "LONGPOLE_QUEUE": str(folder)}
    forks = [
        subprocess.Popen(argv, env={**environ, "LONGPOLE_FORK": str(each)}, stdout=subprocess.PIPE) for each in range(3)
    ]
    suites = []
    for process in forks:
        out, _ = process.communicate()
        fork = fork_of(Done(process.returncode, out.decode(), ""))
        suites += [each["suite"] for each in fork.of("suite_completed")]
    assert sorted(suites) == sorted(f"odd.{name}" for name in names)


def test_list_prints_the_classes_that_maven_would_run(odd: Odd) -> None:
    done = odd.java("list", environ={"LONGPOLE_PROTOCOL": "1"})
    listed = done.out.splitlines()
    assert listed == sorted(listed)
    assert "odd.KindsTest" in listed
    assert "odd.MissingTest" in listed, "it is an error that it cannot be read, which a run reports"
    assert not {"odd.Helper", "odd.Talk", "odd.Removed", "odd.KindsTest$Inner"} & set(listed)
    assert "@@" not in done.out
    folder = f"{odd.folder}/project/target/test-classes"
    assert odd.java("list", "--scan", folder).out.splitlines() == listed
    assert odd.java("list", f"--scan={folder}", "--include", ".*Helper").out.split() == ["odd.Helper"]
    assert odd.java("list", "--include=odd.*", "--exclude", ".*Te.*").out.split() == ["odd.Helper"]


def test_arguments_that_make_no_sense_are_one_message(odd: Odd) -> None:
    for words, message in (
        ([], "not a command: ''"),
        (["lst"], "not a command: 'lst'"),
        (["list", "--scna", "x"], "unknown option: --scna"),
        (["list", "--scan", "/no/such"], "there is no /no/such; have the tests been compiled?"),
        (["list", "--include", "("], "not a regular expression: ("),
        (["list", "--include"], "not understood: list --include"),
        (["run", "one", "two"], "not understood: run one two"),
        (["run"], "which classes? The name of the file that has them is missing"),
        (["run", "no-such-file"], "there is no file no-such-file"),
    ):
        done = odd.java(*words)
        assert done.status == 2
        assert done.err.splitlines()[0] == message
        assert "\tat " not in done.err
        assert done.out == ""


def test_an_engine_that_fails_fails_the_fork(odd: Odd) -> None:
    for broken in ("discover", "execute", "issue"):
        fork = odd.run("ThenTest", options=[f"-Dbroken={broken}"])
        assert fork.completed("odd.ThenTest")["status"] == PASSED
        assert f"cannot {broken}" in fork.unattributed
        assert fork.of("fork_completed")
        assert fork.status == 1


def test_any_launcher_tells_longpole_and_nobody_else(odd: Odd) -> None:
    told = odd.java("launch", "odd.KindsTest", main="longpole.junit.Texts", environ={"LONGPOLE_PROTOCOL": "1"})
    fork = fork_of(told)
    assert fork.events[0]["event"] == "fork_started"
    assert fork.events[-1]["event"] == "fork_completed"
    assert len(fork.cases("odd.KindsTest")) == 17
    silent = odd.java("launch", "odd.KindsTest", main="longpole.junit.Texts")
    assert silent.out == "plain speaks\n"


def test_without_longpole_a_fork_prints_what_people_read(odd: Odd) -> None:
    (odd.tmp / "classes").write_text("odd.KindsTest\n")
    done = odd.java("run", str(odd.tmp / "classes"))
    assert done.status == 1
    assert "@@LONGPOLE@@" not in done.text
    assert "expected: <1> but was: <2>" in done.out
    assert "plain speaks" in done.out


def test_a_list_that_may_lack_classes_is_no_list(odd: Odd) -> None:
    argv = odd.argv("list", options=["-Dbroken=discover"])
    done = finished(argv, odd.tmp, {})
    assert done.status == 1
    assert done.out == ""
    assert "cannot discover" in done.err
    listed = finished(odd.argv("list", options=["-Dbroken=issue"]), odd.tmp, {}).out
    assert listed == odd.java("list").out, "what an engine merely objects to is the business of a run"


def test_the_client_conforms_to_the_protocol(odd: Odd) -> None:
    names = ("KindsTest", "BeforeTest", "AfterTest", "DisabledTest", "TextsTest", "MixedTest", "NoSuchTest", "LateTest")
    given = [word for name in names for word in ("--class", f"odd.{name}")]
    check = [sys.executable, "-m", "longpole", "protocol", "check", "--threads", "2", *given, "--"]
    done = finished([*check, *odd.argv("run", "{classes_file}")], odd.tmp, {})
    assert done.status == 0, done.text
