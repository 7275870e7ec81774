"""Ports of forks in real runs: free ones that runs never share, and debug ports that are shifted or refused."""

import re
from pathlib import Path

import pytest

from tests.fork_suites import RUN, Suite, results, shares, write_forks
from tests.project import Project

JDWP = "-agentlib:jdwp=transport=dt_socket,server=y,address="
LISTENS = """
import os, socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[3]))):
    open(f"{os.environ['MEET']}/{sys.argv[3]}", "x").close()
    while len(os.listdir(os.environ["MEET"])) < 4:
        time.sleep(0.01)
"""
"""A class that holds its port until those of all forks are held."""


def test_forks_of_two_runs_listen_on_ports_of_their_own_at_the_same_time(tmp_path: Path) -> None:
    meet = tmp_path / "meet"
    meet.mkdir()
    projects = [Project(tmp_path / name, {"MEET": str(meet)}) for name in ("one", "two")]
    try:
        for project in projects:
            write_forks(project, {"a": LISTENS, "b": LISTENS}, run=[*RUN, "{port:web}"])
        runs = [project.start("make", "-j2", "test") for project in projects]
        for run in runs:
            out, err = run.communicate()
            assert run.returncode == 0, (out + err).decode()
    finally:
        for project in projects:
            project.end()
    assert len(list(meet.iterdir())) == 4


def test_a_port_is_the_same_in_every_attempt(suite: Suite) -> None:
    text = "import sys\nprint('port', sys.argv[3])\nraise Exception"
    project = suite({"a": text}, run=[*RUN, "{port:web}"], max_forks=1)
    assert project.make("test", "RETRIES=2").status == 2
    ports = re.findall(rb"port (\d+)\n", project.log("test-v-m-fork-0"))
    assert len(ports) == 3
    assert len(set(ports)) == 1


SHOWS = "import os, sys\nprint('words', *sys.argv[3:])\nprint('variable', os.environ.get('NODE_OPTIONS'))"


def test_shifted_debug_ports_are_those_that_log_and_terminal_name(suite: Suite) -> None:
    project = suite(
        {"a": SHOWS, "b": SHOWS},
        run=[*RUN, f"{JDWP}*:5005", "{port:web}"],
        debug_ports="shift",
        variants={"v": {}, "w": {}},
    )
    done = project.make("test", NODE_OPTIONS="--inspect")
    assert done.status == 0, done.text
    for number, (variant, fork) in enumerate([("v", 0), ("v", 1), ("w", 0), ("w", 1)]):
        log = project.log(f"test-{variant}-m-fork-{fork}").decode()
        line, *_ = log.splitlines()
        if number == 0:
            assert line == "[longpole: debug ports of this fork: 5005 (`run`), 9229 (`NODE_OPTIONS`)]"
            assert "variable --inspect\n" in log
        else:
            ports = f"{5005 + number} (`run` says 5005), {9229 + number} (`NODE_OPTIONS` says 9229)"
            assert line == f"[longpole: debug ports of this fork: {ports}]"
            assert f"variable --inspect={9229 + number}\n" in log
        assert re.search(rf"words {re.escape(JDWP)}\*:{5005 + number} \d+\n", log)
        assert f"{variant}/m[fork-{fork}]: {line.strip('[]').removeprefix('longpole: ')}" in done.text


def test_a_listing_is_not_debugged(suite: Suite) -> None:
    """It could not listen where a fork does, would wait for a debugger, and its output would begin with the port."""
    listing = {"shell": "echo $JAVA_TOOL_OPTIONS $NODE_OPTIONS; ls classes"}
    module = {"env": {"NODE_OPTIONS": "--inspect=0 --trace-warnings"}}
    project = suite({"a": SHOWS}, list=listing, module=module, max_forks=2)
    done = project.make("test", JAVA_TOOL_OPTIONS=f"-ea {JDWP}0 -Xmx1g")
    assert shares(project) == [["-ea -Xmx1g --trace-warnings"], ["a"]], done.text


@pytest.mark.parametrize("goal", ["test", "test-v-m"])
def test_a_debug_port_in_the_environment_is_refused_before_anything_is_run(suite: Suite, goal: str) -> None:
    project = suite({"a": "", "b": ""})
    done = project.make(goal, MAVEN_OPTS=f"-Xmx1g {JDWP}5005")
    assert done.status == 2
    what = "MAVEN_OPTS: the debug port 5005 is fixed, and 2 forks cannot share it: units of v/m; unset MAVEN_OPTS, or"
    assert what in done.err
    assert not project.runs
    assert project.make("test-v-m-fork-1", MAVEN_OPTS=f"{JDWP}5005").status == 0
    assert results(project) == {"b": "passed"}
