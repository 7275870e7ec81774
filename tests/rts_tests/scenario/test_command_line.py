"""Command lines without a shell: whatever is accepted does the same as `bash -c`, and plain commands are accepted."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from longpole.rts_tests.scenario import command_line
from longpole.rts_tests.scenario.command_line import Words, split
from tests.rts_tests.scenario.beside_bash import by_bash, by_step, plain_environ, program

_NAMES = ["A", "a_1", "_x", "LC_ALL", "LANG", "TZ", "HOME", "GIT_DIR", "PATHS", "EDITOR"]
_SAFE = st.text("abzAZ019_./:,@%^+-=é€\u4e2d", min_size=1, max_size=5)
_SINGLE = st.text('ab $`"\\~*?!#;&|<>(){}[]\n\té', max_size=6).map(lambda text: f"'{text}'")
_DOUBLE = st.text("ab '~*?!#;&|<>(){}[]\n\té", max_size=6).map(lambda text: f'"{text}"')
_WORDS = st.lists(st.one_of(_SAFE, _SINGLE, _DOUBLE), min_size=1, max_size=3).map("".join)
_HOSTILE = st.text("ab\\$~{}#*?[]<>|&;()!`'\"=%^- \t\n\r\x01\x7f\xa0é1:2", max_size=8)
_PREFIX = st.tuples(st.sampled_from(_NAMES), st.one_of(st.just(""), _WORDS)).map("=".join)
_GAP = st.sampled_from([" ", "  ", "\t", " \t "])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Command lines of `show`, most without shell syntax."""
    words = [*draw(st.lists(_PREFIX, max_size=2)), "show"]
    words += draw(st.lists(st.one_of(_WORDS, _WORDS, _HOSTILE), max_size=4))
    words += draw(st.sampled_from([[], [], ["2>&1"], ["2>&1"], ["'2>&1'"], ["2>&1", "x"]]))
    gap = draw(_GAP)
    return draw(st.sampled_from(["", " ", "\t"])) + gap.join(words) + draw(st.sampled_from(["", " ", "\n", " \n"]))


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bin")
    program(folder / "show")
    return folder


_PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_PROPERTY
@given(texts())
@example("show a 2>&1")
@example("show a2>&1")
@example('show "a"2>&1')
@example("show ''")
@example("show 'a'\"b\"c")
@example("A= show")
@example("A=1 A=2 show")
@example("show\n")
@example("show a\r\n")
@example("show $'a'")
@example("show {a,b} ~ a=~ !! %1 #c")
def test_what_is_accepted_does_the_same_as_bash(bin_folder: Path, text: str) -> None:
    words = split(text)
    if words is None:
        return
    environ = plain_environ(bin_folder)
    assert by_step(text, environ, bin_folder) == by_bash(text, environ, bin_folder)
    shown = by_bash(text, environ, bin_folder)[1]
    assert shown.startswith("".join(f"<{word}>" for word in words.argv[1:]).encode())


@_PROPERTY
@given(st.text("ab =\t'\"2>&1$~|;\n\\{}é", max_size=12))
def test_any_text_does_the_same_as_bash(bin_folder: Path, text: str) -> None:
    """Also what is no command, and what is for the shell."""
    environ = plain_environ(bin_folder)
    for command in (text, f"show {text}"):
        if split(command) is not None:
            assert by_step(command, environ, bin_folder) == by_bash(command, environ, bin_folder), command


