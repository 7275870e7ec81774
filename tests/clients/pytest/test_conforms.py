"""The pytest client and Longpole agree: on the protocol, and on what a selection means."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from longpole_pytest.selection import Selection

from longpole.rts_tests.forks.selection import in_lines, parse_selection
from tests.clients.pytest.client import Folder

FILES = {
    "test_a.py": "def test_a(): print('x' * 200_000)\ndef test_b(): assert 0, '\\ud800'",
    "sub/test_b.py": "def test_c(): pass",
    "test_broken.py": "import no_such_module",
    "test_empty.py": "",
}


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--queue"], ["--select=test_a.py#test_a"]])
def test_the_client_conforms(tests: Folder, options: list[str]) -> None:
    for name, text in FILES.items():
        tests.file(name, text)
    given = [f"--class={name}" for name in [*FILES, "test_gone.py"]]
    command = ["{python}", "{clients}/pytest", "run", "{classes_file}"]
    check = [sys.executable, "-m", "longpole", "protocol", "check", *options, *given, "--", *command]
    done = tests.execute(check)
    assert done.status == 0, done.stdout.decode() + done.stderr
    assert b"the client conforms" in done.stdout


WORDS = st.sampled_from(["*", "test_a.py", "*.py", "sub/*", "test_[ab].py", "nothing", "sub/test_b.py"])
CASES = st.sampled_from(["", "#*", "#test_a", "#TestC::*", "#test_[ab]*", "#nothing"])
TERMS = st.builds("{}{}{}".format, st.sampled_from(["", "~"]), WORDS, CASES)


@given(st.lists(TERMS, min_size=1, max_size=4), st.sampled_from(["test_a.py", "sub/test_b.py", "a.b.Spec"]))
def test_files_that_longpole_leaves_out_have_no_selected_test(terms: list[str], file: str) -> None:
    ours, theirs = parse_selection(in_lines(terms)), Selection("\n".join(terms))
    assert ours is not None
    cases = ["test_a", "test_b[1]", "TestC::test_a", "other"]
    if any(theirs.selects(file, case) for case in cases):
        assert ours.may_run(file)
    if ours.may_run(file) and not ours.may_split(file):
        assert all(theirs.selects(file, case) for case in cases)
