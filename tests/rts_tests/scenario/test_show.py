"""A scenario shown without being run."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.model import Check, Scenario, Settings, Step
from longpole.rts_tests.scenario.new import TEMPLATE
from longpole.rts_tests.scenario.parse import parse
from longpole.rts_tests.scenario.show import known_variables, scenario_lines
from longpole.rts_tests.scenario.variables import Variables
from tests.rts_tests.scenario.scenarios import parsed


def template() -> Scenario:
    return parse(TEMPLATE.encode(), "s/new.yml", Fixtures("none"), strict=True)


def test_steps_with_what_is_known_of_their_variables() -> None:
    lines = scenario_lines(template(), Variables({"GREETING": "Hello"}), checks=False)
    assert lines == [
        "Clone a repository  s/new.yml",
        "   What this scenario is about, in as many lines as it takes.",
        "   repository $REMOTE_MY_REPO: main, feature/one",
        "   GREETING=Hello",
        "",
        "1. Clone it  (line 27)",
        "   $ git clone $REMOTE_MY_REPO clone 2>&1",
        "",
        "2. Look at the branch  (line 37)",
        "   $ git switch feature/one && cat README.md",
        "   in clone",
    ]


def test_with_checks() -> None:
    lines = scenario_lines(template(), Variables({"GREETING": "Hello"}), checks=True)
    assert lines[lines.index("   $ git clone $REMOTE_MY_REPO clone 2>&1") + 1 :][:6] == [
        "   exit_code: 0",
        "   dirs_exist: clone",
        "   files_exist: clone/README.md",
        "   files_not_exist: clone/one.txt",
        "   output_contains: Cloning into",
        "   output_not_contains: fatal",
    ]
    assert lines[-5:] == [
        "   exit_code: 0",
        "   file_contains: one.txt: one",
        "   output_contains: Hello",
        "   is_git_worktree: .: feature/one",
        "   branch_exists: $REMOTE_MY_REPO: feature/*",
    ]


def test_several_lines_and_empty_texts() -> None:
    step = Step(
        "s", "one\ntwo $X\n", 3, checks=(Check("is_git_worktree", ("d", "")), Check("output_contains", ("a\nb",)))
    )
    lines = scenario_lines(Scenario("f.yml", "n", steps=(step,)), Variables({"X": "1"}), checks=True)
    assert lines[2:] == [
        "1. s  (line 3)",
        "   $ one",
        "   > two 1",
        "   is_git_worktree: d: ",
        "   output_contains: a\\nb",
    ]


@given(st.text(), st.text(), st.text(max_size=20))
def test_nothing_in_it_controls_a_terminal(name: str, run: str, value: str) -> None:
    step = Step(name, run, 1, cwd=name, checks=(Check("output_contains", (run,)),))
    scenario = Scenario("f.yml", name, description=run, env={"X": value}, steps=(step,))
    for each in scenario_lines(scenario, Variables({"X": value}), checks=True):
        assert not set(each) & {"\x1b", "\n", "\r", "\x07", "\x9b"}


PROGRAMS = """
name: x
isolate: {tmp: private, home: sandbox, network: none, clock: 2030-01-31}
locks: [a, b]
steps:
  - {name: serve, run: "serve $PORT_WEB $KNOWN", background: web, ready: {output: "on $KNOWN\\x1b[31m"}}
  - {name: other, run: serve, background: other, cwd: there}
  - {name: end, stop: {name: web, signal: INT}}
  - {name: wait, wait: other, expect: {exit_code: 0}}
env: {KNOWN: a b}
"""


def test_programs_and_isolation_are_shown() -> None:
    scenario = parsed(PROGRAMS, strict=False)
    lines = scenario_lines(scenario, known_variables(scenario, Settings("/root", "")), checks=True)
    assert lines[1:] == [
        "   KNOWN=a b",
        "   isolated: private /tmp, home in the sandbox, no network, clock from 2030-01-31 00:00:00 UTC",
        "   locks: a, b",
        "",
        "1. serve  (line 6)",
        "   $ serve $PORT_WEB a b",
        "   in the background as web, ready by output: on a b",
        "",
        "2. other  (line 7)",
        "   $ serve",
        "   in there",
        "   in the background as other",
        "",
        "3. end  (line 8)",
        "   - stop web by SIGINT",
        "",
        "4. wait  (line 9)",
        "   - wait for other",
        "   exit_code: 0",
    ]