@pytest.mark.parametrize(
    "text",
    [
        "git status",
        "git clone /tmp/a/remotes/one clone 2>&1",
        "git commit -m 'Add a file' --allow-empty",
        'git commit -m "What\'s new: 100%, (really)!"',
        "git log --format=%H main..feature/one",
        "git worktree add ../other -b feature/one origin/main  2>&1\n",
        "GIT_PAGER=cat PAGER='' git log",
        "git -c user.name='A B' config --get user.name",
        "./script.sh --flag=value a:b @x ^y",
        "/usr/bin/env",
        "grep 'a.*b$' file",
        "git show 'HEAD~1:a b'",
        "tool ünïcode 中文 2>&1",
        "tool ''",
        "tool 'two\nlines'",
    ],
)
def test_plain_commands_are_accepted(text: str) -> None:
    assert split(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\n", "# a", "2>&1", "A=1", "A=1 2>&1", "A=b=c", "a\nb", "a\n\n", "a;b", "a & b", "a|b", "a>b"),
        *("a 2>&1 b", "a >f 2>&1", "a2>&1", "a 2>&12", "a $B", 'a "$B"', "a `b`", 'a "`b`"', "a \\b", 'a "\\b"'),
        *("a ~", "a b=~", "a HEAD~1", "a *", "a ?", "a [x]", "a {b,c}", "a x@{1}", "! a", "a !", "a (b)", "(a)"),
        *("a #b", "a 'b", 'a "b', "a $'b'", 'a $"b"', "'a'b=c", "a 'b\nc' 2>&1", "A=1 cd x", "'cd' x", '"exit"'),
        *("cd x", "export A=1", "exit 3", "time a", "[ a ]", ": a", ". a", "true", "echo a", "if", "'' a", "-x", "+x"),
        *("%1", "PATH=/x a", "IFS=: a", "BASH_ENV=x a", "UID=0 a", "_=x a", "A+=b c", "'A'=b c", "POSIXLY_CORRECT=1 a"),
        *("a\rb", "a b\r\n", "a '\x01'", "a \x7f", "a\xa0b", "a\vb", "a\fb", "a '\r'"),
    ],
)
def test_everything_else_needs_a_shell(text: str) -> None:
    assert split(text) is None


def test_words_are_unquoted_and_variables_apart() -> None:
    text = "A=1 B='two words' git commit -m \"it's\" 'a'\"b\"c '' 2>&1"
    env = (("A", "1"), ("B", "two words"))
    assert split(text) == Words(("git", "commit", "-m", "it's", "abc", ""), env, joined=True)


def test_long_texts_take_no_time() -> None:
    """No pattern tries a text in many ways."""
    for text in ("a" * 100_000 + "$", "a " * 50_000 + "$", "'a'" * 50_000 + "`", "A=1 " * 30_000):
        assert split(text) is None


def test_builtins_and_keywords_are_those_of_bash() -> None:
    listed = subprocess.run(["bash", "-c", "compgen -bk"], capture_output=True, text=True, check=True).stdout.split()
    assert [word for word in listed if split(f"{word} x") is not None] == []


@pytest.mark.parametrize("ending", ["", " 2>&1", "\n", " 2>&1\n", "; :"])
def test_missing_programs_are_reported_by_bash(tmp_path: Path, ending: str) -> None:
    (tmp_path / "data").write_text("x")
    (tmp_path / "script").write_text("echo from a script without an interpreter; exit 3\n")
    (tmp_path / "script").chmod(0o755)
    program(tmp_path / "lost", "#!/no/such/interpreter\n")
    environ = {**plain_environ(tmp_path), "LC_ALL": "C"}
    codes = []
    for word in (
        "no-such-program",
        "./no-such-program",
        "./data",
        "data",
        ".//",
        "./script",
        "script",
        "lost",
        "data/x",
    ):
        assert by_step(word + ending, environ, tmp_path) == by_bash(word + ending, environ, tmp_path), word
        codes.append(by_step(word + ending, environ, tmp_path)[0])
    if ":" not in ending:
        assert (codes[0], codes[2], codes[5]) == (127, 126, 3)


@pytest.mark.parametrize("ending", ["", "\n", " 2>&1", " 2>&1 \n"])
def test_death_by_a_signal_is_what_bash_makes_of_it(tmp_path: Path, ending: str) -> None:
    program(tmp_path / "die", '#!/bin/sh\nulimit -c 0\nkill -"$1" $$\n')
    environ = plain_environ(tmp_path)
    for number in (1, 2, 3, 6, 9, 10, 11, 13, 14, 15, 24, 31, signal.SIGRTMIN, signal.SIGRTMIN + 3):
        text = f"A='b  c'   die {int(number)}{ending}"
        assert split(text) is not None
        assert by_step(text, environ, tmp_path) == by_bash(text, environ, tmp_path), number
    assert by_step(f"die 9{ending}", environ, tmp_path)[0] == (137 if "2>&1" in ending else -1)


