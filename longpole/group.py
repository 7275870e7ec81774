"""Groups of commands: with suggestions for a mistyped name, imported when called, or that are a command themselves."""

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from longpole.rts_tests.contracts.nearest import nearest


def no_such_command(name: str, known: Iterable[str]) -> str:
    """The message about a command that does not exist, with the most similar one of the known, if any."""
    near = nearest(name, known)
    return f"No such command {name!r}." + (f" Did you mean {near!r}?" if near else "")


class Group(click.Group):
    """click's group, with suggestions."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name, the command and its arguments. Raises `click.UsageError` for an unknown command."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            ctx.fail(no_such_command(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """A group that imports a command when it is called; only its help imports all of them.

    `table` has the name of a command to its module in `longpole.commands` and its function there, as `plan.seed`.
    """

    def __init__(self, *args: Any, table: Mapping[str, str], **options: Any) -> None:  # noqa: ANN401  those of click
        super().__init__(*args, **options)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the help."""
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`; None if there is none."""
        if cmd_name not in self.table:
            return None
        module, function = self.table[cmd_name].rsplit(".", 1)
        command = getattr(importlib.import_module(f"longpole.commands.{module}"), function)
        assert isinstance(command, click.Command)
        return command


class _Nameless(click.Context):
    """The context of a default command, which has no name of its own on a command line."""

    @property
    def command_path(self) -> str:
        """The path of the group."""
        assert self.parent is not None
        return self.parent.command_path


class Default(click.Command):
    """The command that a `GroupWithDefault` is."""

    context_class = _Nameless


class GroupWithDefault(Group):
    """A group that is a command itself: words of which the first is no name of a command are for `default`.

    Its help has the options of that command, too.
    """

    _NAME = ""
    default: click.Command

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`; None if there is none."""
        return self.default if cmd_name == self._NAME else super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words of a command, or of the default one."""
        first = args[0] if args else None
        known = first in self.commands or first in self.get_help_option_names(ctx)
        if not known and not (first is None and ctx.resilient_parsing):
            args = [self._NAME, *args]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Those of the default command; or a command."""
        pieces = self.default.collect_usage_pieces(self._of_default(ctx))
        return [*pieces, "|", "COMMAND", "[ARGS]..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of the default command, then the commands."""
        click.Command.format_options(self.default, self._of_default(ctx), formatter)
        self.format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what the default command offers for its first word."""
        offered = super().shell_complete(ctx, incomplete) if incomplete[:1] not in ("-",) else []
        offered += self.default.shell_complete(self._of_default(ctx), incomplete)
        if incomplete[:1] != "-":
            for argument in (each for each in self.default.params if isinstance(each, click.Argument)):
                offered += argument.shell_complete(self._of_default(ctx), incomplete)
        return offered

    def _of_default(self, ctx: click.Context) -> click.Context:
        return Default.context_class(self.default, parent=ctx)
