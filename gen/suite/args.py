"""The keys `args` and `build_args`: words that stand where `{args}` stands in `run` and `build`."""

import shlex
from collections.abc import Iterable
from collections.abc import Mapping as Values

from longpole.gen.suite.commands import Checked, check_placeholders
from longpole.gen.suite.model import Command
from longpole.rts_tests.contracts import placeholders
from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.tree import Node, Scalar, Sequence

IN_ARGS = {"args": ("variant", "target_dir", "module", "chunk"), "build_args": ("variant", "target_dir")}
COMMAND_OF = {"args": "run", "build_args": "build"}


def words_of(key: str, node: Node | None, problems: Problems) -> tuple[str, ...]:
    """The words under `args` or `build_args`, with their placeholders; none if there are errors, which are reported."""
    items = [item for item in node.items if isinstance(item, Scalar)] if isinstance(node, Sequence) else []
    checked = [check_placeholders(item, IN_ARGS[key], f"`{key}`", problems) for item in items]
    return () if None in checked else tuple(item.text for item in items)


def check_used(
    key: str, node: Node, command: Checked | None, whose: str, problems: Problems, *, of: str | None = None
) -> None:
    """Report `args` or `build_args` at `node` if the command of `whose`, as in "variant `v`", has no place for them.

    `of` is the key of the command, by default `run` or `build`.
    """
    of = of or COMMAND_OF[key]
    if command is None:
        problems.add(node, f"{whose} has no `{of}`, so `{key}` are used nowhere", f"add `{of}:`, or remove them")
    elif "args" not in command.used:
        remedy = f"write {{args}} in `{of}` where they belong"
        if command.wasm_call:
            remedy = "give the module a `run` of its own, with the `args` of the call"
        problems.add(node, f"`{of}` of {whose} has no `{{args}}`, so `{key}` are used nowhere", remedy)


class UnusedArgs:
    """The `args` of variants and of `defaults` that `run` does not use, unless a module's own command does."""

    def __init__(self) -> None:
        self._found: list[tuple[str | None, Node, Checked | None, str]] = []
        self._used: set[str] = set()

    def add(self, variant: str | None, node: Node, command: Checked | None, whose: str) -> None:
        """Note `args` that `command` does not use; `variant` is None for those of `defaults`."""
        self._found.append((variant, node, command, whose))

    def use(self, variants: Iterable[str]) -> None:
        """Note that a module's own command uses the `args` of these variants."""
        self._used.update(variants)

    def report(self, problems: Problems) -> None:
        """Report those that are used nowhere; for when all modules have been read."""
        for variant, node, command, whose in self._found:
            if not (self._used if variant is None else variant in self._used):
                check_used("args", node, command, whose, problems)


def with_args(command: Command, args: tuple[str, ...], values: Values[str, str]) -> Command:
    """A build command with `{args}` replaced by the words, whose placeholders have these values."""
    words = [placeholders.escape(placeholders.expand(word, values)) for word in args]
    if not command.shell:
        return Command(tuple(each for word in command.argv for each in (words if word == "{args}" else [word])), False)
    text = placeholders.Literal(" ".join(shlex.quote(placeholders.expand(word, values)) for word in args))
    parts = placeholders.parse(command.argv[-1])
    filled = tuple(text if part == placeholders.Name("args") else part for part in parts)
    return Command((*command.argv[:-1], placeholders.unparse(filled)), True)
