"""Background programs, ports and isolation in real runs."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forbidden
from tests.project import REPOSITORY, Done, Project, eventually, tool
from tests.rts_tests.scenario.suites import cases, with_scenarios

PAGE = (REPOSITORY / "docs" / "scenarios.md").read_text()


def example(title: str) -> str:
    """The example of docs/scenarios.md with this title."""
    (text,) = [text for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S) if f"name: {title}\n" in text]
    return str(text)


DIES = """
name: Dies
steps:
  - name: serve
    background: server
    run: echo cannot bind; exit 7
    ready: {file: never}
  - name: after it
    run: echo after
"""
LEFT = """
name: Left
steps:
  - name: one
    background: first
    run: echo I am first; exec sleep 1000
    ready: {output: first}
  - name: two
    background: second
    run: trap 'echo bye; exit' TERM; echo I am second; while :; do sleep 0.01; done
    ready: {output: second}
  - name: fails
    run: exit 3
    expect: {exit_code: 0}
"""
PORTS = """
name: Ports
steps:
  - name: the same in all texts and in the environment
    run: '[ "$PORT_WEB" = $PORT_WEB ] && printenv PORT_WEB && echo $PORT_WEB $PORT_OTHER $PORT_MINE >$OUT/$UNIT.$MINE'
    expect: {exit_code: 0, output_contains: ["$PORT_WEB"]}
  - name: both scenarios have ports at the same time
    run: until [ -e $OUT/$UNIT.$OTHER ]; do sleep 0.01; done
    expect: {exit_code: 0}
"""
STRICT = """
name: No ports here
steps:
  - {name: one, run: "PORT_WEB=7; echo $PORT_WEB", expect: {output_contains: ["7"]}}
"""
FILES = {
    "daemon.yml": example("Clone from a daemon"),
    "dies.yml": DIES,
    "left.yml": LEFT,
    "ports-a.yml": f"env: {{MINE: a, OTHER: b, PORT_MINE: mine, UNIT: u}}\n{PORTS}",
    "ports-b.yml": f"env: {{MINE: b, OTHER: a, PORT_MINE: mine, UNIT: u}}\n{PORTS}",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Done]]:
    project = Project(tmp_path_factory.mktemp("programs") / "project")
    variants = {name: {"env": {"OUT": str(project.root.parent / name)}} for name in "vw"}
    for name in variants:
        (project.root.parent / name).mkdir()
    with_scenarios(project, FILES, variants=variants, identity={"name": "a", "email": "b"})
    yield project, project.make("-j4", "test")
    project.end()


def test_the_example_of_the_page(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    for variant in "vw":
        record = project.records()[f"{variant}/daemon"]
        assert record["status"] == "passed", project.log(f"test-{variant}-daemon").decode()
        assert list(cases(record).values()) == ["passed"] * 3
    log = project.log("test-v-daemon").decode()
    assert "goes on in the background as daemon" in log
    assert "- stop daemon by SIGTERM" in log


def test_a_program_that_dies_fails_its_step_and_shows_its_output(ran: tuple[Project, Done]) -> None:
    project, done = ran
    record = project.records()["v/dies"]
    assert cases(record) == {"serve": "failed", "after it": "passed"}
    (row,) = [row for row in record["cases"] if row[1] == "serve"]
    assert row[4] == "server ended before it was ready: exit code 7"
    assert "cannot bind" in row[7]
    assert "| cannot bind" in project.log("test-v-dies").decode()
    assert "server ended before it was ready" in done.text


def test_what_is_left_is_stopped_in_reverse_order_and_shown(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    assert cases(project.records()["v/left"]) == {"one": "passed", "two": "passed", "fails": "failed"}
    log = project.log("test-v-left").decode()
    second = log.index("background program second: stopped at the end")
    first = log.index("background program first: stopped at the end")
    assert log.index("3. fails") < second < first
    assert "| bye" in log[second:first]
    assert "| I am first" in log[first:]
    (fails,) = [row for row in project.records()["v/left"]["cases"] if row[1] == "fails"]
    assert "| I am first" in fails[5], "it is shown where the failure is"


def test_a_scenario_that_is_ended_shows_what_its_programs_printed(tmp_path: Path) -> None:
    text = "name: x\nsteps:\n- {name: a, run: echo I listen; exec sleep 1000, background: p, ready: {output: listen}}\n"
    text += "- {name: b, run: sleep 1000}\n"
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": text}, timeout=1.5)
    project.make("test")
    assert project.statuses() == {"v/a": "timeout"}
    log = project.log("test-v-a").decode()
    assert "background program p: " in log, "SIGTERM may have reached it, too"
    assert log.count("| I listen") == 2
    eventually("nothing is left", lambda: project.processes() == {})


def test_scenarios_that_run_at_the_same_time_have_ports_of_their_own(ran: tuple[Project, Done]) -> None:
    project, _ = ran
    assert {project.statuses()[f"{variant}/ports-{name}"] for variant in "vw" for name in "ab"} == {"passed"}
    for variant in "vw":
        (a, b) = [(project.root.parent / variant / f"u.{name}").read_text().split() for name in "ab"]
        assert len({*a[:2], *b[:2]}) == 4
        assert (a[2], b[2]) == ("mine", "mine")


def test_nothing_is_left(ran: tuple[Project, Done]) -> None:
    eventually("all have ended", lambda: ran[0].processes() == {})


def test_a_strict_suite_has_no_ports(tmp_path: Path) -> None:
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": STRICT}, strict=True)
    assert project.make("test").status == 0, project.log("test-v-a").decode()


# -- isolation --------------------------------------------------------------------------------------------------------

MEET = """
name: Meet
isolate: {tmp: private}
steps:
  - {name: mine, run: "mkdir /tmp/meeting && echo $OUT >/tmp/meeting/who && touch $OUT/here"}
  - {name: theirs, run: "until [ -e $OTHER/here ]; do sleep 0.01; done; cat /tmp/meeting/who", timeout: 60}
  - {name: suite, run: "cat $WORKSPACE_ROOT/suite.yaml; git init -q repo", expect: {output_contains: [tiny]}}
  - {name: port, run: "echo $PORT_ANY"}
  - {name: daemon, run: "setsid sleep 1000 >/dev/null 2>&1 &"}
