"""A package of npm: its scripts, what they call, and where its programs are."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longpole.gen.adapters.node_script import RUNNERS, Command, commands_of
from longpole.rts_tests.contracts.errors import UseError

FILE = "package.json"
_NO_TEST = "no test specified"
_IMPORT = re.compile(r"""["']node:test["']""")
_TAPE = re.compile(r"""(?:require\s*\(|from|import)\s*["'](?:node:)?tape["']""")
_SCRIPT = re.compile(r"\.[cm]?[jt]s$")
_TEST_FILE = re.compile(r"^(?:test|test-.+|.+[._-]test)\.[cm]?js$")
_LEFT_OUT = frozenset({"node_modules", "target", "dist", "build"})
_SEARCHED = 2000
"""Files that are looked at for a call of Node's test runner, at most."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package below the project's folder, `.` if it is the project's own, and what `npm test` executes there.

    `commands` is None if the script is more than commands joined by `&&`.
    """

    folder: str
    name: str
    script: str
    commands: tuple[Command, ...] | None


def manifest(root: Path, folder: str = ".") -> dict[str, Any]:
    """What the package.json of a folder holds; empty if there is none. Raises `UseError` if it is no JSON."""
    path = root / folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UseError.at(os.path.normpath(f"{folder}/{FILE}"), f"cannot be read: {error}", "mend it") from None
    return found if isinstance(found, dict) else {}


def scripts_in(found: dict[str, Any]) -> dict[str, str]:
    """The scripts of a package; npm's stand-in for a test script is none."""
    scripts = found.get("scripts")
    named = scripts if isinstance(scripts, dict) else {}
    return {
        name: text
        for name, text in named.items()
        if isinstance(text, str) and text.strip() and not (name == "test" and _NO_TEST in text)
    }


def package_in(root: Path, folder: str = ".") -> Package | None:
    """The package of a folder; None if it has no tests that are known.

    A package without a test script that has files with tests of Node's own runner is tested by `node --test`.
    """
    found = manifest(root, folder)
    if not found:
        return None
    scripts = scripts_in(found)
    text = scripts.get("test", "")
    if not text:
        if not _has_node_tests(root / folder):
            return None
        scripts = {"test": "node --test"}
        text = scripts["test"]
    name = found.get("name")
    commands = commands_of(scripts, "test")
    named = name if isinstance(name, str) and name else (root / folder).resolve().name
    return Package(folder, named.rpartition("/")[2], text, None if commands is None else tuple(commands))


def workspaces_in(root: Path) -> list[str]:
    """The folders of npm's workspaces, in their order, relative to the project's."""
    given = manifest(root).get("workspaces")
    patterns = given.get("packages") if isinstance(given, dict) else given
    folders: dict[str, None] = {}
    for pattern in patterns if isinstance(patterns, list) else []:
        if not isinstance(pattern, str) or pattern.startswith(("/", "!")) or ".." in pattern.split("/"):
            continue
        for path in sorted(root.glob(pattern.removeprefix("./").rstrip("/") or ".")):
            if (path / FILE).is_file() and "node_modules" not in path.relative_to(root).parts:
                folders[str(path.relative_to(root))] = None
    return list(folders)


def is_of_all_workspaces(command: Command) -> bool:
    """Whether a command runs the tests of all workspaces."""
    words = [word.text for word in command.words]
    if command.program in ("npm", "pnpm", "yarn"):
        return bool({"--workspaces", "-ws", "--ws", "-r", "--recursive", "workspaces"} & set(words)) and "test" in words
    return words[:1] == ["lerna"] and "test" in words


def program_in(root: Path, folder: str, name: str) -> bool:
    """Whether a package's program is installed: in its node_modules, or in that of a folder around it."""
    return any((root / each / "node_modules/.bin" / name).exists() for each in _around(folder))


def bin_folders(root: Path, folder: str) -> list[str]:
    """The folders of installed programs, relative to the package's folder; the nearest one first."""
    around = list(_around(folder))
    return [
        "../" * up + "node_modules/.bin"
        for up, each in enumerate(around)
        if (root / each / "node_modules/.bin").is_dir()
    ]


def prints_tap(root: Path, package: Package, command: Command) -> bool:
    """Whether a command runs one file by Node, with tape."""
    files = [word.text for word in command.words[1:] if _SCRIPT.search(word.text) or (root / word.text).is_file()]
    if command.program != "node" or len(files) != 1:
        return False
    try:
        return _TAPE.search((root / package.folder / files[0]).read_text(errors="replace")) is not None
    except OSError:
        return False


def is_runner(command: Command) -> bool:
    """Whether a command runs tests: all that Node itself executes is a test of some kind."""
    words = [word.text for word in command.words]
    if command.program == "tsx":
        return "--test" in words
    if command.program == "node":
        return "--test" in words or any(re.search(r"tests?\b|spec", word) for word in words[1:])
    return command.program in RUNNERS


def _around(folder: str) -> Iterator[str]:
    parts = [part for part in folder.split("/") if part != "."]
    for number in range(len(parts), -1, -1):
        yield "/".join(parts[:number]) or "."


def _has_node_tests(folder: Path) -> bool:
    looked = 0
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith((".", "target-")) and each not in _LEFT_OUT)
        for name in sorted(files):
            if not (_TEST_FILE.match(name) or ("test" in Path(here).parts and _SCRIPT.search(name))):
                continue
            looked += 1
            if looked > _SEARCHED:
                return False
            try:
                if _IMPORT.search(Path(here, name).read_text(errors="replace")):
                    return True
            except OSError:
                continue
    return False
