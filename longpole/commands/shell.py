"""For the user's shell: `longpole completion`."""

import click

from longpole.options import example


@click.command(epilog=example('eval "$(longpole completion bash)"', "longpole completion fish | source"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a shell's completion script."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(context.find_root().command, {}, "longpole", "_LONGPOLE_COMPLETE").source())
