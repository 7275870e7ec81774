"""Completion for the user's shell: `longpole completion`."""

import click

from longpole.options import example


@click.command(epilog=example('eval "$(longpole completion bash)"', "longpole completion fish | source"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(context.find_root().command, {}, "longpole", "_LONGPOLE_COMPLETE").source())
