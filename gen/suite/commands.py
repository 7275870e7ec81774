"""The commands of a suite: which placeholders each may hold, and what they become when they are run."""

import re
from dataclasses import dataclass

from longpole.gen.suite.model import Command
from longpole.gen.suite.problems import Problems, shown
from longpole.gen.suite.tree import Mapping, Node, Scalar, Sequence
from longpole.rts_tests.contracts import placeholders

IN_TARGET_DIR = ("variant",)
IN_ARTIFACT = ("variant", "target_dir")
_IN_BUILD = ("make", "python", "variant", "target_dir", "artifact")
_IN_RUN = (*_IN_BUILD, "module", "chunk", "first_seed", "seed_count", "seeds")
IN_COMMAND = {"build": _IN_BUILD, "run": _IN_RUN}

_WARM_MODULE = re.compile(r"rts_tests\.warm\.[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Checked:
    """A command without mistakes, and the names of the placeholders in it."""

    command: Command
    used: frozenset[str]


def check_command(key: str, node: Node, problems: Problems) -> Checked | None:
    """The command under `key`; None, and what is wrong with it in `problems`, where it has a mistake."""
    is_shell = isinstance(node, Mapping)
    nodes = node.items if isinstance(node, Sequence) else (_value(node, "shell"),)
    words = [word for word in nodes if isinstance(word, Scalar)]
    used = [check_placeholders(word, IN_COMMAND[key], f"`{key}`", problems) for word in words]
    if not is_shell and words[0].text == "":
        problems.add(words[0], f"the first word of `{key}` is empty", "name the program that is run")
        return None
    names: set[str] = set()
    for found in used:
        if found is None:
            return None
        names |= found
    texts = _installed(tuple(word.text for word in words))
    return Checked(Command(("sh", "-c", *texts) if is_shell else texts, is_shell), frozenset(names))


def check_placeholders(word: Scalar, allowed: tuple[str, ...], where: str, problems: Problems) -> frozenset[str] | None:
    """The placeholders in a word; None, and a problem, if there is one that `where` does not have."""
    if "{" not in word.text and "}" not in word.text:
        return frozenset()
    try:
        used = placeholders.names(word.text)
    except placeholders.PlaceholderError as error:
        remedy = f"write `{error.brace * 2}` for a brace that is meant, or `{{name}}` for a placeholder"
        problems.add(word, f"{error} of a word in {where}", remedy)
        return None
    for name in sorted(used.difference(allowed)):
        known = ", ".join(f"{{{each}}}" for each in allowed)
        otherwise = f"write {{{{{name}}}}} for braces that are meant; the placeholders are {known}"
        what = f"{where} has no placeholder {shown(f'{{{name}}}')}"
        problems.add(word, what, problems.suggest(name, allowed, otherwise))
    return used if used.issubset(allowed) else None


def _value(node: Node, key: str) -> Node | None:
    entry = node.entries.get(key) if isinstance(node, Mapping) else None
    return entry.value if entry else None


def _installed(argv: tuple[str, ...]) -> tuple[str, ...]:
    """A command that names a warm module as suites once did, `-m rts_tests.warm.wasm`, by its name as installed.

    `-EP` keeps it from meeting anything else of that name, in the project's folder or on PYTHONPATH.
    """
    match argv:
        case ("{python}", "-m", module, *arguments) if _WARM_MODULE.fullmatch(module):
            return ("{python}", "-EPm", f"longpole.{module}", *arguments)
    return argv


def is_warm(command: Command) -> bool:
    """Whether the command calls a warm module, so that a unit may be a fork of what has loaded it."""
    begin = command.argv[:3]
    return (
        len(begin) == 3
        and begin[:2] == ("{python}", "-EPm")
        and bool(_WARM_MODULE.fullmatch(begin[2].removeprefix("longpole.")))
    )