def _variables_of_bash() -> list[str]:
    listed = subprocess.run(
        ["bash", "-c", "compgen -v"], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    known = listed.stdout.split() + sorted(command_line._OF_BASH)
    other = "LINES COLUMNS TERM LC_ALL LC_CTYPE TZ ENV TIMEFORMAT CDPATH MAIL FIGNORE PS0 PS1 PS2 PS3 1x a.b"
    return sorted({*known, *other.split()})


@pytest.mark.parametrize("ending", ["", " 2>&1"])
def test_the_environment_is_that_of_bash(tmp_path: Path, ending: str) -> None:
    text = f"{shutil.which('env')} -0{ending}"
    for name in _variables_of_bash():
        for value in ("", "7", "x/y", str(tmp_path)):
            path = {"PATH": f"{value}:{os.environ['PATH']}"} if name == "PATH" else {name: value}
            environ = {**plain_environ(tmp_path), **path}
            if not command_line.is_plain(environ, text):
                continue
            code, out, err = by_step(text, environ, tmp_path)
            expected = by_bash(text, environ, tmp_path)
            assert (code, sorted(out.split(b"\0")), err) == (expected[0], sorted(expected[1].split(b"\0")), expected[2])


@pytest.mark.parametrize("level", [None, "0", "1", "41", "899", "998", "999", "1000", "-3", "x", "", "007"])
@pytest.mark.parametrize("ending", ["", " 2>&1"])
def test_the_shell_level_is_that_of_bash(tmp_path: Path, level: str | None, ending: str) -> None:
    environ = {**plain_environ(tmp_path), **({} if level is None else {"SHLVL": level})}
    text = f"{shutil.which('printenv')} SHLVL{ending}"
    assert by_step(text, environ, tmp_path) == by_bash(text, environ, tmp_path)


def test_the_working_directory_is_named_as_bash_names_it(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    text = f"{shutil.which('printenv')} PWD"
    values = ("", "/", "relative", str(link), f"{link}/", f"{tmp_path}/./link", f"{folder}/../link", str(folder), "/no")
    for value in values:
        environ = {**plain_environ(tmp_path), "PWD": value, "OLDPWD": value}
        assert by_step(text, environ, link) == by_bash(text, environ, link), value
    assert by_step(text, {**plain_environ(tmp_path), "PWD": str(link)}, link)[1] == f"{link}\n".encode()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BASH_FUNC_show%%": "() {  builtin echo function; }"}, b"function\n"),
        ({"BASH_ENV": "{folder}/rc"}, b"from rc\n"),
        ({"SHELLOPTS": "noexec"}, b""),
    ],
)
def test_bash_runs_what_its_environment_changes(bin_folder: Path, variables: dict[str, str], expected: bytes) -> None:
    (bin_folder / "rc").write_text("show() { builtin echo from rc; }\n")
    changed = {name: value.replace("{folder}", str(bin_folder)) for name, value in variables.items()}
    environ = {**plain_environ(bin_folder), **changed}
    assert by_step("show a", environ, bin_folder) == by_bash("show a", environ, bin_folder)
    assert by_step("show a", environ, bin_folder)[1] == expected


@pytest.mark.parametrize("path", ["{}", "relative:{}", ":{}", "{}:", "/no/such:{}", "{}/", "", "{}::/usr/bin"])
def test_programs_are_found_as_by_bash(bin_folder: Path, tmp_path: Path, path: str) -> None:
    program(tmp_path / "show", "#!/bin/sh\nprintf own\n")
    program(tmp_path / "relative/show", "#!/bin/sh\nprintf relative\n")
    (tmp_path / "folder/show").mkdir(parents=True)
    rest = os.environ["PATH"]
    environ = {
        **plain_environ(bin_folder),
        "PATH": f"{path.format(bin_folder)}:{tmp_path}/folder:{rest}" if path else "",
    }
    if not path:  # bash has a default of its own, but something has to find bash
        assert not command_line.is_plain(environ, "show")
        return
    assert by_step("show a", environ, tmp_path) == by_bash("show a", environ, tmp_path)


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "xx_XX.UTF-8", "ja_JP.SJIS", ""])
def test_locales_are_those_of_bash(bin_folder: Path, locale: str) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        environ = {**plain_environ(bin_folder), "LANG": "", name: locale}
        for text in ("show é 表", "show a"):
            assert by_step(text, environ, bin_folder) == by_bash(text, environ, bin_folder), name
