"""Numbers of chunks are changed in a suite's text, and nothing else in it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.tune.edit import ByHand, with_chunks
from longpole.rts_tests.contracts.errors import UseError

HEAD = "version: 1\nname: tiny\ndefaults: {run: [run, '{seeds}']}\nvariants: {v: {}}\n"

LAYOUTS = [
    pytest.param("  gc: {seeds: 100, chunks: 10}  # c\n", "  gc: {seeds: 100, chunks: 25}  # c\n", id="flow"),
    pytest.param("  gc: {chunks:   10, seeds: 100 }\n", "  gc: {chunks:   25, seeds: 100 }\n", id="spaces"),
    pytest.param("  gc: {seeds: 100}  # c\n", "  gc: {seeds: 100, chunks: 25}  # c\n", id="flow without"),
    pytest.param("  gc: {seeds: 100,}\n", "  gc: {seeds: 100, chunks: 25,}\n", id="trailing comma"),
    pytest.param('  gc: {"seeds": 100}\n', '  gc: {"seeds": 100, "chunks": 25}\n', id="as JSON"),
    pytest.param(
        "  gc: {\n    seeds: 100,  # many\n    weight: 2\n  }\n",
        "  gc: {\n    seeds: 100, chunks: 25,  # many\n    weight: 2\n  }\n",
        id="flow over lines",
    ),
    pytest.param(
        "  gc:\n    seeds: 100\n    # why ten\n    chunks: 10  # ten\n    weight: 3\n",
        "  gc:\n    seeds: 100\n    # why ten\n    chunks: 25  # ten\n    weight: 3\n",
        id="block",
    ),
    pytest.param(
        "  gc:\n      seeds: 100  # many\n\n      weight: 3\n",
        "  gc:\n      seeds: 100  # many\n      chunks: 25\n\n      weight: 3\n",
        id="block without",
    ),
    pytest.param("  gc:\n    seeds: 100", "  gc:\n    seeds: 100\n    chunks: 25", id="no end of line"),
    pytest.param("  gc:\r\n    seeds: 100\r\n", "  gc:\r\n    seeds: 100\r\n    chunks: 25\r\n", id="CRLF"),
    pytest.param(
        "  gc: &gc {seeds: 100}\n  other: {}\n", "  gc: &gc {seeds: 100, chunks: 25}\n  other: {}\n", id="anchored flow"
    ),
    pytest.param("  gc: &gc\n    seeds: 100\n", "  gc: &gc\n    seeds: 100\n    chunks: 25\n", id="anchored block"),
    pytest.param("  ? gc\n  : seeds: 100\n", "  ? gc\n  : seeds: 100\n    chunks: 25\n", id="explicit key"),
    pytest.param("  gc: {seeds: 0x64, chunks: 1_0}\n", "  gc: {seeds: 0x64, chunks: 25}\n", id="odd numbers"),
    pytest.param(
        "  # \u00e4\u00f6 \U0001f600\n  gc: {env: {A: '\U0001f600'}, seeds: 100, chunks: 10}\n",
        "  # \u00e4\u00f6 \U0001f600\n  gc: {env: {A: '\U0001f600'}, seeds: 100, chunks: 25}\n",
        id="characters of several bytes",
    ),
]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
@pytest.mark.parametrize(("before", "after"), LAYOUTS)
def test_only_the_number_changes(before: str, after: str, bom: bytes) -> None:
    head = f"# kept\n{HEAD}modules:\n"
    changed = with_chunks(bom + (head + before).encode(), "suite.yaml", {"gc": 25})
    assert changed == bom + (head + after).encode()


@pytest.mark.parametrize(
    "modules",
    [
        "  gc: &a {seeds: 100, chunks: 10}\n  other: *a\n",
        "  other: {seeds: &n 10}\n  gc: {seeds: 10, chunks: *n}\n",
        "  gc: {seeds: &n 100}\n  other: {weight: *n}\n",
        "  gc:\n    ? seeds\n    : 100\n",
    ],
)
def test_what_others_share_is_not_changed(modules: str) -> None:
    with pytest.raises(ByHand, match="gc"):
        with_chunks(f"{HEAD}modules:\n{modules}".encode(), "suite.yaml", {"gc": 7})


def test_what_the_suite_stage_refuses_is_not_written() -> None:
    data = f"{HEAD}modules:\n  gc: {{seeds: 9}}\n  gc-1: {{}}\n".encode()
    with pytest.raises(UseError, match="would both be the make target"):
        with_chunks(data, "suite.yaml", {"gc": 3})


COMMENTS = st.sampled_from(["", "  # why", "  # chunks: 3, seeds: 4 {", "   #\u00e4"])


@st.composite
def _texts(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """A suite's text in a mixture of styles, and other numbers of chunks for some of its modules."""
    lines = ["# a suite", *HEAD.splitlines(), f"modules:{draw(COMMENTS)}"]
    chunks = {}
    for number in range(draw(st.integers(1, 4))):
        name, seeds = f"m{number}", draw(st.integers(1, 99))
        keys = [f"seeds: {seeds}", f"weight: {draw(st.integers(1, 9))}"]
        if draw(st.booleans()):
            keys.append(f"chunks: {draw(st.integers(1, seeds))}")
        keys = draw(st.permutations(keys))
        if draw(st.booleans()):
            lines.append(f"  {name}: {{{', '.join(keys)}}}{draw(COMMENTS)}")
        else:
            lines.append(f"  {name}:{draw(COMMENTS)}")
            for key in keys:
                lines += draw(st.sampled_from([[], [""], ["      # between"]]))
                lines.append(f"    {key}{draw(COMMENTS)}")
        if draw(st.booleans()):
            chunks[name] = draw(st.integers(1, seeds))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(lines) + draw(st.sampled_from([end, ""])), chunks


@settings(max_examples=60)
@given(_texts())
def test_everything_but_chunks_is_as_it_was(made: tuple[str, dict[str, int]]) -> None:
    text, chunks = made
    changed = with_chunks(text.encode(), "suite.yaml", chunks).decode()
    before, after = (suite_from_bytes(each.encode(), "suite.yaml") for each in (text, changed))
    assert {module.name: module.chunks for module in after.modules} == {
        module.name: chunks.get(module.name, module.chunks) for module in before.modules
    }
    assert replace(after, modules=()) == replace(before, modules=())
    for one, other in zip(before.modules, after.modules, strict=True):
        assert replace(one, chunks=None) == replace(other, chunks=None)
    assert re.findall("#[^\r\n]*", changed) == re.findall("#[^\r\n]*", text)
    assert changed == text or chunks
    others = [
        [line for line in each.splitlines(keepends=True) if not re.search("chunks|seeds", line)]
        for each in (text, changed)
    ]
    assert others[0] == others[1]
