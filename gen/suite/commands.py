"""The commands of a suite: the placeholders that each may use, and the argument lists that they become."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from longpole.gen.suite.model import Command
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Mapping, Node, Scalar, Sequence

IN_TARGET_DIR = ("variant",)
IN_ARTIFACT = ("variant", "target_dir")
IN_CWD = ("variant", "target_dir", "module")
_PROGRAMS = ("make", "python", "longpole_python")
_OF_VARIANT = ("variant", "target_dir", "artifact")
_IN_BUILD = (*_PROGRAMS, "clients", *_OF_VARIANT)
IN_STEP = (*_PROGRAMS, "clients", "step", "output")
"""The placeholders in the build of a step."""
_SEEDS = ("first_seed", "seed_count", "seeds")
_IN_RUN = (*_PROGRAMS, "clients", *_OF_VARIANT, "module", "chunk", *_SEEDS)
_IN_SELECT = (*_PROGRAMS, "clients", *_OF_VARIANT, "module", "chunk", "seeds")
IN_LIST = (*_IN_BUILD, "module", "args")
"""The placeholders in the command that lists the classes of forks."""
IN_FORK = (*IN_LIST, *_SEEDS, "fork", "forks", "threads", "classes", "classes_file", "queue", "port:NAME")
"""The placeholders in the command of a fork; NAME is the user's."""
_MANY = ("args", "classes", "cases")
"""The placeholders that stand for any number of words."""
_OTHERWISE = {
    "args": "and write the words in full where they differ",
    "classes": "or use {classes_file}",
    "cases": "or use {cases_regex}",
}
OF_CASES = ("cases", "cases_regex")
"""The placeholders for the cases that a unit is to run."""
IN_COMMAND = {"build": (*_IN_BUILD, "args"), "run": (*_IN_RUN, "args"), "select": (*_IN_SELECT, "args", *OF_CASES)}
IN_CALL = {
    "wasm": ("variant", "target_dir", "artifact", "module"),
    "call": ("variant", "module"),
    "args": ("first_seed", "seed_count"),
}

_OWN = "{longpole_python}"
_CALL = (_OWN, "-EPm", "longpole.rts_tests.warm.wasm")
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_ANY_SEEDS = dict.fromkeys(IN_CALL["args"], "0")

