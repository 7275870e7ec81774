"""Changing `chunks` in a suite's text: everything else stays as it is, byte for byte.

YAML is not written anew, because that would lose comments and layout. The tree knows where each value begins, so the
number there is replaced, or a key is put in after `seeds`, in the style that surrounds it: flow or block, quoted or
not. Whether that was right is not argued but tried: the new text is loaded as a suite, and it must be the old suite but
for those chunks. What cannot be changed that way, such as a number that an alias shares, is refused.
"""

import codecs
import os
import re
from collections.abc import Mapping as Map
from dataclasses import replace

from longpole.gen.suite.dialect import SUITE
from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.tree import Mapping, Node, Scalar

_BREAK = re.compile("\r\n|\r|\n")
_ANCHOR = re.compile(r"&\S+\s+")


class ByHand(Exception):
    """The chunks of a module are written in a way that is not changed safely; `str()` is the module's name."""


def with_chunks(data: bytes, path: str, chunks: Map[str, int]) -> bytes:
    """The suite file `data` with other numbers of chunks, by module.

    Raises `ByHand`, or `UseError` when the result would be no suite; `data` must be one.
    """
    if not chunks:
        return data
    before = suite_from_bytes(data, path)
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data.removeprefix(bom).decode()
    modules = yamltree.parse(data, Problems(path), SUITE).entries["modules"].value
    assert isinstance(modules, Mapping)
    source = _Source(text)
    edits: dict[tuple[int, int], str] = {}
    for name, number in chunks.items():
        span, new = source.edit(name, modules.entries[name].value, number)
        if edits.setdefault(span, new) != new:
            raise ByHand(name)
    for (begin, end), new in sorted(edits.items(), reverse=True):
        text = text[:begin] + new + text[end:]
    changed = bom + text.encode()
    try:
        yamltree.parse(changed, Problems(path), SUITE)
    except UseError:
        raise ByHand(next(iter(chunks))) from None
    if suite_from_bytes(changed, path) != _with_chunks(before, chunks):
        raise ByHand(next(iter(chunks)))
    return changed


def _with_chunks(suite: Suite, chunks: Map[str, int]) -> Suite:
    modules = tuple(replace(module, chunks=chunks.get(module.name, module.chunks)) for module in suite.modules)
    return replace(suite, modules=modules)


class _Source:
    """A file's text, in which lines and columns are found."""

    def __init__(self, text: str) -> None:
        self._text = text
        breaks = list(_BREAK.finditer(text))
        self._starts = [0, *(match.end() for match in breaks)]
        self._break = breaks[0][0] if breaks else "\n"

    def edit(self, name: str, module: Node, number: int) -> tuple[tuple[int, int], str]:
        """What to replace, from and to, and by what, to give a module that number of chunks."""
        assert isinstance(module, Mapping)
        chunks, seeds = module.entries.get("chunks"), module.entries["seeds"]
        if chunks is not None:
            return self._span(name, chunks.value), str(number)
        _, end = self._span(name, seeds.value)
        quote = self._text[self._offset(seeds.key)]
        quote = quote if quote in "\"'" else ""
        entry = f"{quote}chunks{quote}: {number}"
        begin = self._offset(module)
        anchor = _ANCHOR.match(self._text, begin)
        if self._text.startswith("{", anchor.end() if anchor else begin):
            return (end, end), f", {entry}"
        indent = " " * (seeds.key.column - 1)
        line_end = _BREAK.search(self._text, end)
        if line_end is None:
            return (len(self._text), len(self._text)), f"{self._break}{indent}{entry}"
        return (line_end.end(), line_end.end()), f"{indent}{entry}{line_end[0]}"

    def _offset(self, node: Node) -> int:
        return self._starts[node.line - 1] + node.column - 1

    def _span(self, name: str, node: Node) -> tuple[int, int]:
        """Where a number is written; an anchor or an alias stands there instead where others share it."""
        begin = self._offset(node)
        if not isinstance(node, Scalar) or not self._text.startswith(node.text, begin):
            raise ByHand(name)
        return begin, begin + len(node.text)


def write_suite(path: str, before: bytes, after: bytes) -> None:
    """Replace the suite file, which must still hold `before`, by rename; its mode stays. Raises `UseError`."""
    real = os.path.realpath(path)
    try:
        with open(real, "rb") as file:
            mode, now = os.fstat(file.fileno()).st_mode, file.read()
        if now != before:
            raise UseError.at(path, "was changed meanwhile and is left alone", "try again")
        write_atomic(real, after)
        os.chmod(real, mode & 0o7777)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise UseError.at(path, what, "make the file and its folder writable") from None
