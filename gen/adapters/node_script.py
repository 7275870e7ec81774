"""What the test script of a package.json calls, command by command. Pure.

npm gives a script to `sh`, so it is read by the shell's rules. A script that is more than commands joined by `&&` is
not read: it stays one program.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_DEPTH = 16
"""Scripts that call scripts, at most."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_COMPLEX = frozenset("|;&<>()`#\n")
_SPECIAL = frozenset("$*?[]~!{}")
_RUNS = {"npm": ("run", "run-script"), "pnpm": ("run",), "yarn": ("run",)}
_TESTS = frozenset({"test", "t", "tst"})
_STARTERS = frozenset({"npx", "pnpx", "cross-env", "env", "c8", "nyc", "yarn", "pnpm", "npm", "bunx", "dotenv"})
"""Programs that start the program in one of the words behind them."""
COVERAGE = frozenset({"c8", "nyc"})
RUNNERS = frozenset({"node", "tsx", "mocha", "jest", "vitest", "tape", "ava"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command: what the shell makes of it, and how the script writes it."""

    text: str
    raw: str
    is_plain: bool = True
    """Whether it is the same in every environment: no variable, no pattern of files."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments, without what starts it; `env` are assignments before it."""

    words: tuple[Word, ...]
    env: tuple[Word, ...] = ()
    starters: tuple[str, ...] = ()
    """What would start it, such as `npx` and `c8`."""
    whole: str = ""
    """The command as the script writes it."""

    @property
    def program(self) -> str:
        """The name of the program, without its folder."""
        return self.words[0].text.rsplit("/", 1)[-1]

    @property
    def is_plain(self) -> bool:
        """Whether no word needs a shell."""
        return all(word.is_plain for word in (*self.env, *self.words))


def commands_of(scripts: Mapping[str, str], name: str) -> list[Command] | None:
    """What `npm run NAME` executes, one after the other; None if that is more than commands joined by `&&`.

    Scripts that call scripts of the same package are followed, with what npm executes before and after them; one that
    is more than commands stays a call of npm.
    """
    try:
        return list(_expanded(scripts, name, (), 0))
    except _TooComplexError:
        return None


class _TooComplexError(Exception):
    """A script that this module does not read."""


def _expanded(scripts: Mapping[str, str], name: str, extra: Sequence[Word], depth: int) -> Iterator[Command]:
    """Raises `_TooComplexError` for the script itself; hooks and called scripts may be anything."""
    if depth > _DEPTH:
        raise _TooComplexError
    yield from _hook(scripts, f"pre{name}")
    split = _split(scripts[name])
    for number, tokens in enumerate(split, 1):
        command = _command([*tokens, *extra] if number == len(split) else tokens)
        called = _called(command, scripts)
        try:
            inner = [command] if called is None else list(_expanded(scripts, *called, depth + 1))
        except _TooComplexError:
            inner = [command]
        yield from inner
    yield from _hook(scripts, f"post{name}")


def _hook(scripts: Mapping[str, str], name: str) -> list[Command]:
    """What npm executes before or after a script, without its own hooks."""
    if name not in scripts:
        return []
    try:
        return [_command(tokens) for tokens in _split(scripts[name])]
    except _TooComplexError:
        return [_command([Word(each, each) for each in ("npm", "run", name)])]


def _called(command: Command, scripts: Mapping[str, str]) -> tuple[str, list[Word]] | None:
    """The script of the same package that a command calls, and the words for it; None if it calls none."""
    words = [word.text for word in command.words]
    if len(words) < 2 or words[0] not in _RUNS or command.env or not command.is_plain:
        return None
    rest = [word for word in command.words[1:] if word.text not in ("-s", "--silent")]
    texts = [word.text for word in rest]
    if texts and texts[0] in _RUNS[words[0]]:
        rest, texts = rest[1:], texts[1:]
    elif not texts or not (texts[0] in _TESTS or (words[0] != "npm" and texts[0] in scripts)):
        return None
    name = "test" if texts and texts[0] in _TESTS and texts[0] not in scripts else texts[0] if texts else ""
    arguments = rest[1:]
    if arguments and arguments[0].text == "--":
        arguments = arguments[1:]
    elif arguments and words[0] == "npm":
        return None  # options of npm itself, such as --workspaces
    return (name, arguments) if name in scripts else None


def _command(words: Sequence[Word]) -> Command:
    """The command without what starts its program."""
    whole = " ".join(word.raw for word in words)
    env: list[Word] = []
    starters: list[str] = []
    rest = list(words)
    while rest and _ASSIGNMENT.match(rest[0].text):
        env.append(rest.pop(0))
    first = list(rest)
    while rest and rest[0].text in _STARTERS:
        found = _started(rest)
        if found is None:
            break
        assigned = rest[1:found] if rest[0].text in ("cross-env", "env") else []
        if any(not _ASSIGNMENT.match(word.text) for word in assigned):
            break
        env += assigned
        starters.append(rest[0].text)
        rest = rest[found:]
    if not rest or (starters and rest[0].text.rsplit("/", 1)[-1] not in RUNNERS):
        rest, starters = first, []
    return Command(tuple(rest), tuple(env), tuple(starters), whole)


def _started(words: Sequence[Word]) -> int | None:
    """The place of the program that a starter starts: a runner, or another starter."""
    for place, word in enumerate(words[1:], 1):
        if word.text.rsplit("/", 1)[-1] in RUNNERS | _STARTERS:
            return place
    return None


def _split(text: str) -> list[list[Word]]:
    """The words of the commands that `&&` joins."""
    commands: list[list[Word]] = [[]]
    raw = found = ""
    plain, inside = True, False
    at = 0

    def end() -> None:
        nonlocal raw, found, plain, inside
        if inside:
            commands[-1].append(Word(found, raw, plain))
        raw, found, plain, inside = "", "", True, False

    while at < len(text):
        here = text[at]
        if here in " \t":
            end()
            at += 1
        elif text.startswith("&&", at):
            end()
            commands.append([])
            at += 2
        elif here in "'\"":
            close = _closing(text, at)
            part = text[at + 1 : close]
            plain = plain and not (here == '"' and any(each in part for each in "$`"))
            if here == '"' and ("`" in part or "$(" in part):
                raise _TooComplexError
            found += part if here == "'" else re.sub(r'\\([$`"\\])', r"\1", part)
            raw += text[at : close + 1]
            inside, at = True, close + 1
        elif here == "\\" and at + 1 < len(text):
            found, raw, inside, at = found + text[at + 1], raw + text[at : at + 2], True, at + 2
        elif here in _COMPLEX or text.startswith("$(", at):
            raise _TooComplexError
        else:
            plain = plain and here not in _SPECIAL
            found, raw, inside, at = found + here, raw + here, True, at + 1
    end()
    return [each for each in commands if each]


def _closing(text: str, at: int) -> int:
    """The place of the quote that closes that at `at`."""
    place = at + 1
    while place < len(text):
        if text[place] == text[at]:
            return place
        place += 2 if text[at] == '"' and text[place] == "\\" else 1
    raise _TooComplexError
