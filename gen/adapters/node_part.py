"""A part of a test script: one program that runs tests, and the module of the suite that it becomes. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from longpole.gen.adapters.model import Entry
from longpole.gen.adapters.node_script import Command, Word

OF_FILES = frozenset({"node", "jest"})
"""The kinds whose forks share the test files."""
_WITH_VALUE = frozenset(
    {
        *("-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file"),
        *("--test-reporter", "--test-reporter-destination", "--test-name-pattern", "--test-skip-pattern"),
        *("--test-concurrency", "--test-timeout", "--test-shard", "--test-isolation", "--title", "--icu-data-dir"),
        *("--disable-warning", "--env-file-if-exists", "--test-global-setup", "--tsconfig"),
    }
)
"""Options of Node and tsx whose value is the next word."""
_DROPPED = ("--test-reporter", "--test-concurrency", "--test-shard", "--watch", "--test-isolation")
_COVERAGE = "coverage"
_CLIENTS, _CLASSES = "\0clients", "\0classes"
"""What stands for Longpole's own placeholders until the words of the script are escaped: no word has a NUL."""
_XUNIT = 'reporter-option "output=$TMPDIR/junit.xml"'

Kind = Literal["node", "jest", "mocha", "vitest", "tap", "status"]


@dataclass(frozen=True, slots=True)
class Part:
    """A module: its name, where it runs, the folders of its programs; words are as the shell reads them.

    `options` and `paths` are of `node --test` and jest, `text` is the command of all others.
    """

    name: str
    kind: Kind
    folder: str
    bins: tuple[str, ...] = ()
    text: str = ""
    options: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    env: tuple[str, ...] = ()

    def named(self, name: str) -> "Part":
        """The same part with another name."""
        return replace(self, name=name)

    @property
    def results(self) -> dict[str, str] | None:
        """Where its cases come from; None if it has none, or tells Longpole itself."""
        if self.kind in ("mocha", "vitest"):
            return {"junit": "junit.xml"}
        return {"tap": "stdout"} if self.kind == "tap" else None

    @property
    def path_line(self) -> str:
        """The line by which the shell finds the project's programs, as npm lets it; and the script's assignments."""
        lines = ""
        if self.bins:
            path = ":".join(f"$PWD/{each}" for each in self.bins)
            lines = f'export PATH="{path}:$PATH"; '
        return lines + (f"export {' '.join(self.env)}; " if self.env else "")

    def entry(self, seconds: float, forks: int) -> Entry:
        """The module of the suite."""
        keys: dict[str, Any] = {"weight": seconds}
        if self.folder != ".":
            keys["cwd"] = self.folder
        if self.kind in OF_FILES:
            keys["forks"] = {
                "list": self._command(["exec", *self.listing(_CLIENTS)]),
                "run": self._command(["exec", *self.running(_CLIENTS), _CLASSES]),
                "max_forks": forks,
            }
        else:
            keys["run"] = {"shell": _escaped(self.path_line + self.text)}
        if self.results is not None:
            keys["results"] = self.results
        return Entry(self.name, keys, _COMMENTS[self.kind])

    def listing(self, clients: str) -> list[str]:
        """The words of the command that lists the files."""
        if self.kind == "jest":
            return ["node", f"{clients}/node/jest.mjs", "list", *self.options]
        return ["node", f"{clients}/node/list.mjs", *self.paths]

    def running(self, clients: str) -> list[str]:
        """The words of the command that runs a fork's files, without the file that names them."""
        if self.kind == "jest":
            return ["node", f"{clients}/node/jest.mjs", "run", *self.options]
        return ["node", *self.options, f"{clients}/node/run.mjs"]

    def _command(self, words: Sequence[str]) -> Any:  # noqa: ANN401  a list of words, or a text for the shell
        """The words as a list, if no shell is needed to read them."""
        plain = words[1:]
        if not self.path_line and all(_is_plain(word) for word in plain):
            return [_literal(shlex.split(word)[0]) for word in plain]
        return {"shell": _escaped(self.path_line) + " ".join(map(_literal, words))}


_COMMENTS: dict[Kind, str] = {
    "node": "The test files, shared by processes of Node: the longest first, as history knows them.",
    "jest": "The test files, shared by processes of Jest: the longest first, as history knows them.",
    "mocha": "One process, as with `npm test`; each test is a case.",
    "vitest": "One unit, which starts its own workers, as with `npm test`; each test is a case.",
    "tap": "One process, whose TAP tells of each test.",
    "status": "Its exit status is its result.",
}


def part_of(command: Command, folder: str, owner: str, bins: Sequence[str], *, is_tap: bool) -> Part:
    """The part for a program that runs tests; `owner` is the package, if it is not the project's own."""
    words, env = command.words, tuple(_assigned(command))
    program = command.program
    rest = [word.raw for word in words[1:] if _COVERAGE not in word.text]

    def named(label: str) -> str:
        return f"{owner}-{label}" if owner else label

    def part(label: str, kind: Kind, text: str) -> Part:
        return Part(named(label), kind, folder, tuple(bins), text, env=env)

    if program in ("node", "tsx") and any(word.text == "--test" for word in words):
        options, paths = _divided(words[1:])
        loader = ["--import", "tsx"] if program == "tsx" else []
        return Part(named("unit"), "node", folder, tuple(bins), "", (*loader, *options), tuple(paths), env)
    if program == "jest":
        return Part(named("jest"), "jest", folder, tuple(bins), "", tuple(rest), (), env)
    if program == "mocha":
        return part("mocha", "mocha", " ".join(["exec mocha", *rest, f"--reporter xunit --{_XUNIT}"]))
    if program == "vitest":
        rest = [word for word in rest if word not in ("run", "--run", "watch")]
        output = '--outputFile.junit="$TMPDIR/junit.xml"'
        return part(
            "vitest", "vitest", " ".join(["exec vitest run", *rest, f"--reporter=default --reporter=junit {output}"])
        )
    if program == "ava":
        return part("ava", "tap", " ".join(["exec ava --tap", *(word for word in rest if word != "--verbose")]))
    text = " ".join(["exec", *(word.raw for word in words)])
    return part("unit" if program == "node" else program, "tap" if is_tap or program == "tape" else "status", text)


def _assigned(command: Command) -> Iterator[str]:
    for word in command.env:
        yield word.raw


def _divided(words: Sequence[Word]) -> tuple[list[str], list[str]]:
    """Options of Node that hold for test files, and paths; how to report, and how many at a time, is Longpole's."""
    options: list[str] = []
    paths: list[str] = []
    place = 0
    while place < len(words):
        word = words[place]
        takes = 2 if word.text in _WITH_VALUE and place + 1 < len(words) else 1
        if not word.text.startswith("-"):
            paths.append(word.raw)
        elif word.text != "--test" and not word.text.startswith(_DROPPED) and _COVERAGE not in word.text:
            options += [each.raw for each in words[place : place + takes]]
        place += takes
    return options, paths


def _escaped(text: str) -> str:
    """A text of the project, in which braces stand for nothing."""
    return text.replace("{", "{{").replace("}", "}}")


def _literal(word: str) -> str:
    """The same for a word with Longpole's own placeholders."""
    return _escaped(word).replace(_CLIENTS, "{clients}").replace(_CLASSES, "{classes_file}")


def _is_plain(raw: str) -> bool:
    """Whether a word as the script writes it is one word for any shell, without variables and patterns."""
    return not any(each in raw for each in '$*?[]~!{}`\\"') and len(shlex.split(raw)) == 1