_OUR_MODULE = re.compile(r"longpole(\.[A-Za-z0-9_.]+)?")
_WARM_MODULE = re.compile(r"rts_tests\.warm\.[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Checked:
    """A valid command, the names of its placeholders, and whether it is written as a wasm call."""

    command: Command
    used: frozenset[str]
    wasm_call: bool = False


def check_command(key: str, node: Node, problems: Problems, allowed: tuple[str, ...] | None = None) -> Checked | None:
    """The command under `key`; None if it has errors, which are added to `problems`.

    `allowed` are its placeholders, by default those of a variant's `key`.
    """
    if isinstance(node, Mapping) and "wasm" in node.entries:
        return _check_call(node, problems)
    is_shell = isinstance(node, Mapping)
    nodes = words_of_command(node)
    used = _used([(word, allowed or IN_COMMAND[key], f"`{key}`") for word in nodes], problems)
    if not is_shell and nodes[0].text in ("", *(f"{{{name}}}" for name in _MANY)):
        what = "is empty" if nodes[0].text == "" else f"is `{nodes[0].text}`, which may stand for no word"
        problems.add(nodes[0], f"the first word of `{key}` {what}", "name the program that is run")
        return None
    if used is None or not (is_shell or _are_apart(nodes, problems)):
        return None
    if key == "select" and used.isdisjoint(OF_CASES):
        problems.add(nodes[0], "`select` is not told which cases to run", "write {cases} or {cases_regex} in it")
        return None
    words = _installed(tuple(word.text for word in nodes))
    return Checked(Command(("sh", "-c", *words) if is_shell else words, is_shell), used)


def words_of_command(node: Node) -> list[Scalar]:
    """The words of a command; of one for the shell, its text."""
    return _items(node.entries["shell"].value if isinstance(node, Mapping) else node)


def _are_apart(words: list[Scalar], problems: Problems) -> bool:
    """Report words of which a placeholder for any number of words is only a part; whether there is none."""
    apart = True
    for word in words:
        for name in _MANY:
            if name in placeholders.names(word.text) and word.text != f"{{{name}}}":
                what = f"`{{{name}}}` stands for any number of words, and is a part of {shown(word.text)}"
                otherwise = _OTHERWISE[name]
                problems.add(word, what, f"make it a word of its own, {otherwise}")
                apart = False
    return apart


def _check_call(node: Mapping, problems: Problems) -> Checked | None:
    """`{wasm: FILE, call: FUNCTION, args: [...]}` as the command that makes the call."""
    parts = {key: _items(entry.value) for key, entry in node.entries.items()}
    used = _used([(word, IN_CALL[key], f"`{key}`") for key, words in parts.items() for word in words], problems)
    if used is None:
        return None
    arguments = parts.get("args", [])
    wrong = [word for word in arguments if not _is_integer(placeholders.expand(word.text, _ANY_SEEDS))]
    for word in wrong:
        what = f"`args` are integers of at most 64 bits, and {shown(word.text)} is not"
        problems.add(word, what, "write digits, {first_seed} or {seed_count}")
    if wrong:
        return None
    words = (word.text for word in (*parts["wasm"], *parts["call"], *arguments))
    return Checked(Command((*_CALL, *words), shell=False), used, wasm_call=True)


def _items(node: Node) -> list[Scalar]:
    """A scalar, or the scalars of a sequence."""
    return [item for item in (node.items if isinstance(node, Sequence) else (node,)) if isinstance(item, Scalar)]


def _used(words: Iterable[tuple[Scalar, tuple[str, ...], str]], problems: Problems) -> frozenset[str] | None:
    """The placeholders of all words, each given with those allowed and the name of its place; None on errors."""
    names = [check_placeholders(*word, problems) for word in words]
    return None if None in names else frozenset[str]().union(*(each for each in names if each))


def _is_integer(word: str) -> bool:
    return _INTEGER.fullmatch(word) is not None and -(2**63) <= int(word) < 2**64


def check_placeholders(word: Scalar, allowed: tuple[str, ...], where: str, problems: Problems) -> frozenset[str] | None:
    """The placeholders in a word; None, and a problem, if `where` does not have one of them."""
    if "{" not in word.text and "}" not in word.text:
        return frozenset()
    try:
        used = placeholders.names(word.text)
    except placeholders.PlaceholderError as error:
        remedy = f"write `{error.brace * 2}` for a literal brace, or `{{name}}` for a placeholder"
        if word.text.startswith(f"{{{placeholders.PORT}", error.offset):
            remedy = "the NAME in `{port:NAME}` has letters, digits, `_` and `-`"
        problems.add(word, f"{error} of a word in {where}", remedy)
        return None
    if f"{placeholders.PORT}NAME" in allowed:
        allowed = (*allowed, *(name for name in used if name.startswith(placeholders.PORT)))
    for name in sorted(used.difference(allowed)):
        known = ", ".join(f"{{{each}}}" for each in allowed)
        otherwise = f"write {{{{{name}}}}} for literal braces; the placeholders are {known or 'none'}"
        what = f"{where} has no placeholder {shown(f'{{{name}}}')}"
        problems.add(word, what, problems.suggest(name, allowed, otherwise))
    return used if used.issubset(allowed) else None


def _installed(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command; if it runs Longpole, by Longpole's own Python, which need not be the project's.

    A warm module's old name, `-m rts_tests.warm.wasm`, becomes the installed one. `-EP` keeps Python from importing
    another module of that name, from the project's folder or PYTHONPATH.
    """
    match argv:
        case ("{python}", "-m", module, *arguments) if _WARM_MODULE.fullmatch(module):
            return (_OWN, "-EPm", f"longpole.{module}", *arguments)
        case ("{python}", "-m" | "-Pm" | "-EPm" as option, module, *arguments) if _OUR_MODULE.fullmatch(module):
            return (_OWN, option, module, *arguments)
    return argv


def is_warm(command: Command) -> bool:
    """Whether the command calls a warm module, so that a unit may be a fork of the process that has loaded it."""
    begin = command.argv[:3]
    return (
        len(begin) == 3
        and begin[:2] == (_OWN, "-EPm")
        and bool(_WARM_MODULE.fullmatch(begin[2].removeprefix("longpole.")))
    )
