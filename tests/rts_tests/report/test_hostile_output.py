"""Output that is made to do harm: to the terminal, to the workflow, to the XML, to the page, to memory."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.project import Done, Project, records_in, write_records

COMMANDS = [
    "::error title=x::planted",
    "::set-output name=x::y",
    "::add-mask::a",
    "##[error]planted",
    "::stop-commands::x",
]
BYTES = {
    "escapes": b"\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\x1bc\x9b2J\x08\x7f\rover\n",
    "workflow": "\n".join(COMMANDS).encode() + b"\n",
    "xml": b']]> <a & "b"> \x00\x01\x0b \xef\xbf\xbe\xef\xbf\xbf \xed\xa0\x80 <!-- -->\n',
    "html": b"<script>alert(1)</script> | a | `b` **c**\n",
    "binary": bytes(range(256)) * 8 + b"\xff\xfe\xf0\x28\x8c\x28",
    "one_line": b"x" * 3_000_000,
    "silent": b"",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Done]:
    """All of it in one run that believes to be in GitHub Actions."""
    project = Project(tmp_path_factory.mktemp("hostile") / "project")
    for name, data in BYTES.items():
        (project.root / f"{name}.bin").write_bytes(data)
    project.write({name: f"cat {name}.bin; exit 1" for name in BYTES})
    summary = str(project.root / "summary.md")
    return project, project.make("-j4", "test", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=summary)


@pytest.mark.parametrize("name", BYTES)
def test_the_log_holds_the_bytes_as_they_came(run: tuple[Project, Done], name: str) -> None:
    assert run[0].log(f"test-v-{name}") == BYTES[name]


@pytest.mark.parametrize("name", BYTES)
def test_the_outcome_does_not_depend_on_the_output(run: tuple[Project, Done], name: str) -> None:
    assert run[0].records()[f"v/{name}"]["note"] == "exit status 1"


def test_nothing_drives_the_terminal(run: tuple[Project, Done]) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", run[1].text.replace("\x0a", ""))


def _heard(text: str) -> list[str]:
    """The workflow commands that GitHub would obey: none between a stop-commands and its token."""
    obeyed, token = [], None
    for line in text.splitlines():
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
        elif match := re.match(r"\s*::stop-commands::(.*)$", line):
            token = match[1]
        elif re.match(r"\s*::[a-z]", line) or "##[" in line:
            obeyed.append(line)
    return obeyed


def test_output_gives_no_commands_to_the_workflow(run: tuple[Project, Done]) -> None:
    heard = _heard(run[1].out)
    assert len(heard) == len(BYTES)
    assert all(line.startswith("::error title=v/") and "planted" not in line for line in heard)


def test_each_failure_is_one_annotation_with_its_reproducer(run: tuple[Project, Done]) -> None:
    for name in BYTES:
        line = f"::error title=v/{name}::failed: exit status 1%0Aagain: make test-v-{name}"
        assert run[1].out.splitlines().count(line) == 1


def test_the_step_summary_is_markdown_of_our_own(run: tuple[Project, Done]) -> None:
    text = (run[0].root / "summary.md").read_text()
    assert text.startswith("### tiny: 7 units: 7 failed\n")
    assert text.count("| v/") == 7
    assert "<" not in text
    assert "planted" not in text


def test_junit_parses_and_counts(run: tuple[Project, Done]) -> None:
    suites = ElementTree.parse(run[0].last / "junit.xml").getroot()
    (suite,) = suites.findall("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("v", "7", "7", "0")
    assert len(suite.findall("testcase/failure")) == 7
    output = {case.get("name"): case.findtext("system-out") or "" for case in suite.findall("testcase")}
    assert ']]> <a & "b">' in output["xml"]
    assert "<script>" in output["html"]


def test_the_terminal_shows_the_tail_not_megabytes(run: tuple[Project, Done]) -> None:
    assert len(run[1].out) < 200_000


@pytest.mark.parametrize(
    ("name", "size", "kept"),
    [("below", 1024, 1024), ("above", 1025, 1024), ("far_above", 200_000, 1024)],
)
def test_a_log_keeps_head_and_tail_up_to_its_cap_and_says_so(project: Project, name: str, size: int, kept: int) -> None:
    data = bytes(65 + index % 26 for index in range(size))
    project.write({name: "cat data"}, limits={"log": 1024})
    (project.root / "data").write_bytes(data)
    project.make("test")
    log = project.log(f"test-v-{name}")
    if size <= kept:
        assert log == data
    else:
        said = f"\n[longpole: {size - kept} bytes omitted here; a log keeps {kept} bytes]\n".encode()
        assert log == data[: kept // 2] + said + data[-kept // 2 :]


def test_an_endless_log_costs_no_more_than_its_cap(project: Project) -> None:
    project.write({"floods": "head -c 60000000 /dev/zero; exit 1"})
    project.make("test")
    assert 16 << 20 <= len(project.log("test-v-floods")) <= (16 << 20) + 200


def test_a_leaked_command_line_gives_no_commands_either(project: Project) -> None:
    project.write({"leaks": "sh -c 'sleep 300; true' '::error::planted' '##[error]planted' '\x1b[2J' &"})
    done = project.make("test", GITHUB_ACTIONS="true")
    assert project.statuses() == {"v/leaks": "leaked"}
    assert all(line.startswith("::error title=v/leaks::leaked") for line in _heard(done.out))
    assert "\x1b" not in done.out


def test_a_hostile_suite_file_name_does_not_reach_the_terminal(project: Project) -> None:
    project.write({"m": ""})
    name = "\x1b[2Jsuite.yaml"
    Path(project.root / name).write_text("version: 1\n")
    done = project.longpole("list", "--suite", name)
    assert done.status == 2
    assert "\x1b" not in done.text


def test_the_event_stream_stays_one_object_a_line(run: tuple[Project, Done]) -> None:
    lines = (run[0].last / "events.jsonl").read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert all(isinstance(json.loads(line), dict) for line in lines)


LINK = "\x1b]8;;https://planted.example\x1b\\click\x1b]8;;\x1b\\"
PLANTED = f"\x1b[2J{LINK}\x9b2J\x90q\x9c\nPASS v/forged\x07\u202e"


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two runs whose files somebody rewrote: every text in them that is not a word of Longpole's holds escapes."""
    project = Project(tmp_path_factory.mktemp("rewritten") / "project")
    project.write({"fails": "exit 1", "passes": ""})
    for _ in range(2):
        project.make("test")
        run = project.last
        rows = [_planted(row, "id", "reproducer", "note", "host", "stable_note") for row in records_in(run)]
        write_records(run, rows)
        info = json.loads((run / "run.json").read_text())
        info["planned"] = [[name + PLANTED, target, 1.0] for name, target, _ in info["planned"]]
        info["goals"] = [f"test{PLANTED}"]
        info["filter"] = PLANTED
        (run / "run.json").write_text(json.dumps(_planted(info, "suite", "host", "machine", "commit_source")))
    return project


