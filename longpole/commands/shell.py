"""Help and the user's shell: `longpole help`, `longpole completion`."""

from pathlib import Path

import click

from longpole import completers
from longpole.group import no_such_command
from longpole.options import example

_COMPLETIONS = Path(__file__).parent.parent / "completions"
_FILES = {"bash": "longpole.bash", "zsh": "_longpole", "fish": "longpole.fish"}
"""The script of each shell; a wheel installs them below share/, where these shells look for them.

Those of zsh and fish are click's own. That of bash is not: click's leaves the brackets of `eop/gc[3]` to the shell,
which takes them for a pattern.
"""


@click.command(epilog=example('eval "$(longpole completion bash)"', "longpole completion fish | source"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    It completes commands, options, units, runs, files and make targets.
    """
    click.echo((_COMPLETIONS / _FILES[shell]).read_text(encoding="utf-8"), nl=False)


@click.command("help", epilog=example("longpole help", "longpole help runs remove", "longpole help --man | man -l -"))
@click.option("--man", is_flag=True, help="Print the manual page instead, in troff, for `man -l`.")
@click.argument("names", metavar="[COMMAND...]", nargs=-1, shell_complete=completers.commands)
@click.pass_context
def show_help(context: click.Context, man: bool, names: tuple[str, ...]) -> None:
    """Show the help of Longpole, or of one of its commands."""
    root = context.find_root()
    if man:
        from longpole.manual import manual_page

        click.echo(manual_page(root), nl=False)
        return
    shown, parent = root, root
    for name in names:
        command = shown.command.get_command(shown, name) if isinstance(shown.command, click.Group) else None
        if command is None:
            known = shown.command.list_commands(shown) if isinstance(shown.command, click.Group) else []
            raise click.UsageError(no_such_command(name, known), ctx=parent)
        parent, shown = shown, click.Context(command, info_name=name, parent=shown)
    click.echo(shown.get_help())
