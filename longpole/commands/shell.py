"""Help and the user's shell: `longpole help`, `longpole completion`."""

import click

from longpole import completers
from longpole.group import no_such_command
from longpole.options import example

_BASH = r"""_longpole_completion() {
    local line IFS=$'\n'
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("$(printf %q "${line#*,}")") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _LONGPOLE_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F _longpole_completion longpole
"""
"""click's own script for bash leaves the brackets of `eop/gc[3]` to the shell, which takes them for a pattern."""


@click.command(epilog=example('eval "$(longpole completion bash)"', "longpole completion fish | source"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    It completes commands, options, units, runs, files and make targets.
    """
    if shell == "bash":
        click.echo(_BASH, nl=False)
        return
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(context.find_root().command, {}, "longpole", "_LONGPOLE_COMPLETE").source())


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
