"""Modules and words come and go in a suite's text, and nothing else in it changes."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.adapters.edit import Edit, edited
from longpole.gen.adapters.model import Entry
from longpole.rts_tests.contracts.errors import UseError

HEAD = "# kept\nversion: 1\nname: tiny\ndefaults: {run: [run, '{args}']}\nvariants: {v: {}}\n"
NEW = Entry("new", {"weight": 1.5, "args": ["a: b", "{{x}}", "#"]}, "why\nso")


def change(modules: str, edit: Edit, *, head: str = HEAD) -> str:
    """The text of `modules` after an edit; the head must stay."""
    after = edited((head + modules).encode(), "suite.yaml", edit).decode()
    assert after.startswith(head)
    return after.removeprefix(head)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("modules:\n  a: {args: [x]}  # c\n", "modules:\n  a: {args: [x]}  # c\n  # why\n  # so\n  NEW\n"),
        ("modules:\n a:\n\n# end\n", "modules:\n a:\n # why\n # so\n NEW\n\n# end\n"),
        ("modules:\n  a:\n    args:\n    - x", "modules:\n  a:\n    args:\n    - x\n  # why\n  # so\n  NEW"),
        ("modules:\r\n  a: {}\r\n", "modules:\r\n  a: {}\r\n  # why\r\n  # so\r\n  NEW\r\n"),
        ("modules: {a: {}}\n", "modules: {a: {}, NEW}\n"),
        ("modules: {\n  a: {},\n  b: {},\n}\n", "modules: {\n  a: {},\n  b: {},\n  NEW,\n}\n"),
        (
            "modules:\n  a: &a {args: [x]}\n  b: *a\n",
            "modules:\n  a: &a {args: [x]}\n  b: *a\n  # why\n  # so\n  NEW\n",
        ),
        (
            "modules:\n  a: {}\nplatforms: {x86_64-linux: {}}\n",
            "modules:\n  a: {}\n  # why\n  # so\n  NEW\nplatforms: {x86_64-linux: {}}\n",
        ),
    ],
    ids=["block", "narrow", "no end of line", "CRLF", "flow", "flow over lines", "alias before", "in the middle"],
)
def test_a_module_is_put_after_the_last_one(before: str, after: str) -> None:
    written = 'new: {weight: 1.5, args: ["a: b", "{{x}}", "#"]}'
    assert change(before, Edit(added=(NEW,))).replace(written, "NEW") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("modules:\n  a: {}\n  # of b\n  b: {}  # b\n\n  c: {}\n", "modules:\n  a: {}\n  # of b\n\n  c: {}\n"),
        ("modules:\n  a: {}\n  # init's\n  b:\n    weight: 2\n  c: {}\n", "modules:\n  a: {}\n  c: {}\n"),
        ("modules:\n  a: {}\n  # mine\n  # init's\n  b:\n", "modules:\n  a: {}\n  # mine\n  # init's\n"),
        ("modules:\n  a: {}\n  b:\n    args: [x,\n      y]", "modules:\n  a: {}\n"),
        ("modules:\r\n  b:\r\n  a:\r\n", "modules:\r\n  a:\r\n"),
        ("modules: {a: {}, b: {weight: 2}, c: {}}\n", "modules: {a: {}, c: {}}\n"),
        ("modules: {a: {}, b: {weight: 2}}\n", "modules: {a: {}}\n"),
        ("modules: {\n  b: {},\n  a: {},\n}\n", "modules: {\n  a: {},\n}\n"),
        ("modules: {\n  a: {},\n  b: {}\n}\n", "modules: {\n  a: {}\n}\n"),
        ("modules:\n  a: &a {weight: 2}\n  b: *a\n", "modules:\n  a: &a {weight: 2}\n"),
        ("modules:\n  a:\n  b:\n    env:\n      X: |\n        text\n\n  c:\n", "modules:\n  a:\n\n  c:\n"),
    ],
)
def test_a_module_goes_and_comments_that_are_not_init_s_stay(before: str, after: str) -> None:
    assert change(before, Edit(removed=("b",), remarks=frozenset({"init's"}))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a: {args: [x, y, z]}\n", "  a: {args: [x, z, new]}\n"),
        ("  a: {args: [y]}\n", "  a: {args: [new]}\n"),
        ("  a: {args: [x, y,]}\n", "  a: {args: [x, new,]}\n"),
        ('  a: {args: ["x" , y ]}\n', '  a: {args: ["x" , new ]}\n'),
        ("  a:\n    args:\n      - x  # x\n      - y  # y\n", "  a:\n    args:\n      - x  # x\n      - new\n"),
        ("  a:\n    args:\n    - y\n    # z\n    - z", "  a:\n    args:\n    # z\n    - z\n    - new"),
        ("  a:\n    args: [\n      x,\n      y,\n    ]\n", "  a:\n    args: [\n      x,\n      new,\n    ]\n"),
        (
            "  a:\n    args: [\n      y,  # y\n      x  # x\n    ]\n",
            "  a:\n    args: [\n      # y\n      x, new  # x\n    ]\n",
        ),
    ],
)
def test_words_come_and_go(before: str, after: str) -> None:
    words = [word for word in re.findall(r"\b[xyz]\b(?!:)", re.sub("#.*", "", before)) if word != "y"]
    assert change(f"modules:\n{before}", Edit(args={"a": (*words, "new")})) == f"modules:\n{after}"


def test_the_last_words_of_a_list_go_with_their_commas() -> None:
    for before, after in (("[x, y, z]", "[x]"), ("[x, y, z,]", "[x,]"), ("[y, x, z ]", "[x ]")):
        assert change(f"modules:\n  a: {{args: {before}}}\n", Edit(args={"a": ("x",)})) == (
            f"modules:\n  a: {{args: {after}}}\n"
        )


@pytest.mark.parametrize(
    ("modules", "edit", "line", "what"),
    [
        ("modules:\n  a:\n    args:\n      -\n        x\n", Edit(args={"a": ("x", "y")}), 10, "does not begin a line"),
        ("modules:\n  a: &a {args: [x]}\n  b: *a\n", Edit(args={"a": ("x", "y")}), None, "changed safely"),
        ("modules:\n  a: {args: &x [x]}\n  b: {args: *x}\n", Edit(args={"b": ("x", "y")}), 8, "shared by an alias"),
        ("modules:\n  a: &a {args: [x]}\n  b: *a\n", Edit(removed=("a",)), None, "names no anchor"),
        ("modules:\n  ? a\n  : {}\n  b: {}\n", Edit(removed=("a",)), 7, "does not begin a line"),
        ("modules:\n  a: {}\n", Edit(removed=("a",)), None, "modules"),
        ("modules:\n  a: {}\n", Edit(added=(Entry("A", {}),)), None, "differ only in case"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_place(modules: str, edit: Edit, line: int | None, what: str) -> None:
    with pytest.raises(UseError, match=what) as raised:
        edited((HEAD + modules).encode(), "suite.yaml", edit)
    assert "the file stays as it is" in str(raised.value)
    if line is not None:
        assert str(raised.value).startswith(f"suite.yaml:{line}: ")


PARTS = [*"ab'\"#:, -*&?|[]$`\\%@!", "{{", "}}", "\u00e4", "\U0001f600", "\t"]
WORDS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map(lambda parts: f"w{''.join(parts)}w")
"""Braces are doubled: a single one begins a placeholder."""
COMMENTS = st.sampled_from(["", "  # why", "  # a: [x], {", "   #\u00e4"])


@st.composite
def _edits(draw: st.DrawFn, modules: dict[str, list[str]]) -> Edit:
    """Something to do with the modules of these words."""
    removed = tuple(name for name in list(modules)[1:] if draw(st.integers(0, 2)) == 0)
    args = {}
    for name, words in modules.items():
        if name not in removed and draw(st.booleans()):
            new = [word for word in draw(st.lists(WORDS, max_size=3, unique=True)) if word not in words]
            rest = [word for word in words if draw(st.booleans())] + new
            if rest:
                args[name] = tuple(rest)
    added = tuple(
        Entry(f"n{number}", {"weight": 0.5, "args": draw(st.lists(WORDS, min_size=1, max_size=30))}, "why: {")
        for number in range(draw(st.integers(0, 2)))
    )
    return Edit(added, args, removed)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[str, dict[str, list[str]], Edit]:
    """A suite's text in a mixture of styles, the words of its modules, and an edit."""
    head = [line + draw(COMMENTS) for line in HEAD.splitlines()[1:]]
    lines = [*head, f"modules:{draw(COMMENTS)}"]
    modules: dict[str, list[str]] = {}
    indent = draw(st.sampled_from([" ", "  ", "    "]))
    for number in range(draw(st.integers(1, 5))):
        words = draw(st.lists(WORDS, min_size=1, max_size=4, unique=True))
        modules[f"m{number}"] = words
        quoted = [_quoted(word, draw(st.booleans())) for word in words]
        lines += draw(st.sampled_from([[], [""], ["# between"], [f"{indent}# above"]]))
        style = draw(st.integers(0, 3))
        if style == 0:
            lines.append(f"{indent}m{number}: {{weight: 2, args: [{', '.join(quoted)}]}}{draw(COMMENTS)}")
        elif style == 1:
            lines += [f"{indent}m{number}:{draw(COMMENTS)}", f"{indent}  args:{draw(COMMENTS)}"]
            dash = draw(st.sampled_from(["  - ", "    -   "]))
            for word in quoted:
                lines += draw(st.sampled_from([[], [""], [f"{indent}    # inside"]]))
                lines.append(f"{indent}{dash}{word}{draw(COMMENTS)}")
        elif style == 2:
            lines += [f"{indent}m{number}:", f"{indent}  args: [{draw(COMMENTS)}"]
            lines += [f"{indent}    {word},{draw(COMMENTS)}" for word in quoted]
            lines.append(f"{indent}  ]{draw(COMMENTS)}")
        else:
            lines += [f"{indent}m{number}: !!map", f"{indent}  weight: 2", f"{indent}  args: [ {' ,'.join(quoted)} ]"]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(lines) + draw(st.sampled_from([end, "", end + "# end"]))
    return text, modules, draw(_edits(modules))


def _quoted(word: str, is_single: bool) -> str:
    if is_single:
        return "'" + word.replace("'", "''") + "'"
    return yaml.safe_dump(word, default_style='"', width=10**9, allow_unicode=True).strip()


@settings(max_examples=60, deadline=None)
@given(_cases())
def test_everything_else_is_as_it_was(case: tuple[str, dict[str, list[str]], Edit]) -> None:
    text, modules, edit = case
    after = edited(text.encode(), "suite.yaml", edit).decode()
    found: dict[str, Any] = yaml.safe_load(after)["modules"]
    expected = {name: list(edit.args.get(name, words)) for name, words in modules.items() if name not in edit.removed}
    expected.update((entry.name, list(entry.keys["args"])) for entry in edit.added)
    assert {name: value["args"] for name, value in found.items()} == expected
    assert list(found) == list(expected)
    if not edit.added and not edit.args and not edit.removed:
        assert after == text
    for comment in ("# between", "# above", "# end", "# kept"):
        assert after.count(comment) == text.count(comment)
    lines = after.splitlines()
    for line in text.splitlines():
        if not re.search(r"m\d|w.*w|args|\]|weight|inside", line) and line.strip():
            assert line in lines