def _planted(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return row | {name: f"{row.get(name) or ''}{PLANTED}" for name in names}


@pytest.mark.parametrize(
    "command",
    [
        ("report",),
        ("report", "--failed"),
        ("report", "--format", "brief"),
        ("report", "--format", "markdown"),
        ("report", "--format", "issue"),
        ("report", "--format", "json"),
        ("report", "--format", "junit"),
        ("compare",),
        ("compare", "--json"),
        ("runs",),
        ("runs", "--json"),
        ("runs", "show"),
    ],
    ids=" ".join,
)
def test_what_files_say_does_not_reach_the_terminal_raw(rewritten: Project, command: tuple[str, ...]) -> None:
    done = rewritten.longpole(*command)
    assert "Traceback" not in done.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.text)
    if "--format" not in command and "--json" not in command:
        assert "planted.example" not in done.text
        assert not re.search("(?m)^PASS v/forged", done.text)


def test_the_report_shows_the_command_without_the_escapes(rewritten: Project) -> None:
    assert "    again: make test-v-failsclickPASS v/forged\n" in rewritten.longpole("report").out


def test_a_report_that_was_kept_is_shown_without_escapes(project: Project) -> None:
    project.write({"fails": "exit 1"})
    assert project.longpole("stress", "v/fails", "--count", "1").status == 1, project
    path = project.last / "executions.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"report": f"mine: {LINK}\x1b[31m\n"}))
    assert project.longpole("report", project.last.name).out == "mine: click\n"
