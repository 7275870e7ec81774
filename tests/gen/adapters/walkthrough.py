"""Pages of the documentation, done as a reader does them: files are written, commands typed, their output compared.

A block of code after a line that ends with `` `PATH`: `` is the content of that file. In a block `console`, a line that
begins with `$ ` is a command, and the lines below it are all that it prints. There,

- `...` alone on a line stands for any lines, and `…` for anything within a line;
- `0.12 s`, and `-j8`, stand for any time and any number of jobs.

A command must succeed, unless the page shows make's error (`make: ***`).
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.project import Project, tool

_FILE = re.compile(r"`([^`]+)`:$")
_PLACEHOLDERS = re.compile(r"…|(?<![\w.])\d+(?:\.\d+)? (?:ms|s|min)\b|-j\d+")


@dataclass(frozen=True)
class File:
    """A file that the page shows."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the page shows, with all that it prints, and its line in the page."""

    line: int
    text: str
    prints: tuple[str, ...]

    @property
    def fails(self) -> bool:
        return any(line.startswith("make: ***") for line in self.prints)


def steps(page: str) -> Iterator[File | Command]:
    """The files and commands of a page, in its order."""
    before, language, block, began = "", None, list[str](), 0
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("```"):
            if language is not None:
                block.append(line)
            elif line.strip():
                before = line
        elif language is None:
            language, block, began = line.removeprefix("```"), [], number
        else:
            file = _FILE.search(before)
            if language == "console":
                yield from _commands(block, began + 1)
            elif file:
                yield File(file[1], "".join(f"{each}\n" for each in block))
            before, language = "", None


def _commands(block: list[str], first: int) -> Iterator[Command]:
    starts = [n for n, line in enumerate(block) if line.startswith("$ ")]
    assert starts[:1] == [0], f"line {first}: a block of the console begins with a command"
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        yield Command(first + start, block[start].removeprefix("$ "), tuple(block[start + 1 : end]))


def pattern(prints: tuple[str, ...]) -> str:
    """The regular expression of what a command may print."""
    return "".join(r"(?:.*\n)*?" if line == "..." else f"{_of_line(line)}\\n" for line in prints)


def _of_line(line: str) -> str:
    found, end = "", 0
    for match in _PLACEHOLDERS.finditer(line):
        anything = {"…": ".*"}.get(match[0], r"-j\d+" if match[0].startswith("-j") else r"\d+(?:\.\d+)? (?:ms|s|min)")
        found += re.escape(line[end : match.start()]) + anything
        end = match.end()
    return found + re.escape(line[end:])


def walk(page: Path, project: Project, elsewhere: Mapping[str, Path] | None = None) -> int:
    """Do what the page says in the project's folder; the number of commands. An `AssertionError` names the line.

    Files whose paths begin with a word of `elsewhere` are not the project's, and are written to the folder there.
    """
    commands = 0
    for step in steps(page.read_text()):
        if isinstance(step, File):
            folders = [folder for prefix, folder in (elsewhere or {}).items() if step.path.startswith(prefix)]
            path = (folders or [project.root])[0] / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text)
            continue
        commands += 1
        done = subprocess.run(
            [tool("bash"), "-c", step.text],
            cwd=project.root,
            env=project.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        where = f"{page.name}:{step.line}: $ {step.text}"
        assert (done.returncode != 0) == step.fails, f"{where}\nstatus {done.returncode}\n{done.stdout}"
        assert re.fullmatch(pattern(step.prints), done.stdout), f"{where}\nprinted\n{done.stdout}"
    return commands
