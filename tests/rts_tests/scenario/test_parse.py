"""What a scenario's file means: every key, and what may be left empty."""

import pytest

from longpole.rts_tests.scenario.model import (
    Branch,
    Check,
    Exchange,
    File,
    Input,
    Repeat,
    Repository,
    Step,
    Terminal,
)
from tests.rts_tests.scenario.scenarios import HEAD, STEPS, parsed, repository

WHOLE = """\
name: Clone and look
description: |
  Two lines
  of words.
repos:
  - name: my-repo
    default_branch: trunk
    branches:
      - name: trunk
        files:
          - {path: README.md, content: "# hi\\n"}
          - {path: ./src//a.txt, content: 5}
        commits:
          - message: First
      - name: feature/a
        from: trunk
        files: [{path: b, content: }]
    daft_yml: "hooks: {}"
    hook_scripts:
      - {name: post-clone, content: "#!/bin/sh"}
env:
  A: "1"
  B: true
  C:
steps:
  - name: clone
    run: true
    cwd: $WORK_DIR/x
    expect:
      output_not_contains: [no]
      branch_exists: [{repo: $R, branch: a*}]
      exit_code: 128
      dirs_exist: [d, e]
      is_git_worktree:
        - {dir: w, branch: main}
        - {dir: v, branch: }
      files_exist: [f]
      files_not_exist: [g]
      file_contains: [{path: p, content: q}]
      file_not_contains: [{path: r, content: ""}]
      output_contains: ["", 'x "y"', 7]
  - name: again
    run: |
      a
      b
"""


def test_every_key_of_the_format() -> None:
    scenario = parsed(WHOLE)
    assert (scenario.path, scenario.name, scenario.description) == ("a.yml", "Clone and look", "Two lines\nof words.\n")
    assert scenario.repositories == (
        Repository(
            "my-repo",
            "trunk",
            (
                Branch("trunk", None, (File("README.md", "# hi\n"), File("src/a.txt", "5")), ("First",)),
                Branch("feature/a", "trunk", (File("b", ""),), ()),
            ),
            "hooks: {}",
            (File("post-clone", "#!/bin/sh"),),
        ),
    )
    assert scenario.env == {"A": "1", "B": "true", "C": ""}
    first, second = scenario.steps
    assert first.exit_line == 32
    assert (first.name, first.run, first.cwd, first.exit_code, first.line) == ("clone", "true", "$WORK_DIR/x", 128, 26)
    assert second == Step("again", "a\nb\n", 42)
    assert (scenario.timeout_s, first.timeout_s, scenario.tags) == (None, None, ())


def test_checks_are_in_the_order_in_which_they_are_made() -> None:
    assert parsed(WHOLE).steps[0].checks == (
        Check("dirs_exist", ("d",), 33),
        Check("dirs_exist", ("e",), 33),
        Check("files_exist", ("f",), 37),
        Check("files_not_exist", ("g",), 38),
        Check("file_contains", ("p", "q"), 39),
        Check("file_not_contains", ("r", ""), 40),
        Check("output_contains", ("",), 41),
        Check("output_contains", ('x "y"',), 41),
        Check("output_contains", ("7",), 41),
        Check("output_not_contains", ("no",), 30),
        Check("is_git_worktree", ("w", "main"), 35),
        Check("is_git_worktree", ("v", ""), 36),
        Check("branch_exists", ("$R", "a*"), 31),
    )


@pytest.mark.parametrize("none", ["", " ~", " null", " Null"])
def test_optional_keys_may_be_empty(none: str) -> None:
    step = f"  - name: s\n    run: r\n    cwd:{none}\n    expect:{none}\n"
    keys = "".join(f"{key}:{none}\n" for key in ("description", "repos", "env"))
    scenario = parsed(f"name: x\n{keys}steps:\n{step}")
    assert (scenario.description, scenario.repositories, scenario.env) == (None, (), {})
    assert scenario.steps == (Step("s", "r", 6),)
    lists = "".join(f"      {key}:{none}\n" for key in ("exit_code", "dirs_exist", "file_contains", "branch_exists"))
    assert parsed(f"name: x\nsteps:\n  - name: s\n    run: r\n    expect:\n{lists}").steps == (Step("s", "r", 3),)
    keys = "".join(f"\n    {key}:{none}" for key in ("default_branch", "branches", "daft_yml", "hook_scripts"))
    assert repository(f"name: x{keys}\n") == Repository("x")
    branch = "".join(f"\n        {key}:{none}" for key in ("from", "files", "commits"))
    assert repository(f"name: x\n    branches:\n      - name: main{branch}\n").branches == (Branch("main"),)


def test_all_scalars_are_text_but_the_exit_code() -> None:
    scenario = parsed("name: 1.50\nenv: {A: 010, B: ~, C: 0x1F}\nsteps: [{name: yes, run: null}]\n")
    assert (scenario.name, dict(scenario.env)) == ("1.50", {"A": "010", "B": "~", "C": "0x1F"})
    assert (scenario.steps[0].name, scenario.steps[0].run) == ("yes", "null")


