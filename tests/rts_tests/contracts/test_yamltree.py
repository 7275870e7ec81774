"""Reading YAML: whatever the bytes are, a tree with places or problems with places, soon and without recursion."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.suite.dialect import SUITE
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.tree import Mapping, Node, Scalar, Sequence

LOADERS = pytest.mark.parametrize("pure", [False, True], ids=["C", "Python"])

# Every kind of mistake that YAML itself can have: the text, the place, and a word of the message.
MISTAKES = [
    ("a:\n\tb: 1\n", 2, 1, "tab"),
    ("a: \t- b\n", 1, 4, "tab"),
    ("a: @x", 1, 4, "cannot begin with `@`"),
    ("a: `x`", 1, 4, "cannot begin with"),
    ("a: b: c", 1, 5, "`:` begins a mapping"),
    ("a: 1\n b: 2", 2, 3, "`:` begins a mapping"),
    ("a: 1\nb\nc: 2", 2, 1, "expected a key here"),
    ("a: [1,", 1, 7, "ends inside"),
    ("a: 'x", 1, 6, "ends inside"),
    ("a: {target}/x", 1, 12, "in quotes"),
    ("a: *x\n", 1, 4, "names no anchor"),
    ("a: &x [*x]", 1, 8, "inside what it names"),
    ("a: &x {b: [*x]}", 1, 12, "inside what it names"),
    ("a: 1\n---\nb: 2\n", 2, 1, "second YAML document"),
    ("a: 1\na: 2\n", 2, 1, "twice, first in line 1"),
    ("a: {b: 1, c: 2, b: 3}", 1, 17, "twice, first in line 1"),
    ("a: !!python/object/apply:os.system [x]", 1, 4, "tag `!!python/object/apply:os.system`"),
    ("a: !!python/name:os.system x", 1, 4, "tag"),
    ("a: !!binary aGk=", 1, 4, "tag"),
    ("a: !mine {b: 1}", 1, 4, "tag `!mine`"),
    ("a: !no!tag b", 1, 4, "tag"),
    ("b: &x {c: 1}\na:\n  <<: *x\n", 3, 3, "merge key"),
    ("? [1, 2]\n: x", 1, 3, "list cannot be a key"),
    ("? {a: 1}\n: x", 1, 3, "mapping cannot be a key"),
    ("on: 1", 1, 1, "`on` as true"),
    ("a: {1.5: x}", 1, 5, "`1.5` as a number"),
    ("~: 1", 1, 1, "as null"),
    ("? \n: 1", 1, 2, "a key is missing"),
    ("%YAML 1.1\n---\na: 1", 1, 1, "`%`"),
    ("# first\n%FOO\n---\na: 1", 2, 1, "`%`"),
    ("a: x\x00", 1, 5, "U+0000"),
    ("a: 1\nb: x\x07", 2, 5, "U+0007"),
    ("a: x\u2028y", 1, 5, "U+2028"),
    ("a: x\ufeffy", 1, 5, "U+FEFF"),
    ("", 1, 1, "empty"),
    ("# nothing\n", 1, 1, "empty"),
    ("---\n...\n", 1, 1, "empty"),
    ("- a", 1, 1, "this is a list"),
    ("text", 1, 1, "this is the text"),
]


def read(text: str | bytes, pure: bool = False) -> Mapping:
    problems = Problems("suite.yaml")
    data = text if isinstance(text, bytes) else text.encode()
    root = yamltree.parse(data, problems, SUITE, pure=pure)
    if problems:
        problems.stop()
    return root


def plain(node: Node) -> object:
    """The tree as values with their places."""
    if isinstance(node, Scalar):
        return (node.value, node.text, node.line, node.column)
    if isinstance(node, Sequence):
        return ([plain(item) for item in node.items], node.line, node.column)
    return ({plain(e.key): plain(e.value) for e in node.entries.values()}, node.line, node.column)


def outcome(data: bytes, pure: bool) -> object:
    try:
        return plain(read(data, pure))
    except UseError as error:
        return str(error)


@LOADERS
@pytest.mark.parametrize(("text", "line", "column", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_place_whichever_loader_reads(
    text: str, line: int, column: int, message: str, pure: bool
) -> None:
    with pytest.raises(UseError) as caught:
        read(text, pure)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (line, column)
    assert message in str(problem)
    assert problem.remedy


@pytest.mark.parametrize(
    "text", [mistake[0] for mistake in MISTAKES] + ["a: {? : 1}\nb: @x", "a: [x, 1]\nb: {c: ~}\r\nd: |\n  e\n"]
)
def test_both_loaders_say_the_same(text: str) -> None:
    assert outcome(text.encode(), False) == outcome(text.encode(), True)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ", ", '"', "1", "~"])).map("".join)
)
def test_both_loaders_say_the_same_of_anything_without_tabs(text: str) -> None:
    assert outcome(text.encode(), False) == outcome(text.encode(), True)


def test_the_loader_in_c_is_installed_where_these_tests_run() -> None:
    import yaml

    assert yaml.__with_libyaml__


@LOADERS
def test_nodes_know_where_they_begin(pure: bool) -> None:
    root = read("\ufeffé: [x, {y: 'z'}]\n", pure)
    entry = root.entries["é"]
    assert (entry.key.line, entry.key.column) == (1, 1)
    assert isinstance(entry.value, Sequence)
    x, mapping = entry.value.items
    assert (x.column, mapping.column) == (5, 8)
    assert isinstance(mapping, Mapping)
    assert mapping.entries["y"].value.column == 12


@LOADERS
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0", 0),
        ("0x10", 16),
        ("1_000", 1000),
        ("1.50", 1.5),
        ("true", True),
        ("no", False),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("010", "010"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("=", "="),
        ("0x_", "0x_"),
        ("1e3", "1e3"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_only_null_booleans_and_plain_numbers_are_more_than_text(text: str, value: object, pure: bool) -> None:
    node = read(f"a: {text}", pure).entries["a"].value
    assert isinstance(node, Scalar)
    assert (node.value, type(node.value)) == (value, type(value))


def test_a_number_keeps_how_it_was_written() -> None:
    node = read("a: 1.10").entries["a"].value
    assert isinstance(node, Scalar)
    assert node.text == "1.10"


@LOADERS
@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 100_000, "{a: " * 100_000, "- " * 100_000, "a: " + "[" * 5000 + "]" * 5000, "? " * 100_000],
    ids=["open lists", "open mappings", "block lists", "closed lists", "open keys"],
)
def test_deep_nesting_is_refused(text: str, pure: bool) -> None:
    with pytest.raises(UseError, match="nested more than 32 deep"):
        read(text, pure)


def test_aliases_do_not_hide_deep_nesting() -> None:
    chain = "".join(f"a{i}: &a{i} [[[*a{i - 1}]]]\n" for i in range(1, 20))
    with pytest.raises(UseError, match="nested more than 32 deep"):
        read("a0: &a0 [x]\n" + chain)


@LOADERS
def test_a_billion_laughs_are_refused_before_they_are_told(pure: bool) -> None:
    lines = ["a0: &a0 [" + ", ".join(["lol"] * 10) + "]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]
    with pytest.raises(UseError, match=r"suite.yaml:6:\d+: holds more than 200,000 values"):
        read("\n".join(lines), pure)


def test_one_long_text_cannot_be_multiplied_either() -> None:
    with pytest.raises(UseError, match="holds more than 200,000 values"):
        read(f"a: &a {'x' * 1_000_000}\nb: [" + ", ".join(["*a"] * 1000) + "]")


@pytest.mark.slow
def test_a_large_honest_file_is_read() -> None:
    assert len(read("".join(f"m{i}: {{w: 1}}\n" for i in range(20_000))).entries) == 20_000


def test_several_mistakes_are_told_in_the_order_of_the_file() -> None:
    with pytest.raises(UseError) as caught:
        read("on: !x 1\na: 1\na: 2\n? [x]\n: !!set {}\n")
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert places == [(1, 1), (1, 5), (3, 1), (4, 3), (5, 3)]


def test_a_byte_that_is_not_utf_8_is_told_with_its_place() -> None:
    with pytest.raises(UseError, match=r"^suite.yaml:2:6: the byte 0xff is not UTF-8; save"):
        read(b"a: 1\nb: \xc3\xa9x\xff\n")


@LOADERS
def test_half_a_surrogate_pair_is_refused(pure: bool) -> None:
    with pytest.raises(UseError, match=r"suite\.yaml:1:[47]: .*(surrogate|escape)"):
        read('a: "\\ud800"', pure)


def test_messages_are_one_line_each_and_move_no_cursor() -> None:
    with pytest.raises(UseError) as caught:
        read('"\\e[31m\\n": 1\n"\\e[31m\\n": 2\n')
    assert str(caught.value).isprintable()


def test_what_is_no_readable_file_is_told_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("large.yaml").touch()
    os.truncate("large.yaml", 16 * 1024 * 1024 + 1)
    os.mkfifo("pipe.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.yaml")
    Path("loop.yaml").symlink_to("loop.yaml")
    expected = {
        "missing.yaml": "missing.yaml: there is no such file",
        ".": ".: is a directory",
        "large.yaml": "large.yaml: is larger than 16 MiB",
        "pipe.yaml": "pipe.yaml: is not an ordinary file",
        "socket.yaml": "socket.yaml: is not an ordinary file",
        "loop.yaml": "loop.yaml: cannot be read",
        "large.yaml/x": "large.yaml/x: cannot be read",
        "a\0b": "a\\x00b: cannot be read",
        "x" * 5000: "x: cannot be read",
    }
    for path, message in expected.items():
        with pytest.raises(UseError) as caught:
            yamltree.read(path, SUITE)
        assert message in str(caught.value)
        assert caught.value.exit_code == 2


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may read everything, so the refusal is made.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "suite.yaml").write_text("version: 1")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UseError, match="cannot be read: Permission denied"):
        yamltree.read(str(tmp_path / "suite.yaml"), SUITE)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_a_tree_or_problems(data: bytes) -> None:
    outcome(data, False)
