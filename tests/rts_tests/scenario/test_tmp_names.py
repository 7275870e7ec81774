"""Fixed names in /tmp: found in the texts of a scenario."""

import shlex
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.scenario.tmp_names import fixed_names, locks_of
from tests.rts_tests.scenario.scenarios import parsed

NAMES = st.text(string.ascii_letters + string.digits + "_-+@%é", min_size=1, max_size=8)


@pytest.mark.parametrize(
    "text",
    [
        "touch /tmp/a",
        "/tmp/a/b/c",
        "/tmp//a",
        "//tmp/a",
        "/tmp/./a/..",
        "x >/tmp/a 2>&1",
        "x 2>>/tmp/a;y",
        "cat '/tmp/a' \"/tmp/a/x y\"",
        "--dir=/tmp/a",
        "PATH=/usr/bin:/tmp/a:/bin",
        "gcc -I/tmp/a",
        "(cd /tmp/a && ls)",
        "file:///tmp/a",
        "ssh://host/x /tmp/a",
        "user@host:/tmp/a",
        "[ -d /tmp/a ]",
        "echo {/tmp/a,b}",
        "$(cat /tmp/a)",
        "`cat /tmp/a`",
        "line\n/tmp/a\nline",
        "rm -rf /tmp/a*",
        "touch /tmp/a$i",
        "touch /tmp/a{1,2}",
        "touch /tmp/a.",
        "cat /tmp/a, then /tmp/a.",
        "mktemp -d /tmp/b.XXXXXX; cat /tmp/a",
        "'/tmp'/b /tmp/a",
    ],
)
def test_a_name_is_found(text: str) -> None:
    assert fixed_names([text]) == ("/tmp/a",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ls /tmp",
        "ls /tmp/",
        "ls /tmp/.",
        "cd /tmp/..",
        "ls /tmp/*",
        "touch /tmp/$X",
        "touch $HOME/tmp/a ~/tmp/a ${X}/tmp/a",
        "touch a/tmp/b ./tmp/a ../tmp/a",
        "/var/tmp/a",
        "/tmpfs/a /tmp-a",
        "touch /tmp/a-$$ /tmp/b.$RANDOM /tmp/c$(date)",
        "mktemp /tmp/a.XXXXXX",
        "TMP=$(mktemp -d /tmp/aXXXX)",
    ],
)
def test_no_name_is_found(text: str) -> None:
    assert fixed_names([text]) == ()


@given(st.lists(NAMES, max_size=5), st.sampled_from([" ", "\n", ";", " > ", "|", "/x "]))
def test_every_name_is_found_whatever_is_between_them(names: list[str], between: str) -> None:
    text = between.join(f"/tmp/{name}" for name in names)
    assert fixed_names([text]) == tuple(sorted({f"/tmp/{name}" for name in names}))


@given(st.lists(NAMES, min_size=1, max_size=5), st.text("ab$ \n/'\"<tmp.", max_size=20))
def test_names_beside_anything(names: list[str], other: str) -> None:
    text = f"{other} {shlex.join(f'/tmp/{name}' for name in names)} {other}"
    assert {f"/tmp/{name}" for name in names} <= set(fixed_names([text]))


@given(st.text())
def test_any_text_is_searched(text: str) -> None:
    for name in fixed_names([text, f"/tmp/{text}"]):
        assert name.startswith("/tmp/")
        assert len(name.split("/")) == 3
        assert name.isprintable() or not name.isascii()


WHOLE = """\
name: x
env: {DIR: /tmp/env}
repos:
  - name: r
    branches: [{name: main, files: [{path: f, content: "echo >/tmp/committed"}]}]
    daft_yml: "hooks: /tmp/daft"
    hook_scripts: [{name: h, content: "touch /tmp/hook"}]
steps:
  - {name: one, run: touch /tmp/run/$DIR $DIR-2, cwd: /tmp/cwd}
  - {name: two, run: a, expect: {files_exist: [/tmp/file, x], output_contains: ["in /tmp/output now"]}}
"""


def test_all_texts_of_a_scenario_count_with_its_own_variables() -> None:
    names = "committed cwd daft env env-2 file hook output run"
    assert locks_of(parsed(WHOLE)) == tuple(f"/tmp/{name}" for name in names.split())


EXTENDED = """\
name: x
skip_if: test -e /tmp/skip
steps:
  - {name: one, run: a, stdin: /tmp/stdin}
  - {name: two, run: a, tty: {rows: 5}, dialog: [{wait: "in /tmp/wait", send: cat /tmp/send}]}
  - {name: three, run: a, background: p, ready: {file: /tmp/ready}}
"""


def test_the_texts_of_extensions_count_as_well() -> None:
    names = "ready send skip stdin wait"
    assert locks_of(parsed(EXTENDED, strict=False)) == tuple(f"/tmp/{name}" for name in names.split())
