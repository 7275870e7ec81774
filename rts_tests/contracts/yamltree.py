"""Hostile text in, a small tree out: YAML read into scalars, mappings and sequences that know their places.

A suite and a scenario are read by it; what differs between the two is a `Dialect`.

The difficulty is that the file may be anything. PyYAML's composer and constructors recurse, expand aliases without a
bound, drop the first of two equal keys, forget where values came from, and can be told by a tag to build objects. So
only the parser's events are used here. They are folded into a tree without recursion, with a bound on depth and on the
number of nodes *as if every alias were copied*; what an alias names is shared, never copied. Tags are refused and only
null, booleans and numbers are resolved. Where YAML 1.1, which PyYAML reads, and YAML 1.2, which editors check by,
disagree about a number (`010`, `1:30`) it stays text, so that nobody gets 8 for 010.

The loader written in C and the one in Python word and place syntax errors differently, and now and then disagree about
what is one. The Python one says more, so what it says counts wherever the C one has failed. What is left is what
the C one alone accepts, such as tabs between values.
"""

import codecs
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Entry, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 32

# Long texts count as several nodes, so that aliases cannot multiply one long text either.
_CHARACTERS_A_NODE = 1024
# The second opinion on a syntax error comes from the slow loader; in longer files the fast loader's has to do.
_SECOND_OPINION_CHARACTERS = 256 * 1024
# Integers are at most so long; a longer one stays text and is refused as a number wherever one is due.
_LONGEST_NUMBER = 40

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_DIRECTIVE = re.compile(r"\A(?:[ \t]*(?:#[^\n]*)?\r?\n)*%")
_NUMBERS_OF_OLD = re.compile(r"[-+]?0[0-9_]+$|.*:")
_BARE_PLACEHOLDER = re.compile(r"(?:^|[:\[,-])\s*\{[a-z_]+\}")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TAG_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a kind of file is called in messages, and what its plain scalars are.

    With `typed`, null, booleans and numbers are resolved; without it every scalar is text, except that a plain null
    (nothing, `~` or `null`) has the value None beside its text.
    """

    kind: str
    """With its article: `a suite`."""
    begin: str
    """How to begin such a file, as a remedy."""
    levels: str
    """How deep it needs to be nested, in words: `five levels`."""
    instead_of_merge: str
    page: str
    """The page that shows how to write one."""
    typed: bool = True

    @property
    def noun(self) -> str:
        """The kind without its article."""
        return self.kind.removeprefix("a ")


def read(path: str, dialect: Dialect) -> bytes:
    """The bytes of the file at `path`, at most `MAX_BYTES`. Raises `UseError`."""
    problems = Problems(path)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not an ordinary file"
            problems.add_at(None, None, f"is {kind}", f"name the {dialect.noun}'s YAML file")
            problems.stop()
        if status.st_size <= MAX_BYTES:
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) <= MAX_BYTES:
                return data
        remedy = f"{dialect.kind} is a short file; is it this one?"
        problems.add_at(None, None, f"is larger than {MAX_BYTES >> 20} MiB", remedy)
    except FileNotFoundError:
        problems.add_at(None, None, "there is no such file", f"write one as {dialect.page} shows, or name another")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problems.add_at(None, None, f"cannot be read: {reason}", "name a file that you may read")
    problems.stop()


def parse(data: bytes, problems: Problems, dialect: Dialect, *, pure: bool = False) -> Mapping:
    """The mapping that `data`, one YAML document, describes; mistakes that can be read past go to `problems`.

    `pure` takes the loader written in Python even where the one in C is installed. Raises `UseError` with everything
    in `problems` when there is nothing to go on with.
    """
    text = _decode(data, problems)
    root = _Builder(problems, dialect).build(text, pure)
    if root is None or (isinstance(root, Scalar) and root.value is None):
        problems.add_at(1, 1, "the file is empty", f"{dialect.begin}; {dialect.page} shows the rest")
        problems.stop()
    if not isinstance(root, Mapping):
        kind = "a list" if isinstance(root, Sequence) else f"the text {shown(root.text)}"
        problems.add(root, f"{dialect.kind} is a mapping of keys to values, and this is {kind}", dialect.begin)
        problems.stop()
    return root


def _decode(data: bytes, problems: Problems) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        what = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        problems.add_at(*_place(before, len(before)), what, "save the file as UTF-8")
        problems.stop()
    for match in _FORBIDDEN.finditer(text):
        what = f"the character U+{ord(match[0]):04X} may not stand in a YAML file here"
        remedy = f'remove it, or write it in double quotes as "\\U{ord(match[0]):08X}"'
        problems.add_at(*_place(text, match.start()), what, remedy)
        problems.stop()
    if directive := _DIRECTIVE.match(text):
        problems.add_at(*_place(text, directive.end() - 1), "a line that begins with `%` directs YAML", "remove it")
        problems.stop()
    return text


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a character, counting lines as YAML does."""
    lines = re.split("\r\n|\r|\n", text[:offset])
    return len(lines), len(lines[-1]) + 1


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen: its children, and their number and height with aliases copied."""

    mapping: bool
    anchor: str | None
    line: int
    column: int
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class _Builder:
    """Folds a parser's events into a tree."""

    problems: Problems
    dialect: Dialect
    stack: list[_Open] = field(default_factory=list)
    # What an anchor names, with size and height; None while it is still open, so that it cannot hold itself.
    anchors: dict[str, tuple[Node, int, int] | None] = field(default_factory=dict)

    def build(self, text: str, pure: bool) -> Node | None:
        import yaml  # 17 ms, paid only when a file is read

        fast = None if pure else getattr(yaml, "CSafeLoader", None)
        try:
            return self._fold(_events((fast or yaml.SafeLoader)(text)))
        except yaml.YAMLError as error:
            if fast and len(text) <= _SECOND_OPINION_CHARACTERS:
                self.problems.forget()
                return _Builder(self.problems, self.dialect).build(text, pure=True)
            self._syntax(error, text)

    def _fold(self, events: "Iterable[yaml.Event]") -> Node | None:
        import yaml

        root: Node | None = None
        documents = 0
        resolver = yaml.resolver.Resolver()
        for event in events:
            mark = event.start_mark
            assert mark is not None
            if isinstance(event, yaml.ScalarEvent):
                scalar = self._scalar(event, resolver, mark.line + 1, mark.column + 1)
                root = self._add(scalar, 1 + len(scalar.text) // _CHARACTERS_A_NODE, 1, event.anchor) or root
            elif isinstance(event, yaml.CollectionStartEvent):
                self._check_tag(event.tag, ("map", "seq"), mark.line + 1, mark.column + 1)
                if event.anchor is not None:
                    self.anchors[event.anchor] = None
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                self.stack.append(_Open(is_mapping, event.anchor, mark.line + 1, mark.column + 1))
                if len(self.stack) > MAX_DEPTH:
                    self._refuse_bounds(self.stack[-1], 1)
            elif isinstance(event, yaml.CollectionEndEvent):
                done = self.stack.pop()
                root = self._add(self._close(done), done.size, done.height, done.anchor) or root
            elif isinstance(event, yaml.AliasEvent):
                root = self._alias(event.anchor, mark.line + 1, mark.column + 1) or root
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    what = "a second YAML document begins here"
                    remedy = f"keep one {self.dialect.noun} in a file; remove `---`"
                    self.problems.add_at(mark.line + 1, mark.column + 1, what, remedy)
                    self.problems.stop()
        return root

    def _add(self, node: Node, size: int, height: int, anchor: str | None) -> Node | None:
        """Hang `node` into the open collection; it is returned if there is none, being the root."""
        if anchor is not None:
            self.anchors[anchor] = (node, size, height)
        if not self.stack:
            return node
        parent = self.stack[-1]
        parent.children.append(node)
        parent.size += size
        if height >= parent.height:
            parent.height = height + 1
        if parent.size > MAX_NODES or len(self.stack) + height > MAX_DEPTH + 1:
            self._refuse_bounds(parent, height)
        return None

    def _refuse_bounds(self, parent: _Open, height: int) -> NoReturn:
        if len(self.stack) + height > MAX_DEPTH + 1:
            what = f"nested more than {MAX_DEPTH} deep"
            remedy = f"{self.dialect.kind} needs {self.dialect.levels}; is it this file?"
        else:
            what = f"holds more than {MAX_NODES:,} values, aliases counted wherever they are used"
            remedy = f"describe less in one {self.dialect.noun}"
        self.problems.add_at(parent.line, parent.column, what, remedy)
        self.problems.stop()

    def _alias(self, anchor: str | None, line: int, column: int) -> Node | None:
        assert anchor is not None
        if anchor not in self.anchors:
            what = f"the alias {shown('*' + anchor)} names no anchor"
            remedy = self.problems.suggest(
                "*" + anchor,
                [f"*{name}" for name in self.anchors],
                f"quote it if it is text, or anchor it with `&{anchor}`",
            )
        elif (named := self.anchors[anchor]) is None:
            what, remedy = f"the alias {shown('*' + anchor)} stands inside what it names", "write the value out"
        else:
            return self._add(*named, None)
        self.problems.add_at(line, column, what, remedy)
        self.problems.stop()

    def _scalar(self, event: "yaml.ScalarEvent", resolver: "yaml.resolver.Resolver", line: int, column: int) -> Scalar:
        import yaml

        text: str = event.value
        value: str | int | float | bool | None = text
        self._check_tag(event.tag, ("str",), line, column)
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            self.problems.add_at(line, column, "holds half a surrogate pair, which is no character", "write `\\U…`")
        is_plain = event.tag is None and event.implicit[0]
        if is_plain and self.dialect.typed:
            value = _resolve(text, resolver.resolve(yaml.ScalarNode, text, (True, False)))  # type: ignore[no-untyped-call]
        elif is_plain and text in _NULLS:
            value = None
        return Scalar(value, text, line, column, is_plain)

    def _check_tag(self, tag: str | None, allowed: tuple[str, ...], line: int, column: int) -> None:
        if tag is None or tag == "!" or (tag.startswith(_TAG_PREFIX) and tag.removeprefix(_TAG_PREFIX) in allowed):
            return
        written = tag.replace(_TAG_PREFIX, "!!")
        self.problems.add_at(line, column, f"the tag {shown(written)} is not used in {self.dialect.kind}", "remove it")

    def _close(self, done: _Open) -> Sequence | Mapping:
        if not done.mapping:
            return Sequence(tuple(done.children), done.line, done.column)
        entries: dict[str, Entry] = {}
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                kind = "list" if isinstance(key, Sequence) else "mapping"
                self.problems.add(key, f"a {kind} cannot be a key", "quote the key if it is a name")
            elif key.text == "<<" and key.plain:
                what = f"the merge key `<<` is not used in {self.dialect.kind}"
                self.problems.add(key, what, self.dialect.instead_of_merge)
            elif first := entries.get(key.text):
                what = f"the key {shown(key.text)} is given twice, first in line {first.key.line}"
                self.problems.add(key, what, "remove one of the two")
            elif not key.text and key.plain:
                self.problems.add(key, "a key is missing before `:`", "write one, or quote a `:` that is text")
            else:
                if self.dialect.typed and not isinstance(key.value, str):
                    what = f"YAML reads the key {shown(key.text)} as {_kind(key.value)}, not as a name"
                    self.problems.add(key, what, f'quote it: `"{key.text}":`')
                entries[key.text] = Entry(key, value)
        return Mapping(entries, done.line, done.column)

    def _syntax(self, error: "yaml.YAMLError", text: str) -> NoReturn:
        """Tell a syntax error of PyYAML's in words that help."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = str(getattr(error, "problem", None) or error).replace("\n", " ")
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        lines = re.split("\r\n|\r|\n", text)
        source = lines[line - 1] if line <= len(lines) else ""
        character = source[column - 1 : column]
        token = "cannot start any token" in problem
        if token and character == "\t":
            what, remedy = "a tab, where YAML wants spaces", "indent and separate with spaces"
        elif token and character:
            what, remedy = f"a value cannot begin with `{character}`", "put it in quotes"
        elif "mapping values are not allowed" in problem:
            what = "`:` begins a mapping where there can be none"
            remedy = "put text that holds `: ` in quotes, or mend the indentation"
        elif "undefined tag handle" in problem or "tag" in problem:
            what, remedy = "a tag that YAML does not know", "remove it, or put text that begins with `!` in quotes"
        elif "could not find expected ':'" in problem:
            if key := getattr(error, "context_mark", None):  # the place itself is wherever YAML gave up
                line, column = key.line + 1, key.column + 1
            what, remedy = "YAML expected a key here, with a `:` after it", "write `key: value`"
        elif "<stream end>" in problem or "end of stream" in problem:
            what, remedy = "the file ends inside a value", "close the quote or bracket that is open"
        elif _BARE_PLACEHOLDER.search(source):
            what = f"this is not YAML: {problem}"
            remedy = "put a value that begins with `{` in quotes"
        else:
            what, remedy = f"this is not YAML: {problem}", "look at the indentation, quotes and brackets up to here"
        self.problems.add_at(line, column, what, remedy)
        self.problems.stop()


def _resolve(text: str, tag: str) -> str | int | float | bool | None:
    """The value of a plain scalar by the rules of PyYAML's safe constructor; dates and odd numbers stay text."""
    import yaml

    kind = tag.removeprefix(_TAG_PREFIX)
    if kind == "null":
        return None
    if kind == "bool":
        return bool(yaml.constructor.SafeConstructor.bool_values[text.lower()])
    if kind not in ("int", "float") or len(text) > _LONGEST_NUMBER or _NUMBERS_OF_OLD.match(text):
        return text
    constructor = yaml.constructor.SafeConstructor()
    node = yaml.ScalarNode(tag, text)
    try:
        return constructor.construct_yaml_int(node) if kind == "int" else constructor.construct_yaml_float(node)
    except ValueError:  # `0x_` looks like a number and is none
        return text


def _events(loader: "yaml.SafeLoader | yaml.CSafeLoader") -> "Iterator[yaml.Event]":
    """All events of `loader`; `yaml.parse` asks it twice for each."""
    while (event := loader.get_event()) is not None:
        yield event


def _kind(value: int | float | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "a number"