def test_names_of_variables_are_text() -> None:
    assert dict(parsed(HEAD + "env: {ON: a, y: b, 5: c, null: d}\n").env) == {
        "ON": "a",
        "y": "b",
        "5": "c",
        "null": "d",
    }


def test_in_quotes_nothing_is_absent() -> None:
    (step,) = parsed("name: x\nsteps: [{name: '', run: '', cwd: '~', expect: {dirs_exist: ['null', '']}}]\n").steps
    assert (step.name, step.run, step.cwd) == ("", "", "~")
    assert [check.texts for check in step.checks] == [("null",), ("",)]


@pytest.mark.parametrize("code", [-1, 0, 7, 128, 255])
def test_exit_codes(code: int) -> None:
    text = f"name: x\nsteps: [{{name: s, run: r, expect: {{exit_code: {code}}}}}]\n"
    assert parsed(text).steps[0].exit_code == code


def test_aliases_stand_for_what_they_name() -> None:
    text = "name: x\nsteps:\n  - {name: &n s, run: r, expect: &e {exit_code: 0}}\n  - {name: *n, run: r, expect: *e}\n"
    first, second = parsed(text).steps
    assert (second.name, second.exit_code) == (first.name, first.exit_code) == ("s", 0)


def test_extensions_where_the_suite_is_not_strict() -> None:
    text = "name: x\ntimeout: 90\ntags: [slow, net.2]\nsteps: [{name: s, run: r, timeout: 0.5}]\n"
    scenario = parsed(text, strict=False)
    assert (scenario.timeout_s, scenario.tags, scenario.steps[0].timeout_s) == (90, ("slow", "net.2"), 0.5)


@pytest.mark.parametrize("prefix", ["\ufeff", "---\n", "# about\n\n"])
@pytest.mark.parametrize("end", ["", "...\n", "# end"])
def test_what_may_surround_a_file(prefix: str, end: str) -> None:
    assert parsed(prefix + HEAD + end).steps[0].run == "true"


def test_line_ends_of_windows() -> None:
    assert parsed(HEAD.replace("\n", "\r\n")) == parsed(HEAD)


@pytest.mark.parametrize(
    "branches",  # those of the third are not in the order in which they are made: the default is the first
    [
        "[{name: main}]",  # a repository without a commit
        "[{name: main, files: [{path: a, content: x}]}, {name: b}, {name: c, from: b, files: [{path: a, content: y}]}]",
        "[{name: b, from: main}, {name: main, from: main, files: [{path: a, content: x}]}]",
        "[{name: main, files: [{path: a, content: x}]}, {name: a/b}, {name: ab}, {name: a-b}]",
    ],
)
def test_branches_that_git_can_make(branches: str) -> None:
    assert repository(f"{{name: r, branches: {branches}}}").branches


def test_a_branch_may_begin_at_what_daft_yml_or_a_hook_committed() -> None:
    repository("{name: r, daft_yml: x, branches: [{name: main}, {name: b}]}")
    repository("{name: r, hook_scripts: [{name: h, content: x}], branches: [{name: main}, {name: b}]}")
    repository("{name: r, daft_yml: x}")


def test_names_of_repositories_may_differ_in_other_characters() -> None:
    text = f"{STEPS}name: x\nrepos: [{{name: a}}, {{name: a.b}}, {{name: ab}}]\n"
    assert [each.name for each in parsed(text).repositories] == ["a", "a.b", "ab"]


def test_patterns_are_read_without_a_warning() -> None:
    """Python warns about what it may read otherwise one day."""
    text = "name: x\nsteps:\n  - {name: s, run: r, expect: {output_matches: ['[[a]', 'a||b']}}\n"
    (step,) = parsed(text, strict=False).steps
    assert [check.texts for check in step.checks] == [("[[a]",), ("a||b",)]


def _extended(keys: str) -> Step:
    (step,) = parsed(f"name: x\nsteps:\n  - {{name: s, run: r, {keys}}}\n", strict=False).steps
    return step


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("stdin: 5", Input("5")),
        ("stdin: ''", Input("")),
        ("stdin: , tty: , dialog: , eventually: ", Input()),
        ("tty: {}", Input(terminal=Terminal(24, 80))),
        ("tty: {rows: 5, cols: 100}, stdin: a", Input("a", Terminal(5, 100))),
        (
            "dialog: [{wait: a.b}, {wait: '$A', send: \"y\\n\", timeout: 100ms}]",
            Input(dialog=(Exchange("a.b", "", None, 3), Exchange("$A", "y\n", 0.1, 3))),
        ),
    ],
)
def test_input(keys: str, expected: Input) -> None:
    assert _extended(keys).input == expected


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5), ("0.5", 0.5), ("10s", 10), ("100ms", 0.1), ("1.5m", 90), ("2h", 7200)]
)
def test_durations_may_have_a_unit(text: str, seconds: float) -> None:
    assert _extended(f"timeout: {text}").timeout_s == pytest.approx(seconds)
    repeat = _extended(f"eventually: {{within: {text}, every: 1s}}").repeat
    assert repeat is not None
    assert repeat.within_s == pytest.approx(seconds)
    assert repeat.every_s == 1
    assert _extended("eventually: {within: 3}").repeat == Repeat(3, 0.1)
