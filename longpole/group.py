"""A group of commands that suggests one for a mistyped name."""

from collections.abc import Iterable

import click

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
