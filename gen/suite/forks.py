"""The forks of a module, and where its units tell of their cases."""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

from longpole.gen.suite.args import check_used
from longpole.gen.suite.commands import IN_FORK, IN_LIST, Checked, check_command, check_placeholders, words_of_command
from longpole.gen.suite.model import Forks, Module, Results
from longpole.gen.suite.variants import Variants
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.debug_ports import (
    APART,
    REMEDY,
    VARIABLES,
    debug_ports,
    shift_span,
    variable_ports,
    wrong_with_fixed,
    wrong_with_shifted,
)
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Entry, Mapping, Node, Scalar, Sequence, mapping_of

if TYPE_CHECKING:
    from longpole.gen.suite.schema import ModuleSpec

OF_OTHERS = ("run", "select", "chunks")
"""The keys of modules without forks."""
_WARM_PYTEST = ("{python}", "{clients}/pytest", "run")
_PLACEHOLDERS = {
    "CLASSES": "classes_file",
    "QUEUE": "queue",
    "FORK": "fork",
    "FORKS": "forks",
    "THREADS": "threads",
    "VARIANT": "variant",
    "MODULE": "module",
}
"""By the variables of a fork, without LONGPOLE_."""
_VARIABLE = re.compile(rf"\$(?:{{{{)?LONGPOLE_({'|'.join(_PLACEHOLDERS)})(?:}}}})?")
_CLIENT = re.compile(r"\{clients\}/([A-Za-z0-9_.-]+)")
_COMMANDS = {"list": IN_LIST, "run": IN_FORK}


def read_forks(entry: Entry, spec: "ModuleSpec", chosen: tuple[str, ...], variants: Variants) -> Forks | None:
    """The forks of the module in `entry`, whose `spec` has some; None if they have errors, which are reported."""
    own, problems = mapping_of(entry).entries, variants.problems
    for key in OF_OTHERS:
        if key in own:
            what = f"module {shown(entry.key.text)} has `forks`, and `{key}` is for modules without"
            remedy = "name the command of a fork by `run` under `forks`" if key == "run" else "remove one of the two"
            problems.add(own[key].key, what, remedy)
    given = {key: variants.given(key, mapping_of(own["forks"])) for key in _COMMANDS}
    nodes = {key: node for key, node in given.items() if node is not None}
    commands = {key: check_command(f"forks.{key}", node, problems, _COMMANDS[key]) for key, node in nodes.items()}
    _check_args(entry, commands, chosen, variants)
    for node in nodes.values():
        _check_words(node, problems)
    for key, command in commands.items():
        for variant in chosen:
            if command is not None:
                variants.check_artifact(variant, f"forks.{key}", command, nodes[key], entry)
    forks, listing, run = spec.forks, commands.get("list"), commands.get("run")
    if forks is None or listing is None or run is None:
        return None
    made = Forks(
        list=listing.command,
        run=run.command,
        count=forks.max_forks,
        threads=forks.threads,
        stealing=forks.stealing,
        warm=forks.warm,
        shift_ports=forks.debug_ports == "shift",
    )
    _check_run(made, run, nodes["run"], problems)
    _check_seeds(entry, spec, run, problems)
    if forks.warm is not None and made.run.argv[:3] != _WARM_PYTEST:
        what = "`warm: pytest` is for the client of pytest, and `run` calls another program"
        problems.add(nodes["run"], what, 'begin it with `["{python}", "{clients}/pytest", run]`, or remove `warm`')
    _check_fixed_ports(made, nodes["run"], entry, chosen, variants)
    return made


@cache
def _clients() -> list[str]:
    """What is in the folder of the clients, sorted."""
    return sorted(os.listdir(clients_folder()))


def _check_words(node: Node, problems: Problems) -> None:
    """Refuse clients that do not exist, and variables that nobody expands."""
    for word in words_of_command(node):
        for name in _CLIENT.findall(word.text):
            if name not in _clients():
                known = [each for each in _clients() if "." not in each]
                remedy = problems.suggest(name, known, f"the clients are {', '.join(known)}")
                problems.add(word, f"there is no client {shown(name)}", remedy)
        variable = _VARIABLE.fullmatch(word.text)
        if variable is not None and isinstance(node, Sequence):
            what = f"no shell expands {shown(word.text)} in a list of words"
            problems.add(word, what, f"write {{{_PLACEHOLDERS[variable[1]]}}}")


def _check_run(forks: Forks, run: Checked, node: Node, problems: Problems) -> None:
    """Refuse what the command cannot have with, or without, a queue."""
    words = words_of_command(node)
    if "queue" in run.used and not forks.stealing:
        word = next(word for word in words if "queue" in placeholders.names(word.text))
        problems.add(word, "`{queue}` is there with `stealing` only", "write `stealing: true`, or `{classes_file}`")
    if "classes" in run.used and forks.stealing:
        word = next(word for word in words if "classes" in placeholders.names(word.text))
        what = "with `stealing` a fork has no classes when it starts, so there is nothing for `{classes}`"
        problems.add(word, what, "write `{queue}`, or `stealing: false`")


def _check_seeds(entry: Entry, spec: "ModuleSpec", run: Checked, problems: Problems) -> None:
    """Every fork has all seeds of the module; several seeds from the commit are not a range."""
    used = sorted(run.used & {"first_seed", "seed_count"})
    if spec.seed_policy == "commit" and (spec.seeds or 0) > 1 and used:
        what = (
            f"forks of module {shown(entry.key.text)} get several seeds from the commit, which are not a range, and "
            f"its own `run` uses {' and '.join(f'{{{each}}}' for each in used)}"
        )
        place = mapping_of(entry).entries["seed_policy"].value
        problems.add(place, what, "use {seeds} there, or write `seeds: 1`")


