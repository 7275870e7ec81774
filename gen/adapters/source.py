"""The text of a suite, and what to replace in it so that modules, and words of their `args`, come and go.

A change is a pair of indexes of characters, from and to, and the text that takes the place of what is there.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from longpole.gen.adapters.model import Entry
from longpole.gen.adapters.places import Place, places
from longpole.gen.adapters.suite import entry_lines, flow
from longpole.rts_tests.contracts.errors import Problem, UseError

Change = tuple[tuple[int, int], str]
Span = tuple[int, int]

_BREAK = re.compile("\r\n|\r|\n")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
"""What may stand between the last value of a line and the line's end."""
_COMMA = re.compile(r"\s*,[ \t]*")
_BLANK = re.compile(r"[ \t]*\Z")
_DASH = re.compile(r"[ \t]*- +\Z")


def refused(path: str, line: int | None, what: str) -> UseError:
    """The error of a file that stays as it is."""
    remedy = "the file stays as it is: change it by hand, or write its modules in block style and without anchors"
    return UseError(Problem(path, line, None, what, remedy))


class Source:
    """A suite's text, whose `modules` are a mapping."""

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        self._modules = places(text).pair("modules")[1]
        self._by_name = {key.text: value for key, value in self._modules.pairs}
        if self._modules.kind == "alias":
            raise self._refuse(self._modules.begin, "`modules` is an alias")

    def changed(self, changes: Iterable[Change]) -> str:
        """The text after changes, which do not overlap."""
        text = self._text
        for (begin, end), new in sorted(changes, reverse=True):
            text = text[:begin] + new + text[end:]
        return text

    def args_of(self, module: str) -> Place:
        """The list under `args` of a module."""
        value = self._by_name[module]
        args = value.pair("args")[1] if value.kind in ("flow", "block") else value
        if args.kind not in ("flow", "block"):
            raise self._refuse(args.begin, f"`args` of {module} are shared by an alias")
        return args

    def append_words(self, args: Place, words: Sequence[str]) -> Change:
        """Put words after the last one."""
        last = args.items[-1]
        if args.kind == "flow":
            return self._append_flow((last.begin, last.end), [flow([word])[1:-1] for word in words])
        before = self._before(last.begin)
        if _DASH.match(before) is None:
            raise self._refuse(last.begin, "this word does not begin a line")
        return self._append_lines(last.end, [f"{before}{flow([word])[1:-1]}" for word in words])

    def append_modules(self, entries: Sequence[Entry]) -> Change:
        """Put modules after the last one, with their comments where these can stand."""
        first, last = self._modules.pairs[0], self._modules.pairs[-1]
        if self._modules.kind == "flow":
            texts = [flow({entry.name: dict(entry.keys)})[1:-1] for entry in entries]
            return self._append_flow((last[0].begin, last[1].end), texts)
        indent = self._before(first[0].begin)
        if _BLANK.match(indent) is None:
            raise self._refuse(first[0].begin, "this module does not begin a line")
        return self._append_lines(last[1].end, [line for entry in entries for line in entry_lines(entry, indent)])

    def remove_words(self, args: Place, indexes: Collection[int]) -> list[Change]:
        """Take words out of a list, of which some stay."""
        return self._remove(args.kind, [(item.begin, item.end) for item in args.items], indexes, _DASH)

    def remove_modules(self, names: Collection[str], remarks: Collection[str]) -> list[Change]:
        """Take modules out; a comment directly above one goes with it if all its lines are `remarks`."""
        spans = [(key.begin, value.end) for key, value in self._modules.pairs]
        indexes = {at for at, (key, _) in enumerate(self._modules.pairs) if key.text in names}
        changes = self._remove(self._modules.kind, spans, indexes, _BLANK)
        if self._modules.kind == "block":
            changes = [((self._with_comment(begin, remarks), end), new) for (begin, end), new in changes]
        return changes

    def _append_flow(self, last: Span, texts: Sequence[str]) -> Change:
        """After the last item; on lines of their own if that has one."""
        before, after = self._before(last[0]), self._text[last[1] :]
        separator = ", "
        if _BLANK.match(before) and re.match(r"[ \t]*,?[ \t]*(?:[\r\n]|[\]}])", after):
            separator = f",{self._break_at(last[1])}{before}"
        return (last[1], last[1]), "".join(f"{separator}{text}" for text in texts)

    def _append_lines(self, end: int, lines: Sequence[str]) -> Change:
        """After the line in which the last item ends."""
        line_end, line_break = self._line_end(end), self._break_at(end)
        text = line_break.join(lines)
        if line_end == len(self._text) and not self._text.endswith(("\r", "\n")):
            return (line_end, line_end), f"{line_break}{text}"
        return (line_end, line_end), f"{text}{line_break}"

    def _remove(
        self, kind: str, spans: Sequence[Span], indexes: Collection[int], before: "re.Pattern[str]"
    ) -> list[Change]:
        if kind == "flow":
            return self._remove_flow(spans, set(indexes))
        for at in indexes:
            if before.match(self._before(spans[at][0])) is None:
                raise self._refuse(spans[at][0], "what is to go does not begin a line")
        return [((self._line_start(spans[at][0]), self._line_end(spans[at][1])), "") for at in indexes]

    def _remove_flow(self, spans: Sequence[Span], indexes: set[int]) -> list[Change]:
        """Each item with the comma after it; where the last one has none, also the comma of the last that stays."""
        last_kept = max((at for at in range(len(spans)) if at not in indexes), default=-1)
        changes: list[Change] = []
        done = 0
        for at in sorted(indexes):
            begin, end = spans[at]
            comma = _COMMA.match(self._text, end)
            end = comma.end() if comma else end
            if _BLANK.match(self._before(begin)) and (line := _BREAK.match(self._text, end)):
                begin, end = self._line_start(begin), line.end()
            elif at > last_kept:
                begin -= len(self._before(begin)) - len(self._before(begin).rstrip(" \t"))
            changes.append(((max(begin, done), end), ""))
            done = end
        end = spans[last_kept][1]
        if indexes and max(indexes) > last_kept >= 0 and _COMMA.match(self._text, spans[-1][1]) is None:
            comma = re.match(r"\s*,", self._text[end:])
            changes += [((end, end + comma.end()), "")] if comma else []
        return changes

    def _with_comment(self, begin: int, remarks: Collection[str]) -> int:
        """Where the lines of a comment begin that stands directly above, if all of them are `remarks`."""
        first = self._line(begin)
        while first and (line := self._line_at(first - 1).strip()).startswith("#"):
            if line.removeprefix("#").strip() not in remarks:
                return begin
            first -= 1
        return self._starts[first]

    def _line_at(self, number: int) -> str:
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
        return self._text[self._starts[number] : end]

    def _line(self, index: int) -> int:
        """The number, from 0, of the line that holds a character."""
        return bisect_right(self._starts, index) - 1

    def _line_start(self, index: int) -> int:
        return self._starts[self._line(index)]

    def _before(self, index: int) -> str:
        """What stands before a character in its line."""
        return self._text[self._line_start(index) : index]

    def _line_end(self, end: int) -> int:
        """Where the line after the one begins in which a value ends, of which only a comment may follow."""
        rest = _REST.match(self._text, end)
        if rest is None:
            raise self._refuse(end, "something else follows in this line")
        line_break = _BREAK.match(self._text, rest.end())
        return line_break.end() if line_break else rest.end()

    def _break_at(self, index: int) -> str:
        """What ends the line of a character, or where nothing does, the line before."""
        line = self._line(index)
        number = min(line + 1, len(self._starts) - 1)
        found = _BREAK.search(self._text, self._starts[number] - 2 if number else 0)
        return found[0] if found else "\n"

    def _refuse(self, index: int, what: str) -> UseError:
        return refused(self._path, self._line(index) + 1, what)