"""
HOME = """
name: Home
isolate: {home: sandbox}
steps:
  - {name: one, run: "touch $HOME/x; echo $HOME", expect: {output_contains: [$BASE_DIR]}}
"""


def test_scenarios_that_would_meet_run_one_at_a_time(tmp_path: Path) -> None:
    """By a fixed name in /tmp, or by a lock: each would find what another one has made there."""
    name = f"longpole-test-{uuid.uuid4().hex}"
    steps = "steps: [{name: one, run: mkdir %s && sleep 0.1 && rmdir %s, expect: {exit_code: 0}}]\n"
    fixed = f"name: x\n{steps % (f'/tmp/{name}', f'/tmp/{name}')}"
    locked = f"name: y\nlocks: [meeting]\n{steps % ('$MEET', '$MEET')}"
    files = {"a.yml": fixed, "b.yml": fixed, "c.yml": locked, "d.yml": locked}
    names = {"MEET": str(tmp_path / "meet")}
    project = with_scenarios(Project(tmp_path / "project"), files, variants={"v": {}, "w": {}}, names=names)
    done = project.make("-j8", "test")
    assert done.status == 0, done.text


@pytest.mark.userns
@pytest.mark.usefixtures("libfaketime")
def test_isolated_scenarios(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    out = {name: str(tmp_path / name) for name in "vw"}
    for path in out.values():
        Path(path).mkdir()
    pairs = (("v", "w"), ("w", "v"))
    variants = {a: {"env": {"OUT": out[a], "OTHER": out[b]}} for a, b in pairs}
    isolated = example("Nothing outside is seen")
    meeting = f"/tmp/longpole-test-{uuid.uuid4().hex}"
    files = {"meet.yml": MEET.replace("/tmp/meeting", meeting), "page.yml": isolated, "home.yml": HOME}
    with_scenarios(project, files, variants=variants, identity={"name": "a", "email": "b"})
    # the folders of OUT are below /tmp, and stay visible as those of PATH do
    done = project.make("-j4", "test", PATH=f"{project.environ['PATH']}:{out['v']}:{out['w']}")
    logs = "".join(project.log(f"test-{variant}-{name}").decode() for variant in "vw" for name in ("meet", "page"))
    assert done.status == 0, done.text + logs
    for variant in "vw":
        assert f"| {out[variant]}" in project.log(f"test-{variant}-meet").decode()
    assert not Path(meeting).exists()
    assert not (project.root / "x").exists()
    eventually("all have ended", lambda: project.processes() == {})
    private = Path(project.log("test-v-home").decode().split("in /", 1)[1].split("/s/")[0])
    assert not Path("/", private).exists()


@pytest.mark.userns
@pytest.mark.parametrize("warm", ["0", "1"])
def test_where_namespaces_are_forbidden_it_is_skipped_with_the_reason(tmp_path: Path, warm: str) -> None:
    files = {"a.yml": MEET, "b.yml": HOME}
    project = with_scenarios(Project(tmp_path / "project"), files)
    code = forbidden.NAMESPACES + f"os.execvp({tool('make')!r}, ['make', 'test', 'WARM={warm}'])"
    done = project.run(project.python, "-c", code)
    assert done.status == 0, done.text
    assert project.statuses() == {"v/a": "skipped", "v/b": "passed"}, done.text
    assert done.status == 0
    assert "namespaces are not allowed here: unshare: No space left on device" in project.log("test-v-a").decode()
    assert "namespaces are not allowed here" in done.text


@pytest.mark.userns
def test_the_suite_in_tmp_itself_is_an_error(tmp_path: Path) -> None:
    project = with_scenarios(Project(tmp_path / "project"), {"a.yml": MEET}, names={"X": "y"})
    config = project.root / ".longpole" / "scenarios.json"
    config.write_text(config.read_text().replace('"fixtures": "', '"fixtures": "/tmp", "redact": [], "_": "', 1))
    done = project.make("test")
    assert project.statuses() == {"v/a": "error"}, done.text


@pytest.mark.userns
def test_a_suite_isolates_all_its_scenarios(tmp_path: Path) -> None:
    """Also a strict one, whose scenarios use one name in /tmp at the same time."""
    name = f"/tmp/longpole-test-{uuid.uuid4().hex}"
    meet = f"mkdir {name} && touch $OUT/$MINE && until [ -e $OUT/$OTHER ]; do sleep 0.01; done; wc -l </proc/net/dev"
    steps = f"steps: [{{name: one, run: '{meet}', expect: {{exit_code: 0, output_contains: ['3']}}}}]\n"
    files = {f"{a}.yml": f"name: x\nenv: {{MINE: {a}, OTHER: {b}}}\n{steps}" for a, b in ("ab", "ba")}
    isolate = {"tmp": "private", "network": "none"}
    project = Project(tmp_path / "project")
    names = {"OUT": "$WORKSPACE_ROOT"}
    with_scenarios(project, files, strict=True, isolate=isolate, names=names, timeout=60)
    done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert not Path(name).exists()