def _check_args(entry: Entry, commands: dict[str, Checked | None], chosen: tuple[str, ...], variants: Variants) -> None:
    """Report `args` of the module for which neither of the commands has a place."""
    node, valid = variants.given("args", mapping_of(entry)), [each for each in commands.values() if each is not None]
    if len(valid) < len(_COMMANDS) or any("args" in each.used for each in valid):
        variants.unused_args.use(chosen)
    elif node is not None:
        check_used("args", node, valid[-1], f"module {shown(entry.key.text)}", variants.problems, of="forks.run")


# -- debug ports ------------------------------------------------------------------------------------------------------


def _check_fixed_ports(forks: Forks, run: Node, entry: Entry, chosen: tuple[str, ...], variants: Variants) -> None:
    """Refuse debug ports that the forks of a module would share."""
    if forks.count == 1 or forks.shift_ports:
        return
    for variant in chosen:
        for port, node in _debug_ports(run, entry, variant, variants):
            if wrong := wrong_with_fixed(port, forks.count):
                variants.problems.add(node, wrong, REMEDY)


def check_shifted_ports(modules: Iterable[Module], root: Mapping, variants: Variants) -> None:
    """Refuse debug ports that cannot be shifted far enough, for when all modules have been read."""
    counts = {each.name: each.forks.count for each in modules if each.forks is not None and each.forks.shift_ports}
    span = shift_span(len(variants.names), counts.values())
    for module in modules:
        entry = mapping_of(root.entries.get("modules")).entries[module.name]
        for variant in module.variants if module.name in counts else ():
            run = mapping_of(mapping_of(entry).entries["forks"]).entries["run"].value
            found = list(_debug_ports(run, entry, variant, variants))
            if wrong := wrong_with_shifted((port for port, _ in found), span):
                variants.problems.add(max(found, key=lambda each: each[0])[1], wrong, APART)


def _debug_ports(run: Node, entry: Entry, variant: str, variants: Variants) -> Iterator[tuple[int, Node]]:
    """The debug ports of the forks of a module in a variant, from its command and its variables, with their places."""
    yield from _in_command(run, entry, variant, variants)
    yield from _in_variables(entry, variant, variants)


def _in_command(run: Node, entry: Entry, variant: str, variants: Variants) -> Iterator[tuple[int, Node]]:
    args: list[Scalar] = []
    for mappings in (variants.sections[variant], (mapping_of(entry),)):
        node = variants.given("args", *mappings)
        args += [item for item in (node.items if isinstance(node, Sequence) else ()) if isinstance(item, Scalar)]
    words = words_of_command(run)
    if isinstance(run, Sequence):
        words = [each for word in words for each in (args if word.text == "{args}" else [word])]
    else:
        words += args
    for port in debug_ports([word.text for word in words]):
        yield port.port, words[port.word]


def _in_variables(entry: Entry, variant: str, variants: Variants) -> Iterator[tuple[int, Node]]:
    for name in VARIABLES:
        for mapping in (mapping_of(entry), *variants.sections[variant]):
            value = mapping_of(mapping.entries.get("env")).entries.get(name)
            if value is not None:
                node = value.value
                for port in variable_ports(name, node.text) if isinstance(node, Scalar) else ():
                    yield port.port, node
                break


# -- results ----------------------------------------------------------------------------------------------------------


_ON_STDOUT: tuple[Literal["tap", "libtest", "go"], ...] = ("tap", "libtest", "go")


def read_results(entry: Entry, spec: "ModuleSpec", problems: Problems) -> Results | None:
    """Where the units of a module tell of their cases; None if they do not, or if that has errors."""
    own = mapping_of(entry).entries.get("results")
    sources = mapping_of(own).entries
    if own is not None and spec.results is not None and len(sources) != 1:
        names = ", ".join(shown(name) for name in sources)
        what = f"`results` names {f'{len(sources)} sources, {names}' if sources else 'no source'}"
        problems.add(
            own.value,
            what,
            "write one of `protocol: stdout`, `tap: stdout`, `libtest: stdout`, `go: stdout` and `junit: FILE`",
        )
        return None
    results = spec.results
    if results is None or results.protocol is not None:
        return Results("protocol") if results is not None or spec.forks is not None else None
    for source in _ON_STDOUT:
        if getattr(results, source) is not None:
            return Results(source)
    if results.junit is not None and isinstance(node := sources["junit"].value, Scalar):
        return _junit(node, problems)
    return None


def _junit(node: Scalar, problems: Problems) -> Results | None:
    if check_placeholders(node, (), "`junit`", problems) is None:
        return None
    path = placeholders.expand(node.text, {})
    wrong = None
    if path.startswith(("$TMPDIR", "${TMPDIR}")):
        wrong = "is relative to TMPDIR already", "leave `$TMPDIR` out"
    elif path.startswith(("/", "~")):
        wrong = "is absolute", "write a file or glob relative to TMPDIR, and let the unit write its file there"
    elif ".." in path.split("/"):
        wrong = "holds `..`", "name a file in TMPDIR"
    elif posixpath.normpath(path) == "." or path.endswith("/"):
        wrong = "is a folder", "name the files in it, as in `reports/*.xml`"
    if wrong is not None:
        problems.add(node, f"the path {shown(node.text)} of `junit` {wrong[0]}", wrong[1])
        return None
    return Results("junit", posixpath.normpath(path))
