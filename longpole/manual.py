"""The manual page, in troff's man macros, made from the tree of commands; see groff_man(7).

`longpole/longpole.1` is its text, which a wheel installs as `share/man/man1/longpole.1`.
"""

import re
from collections.abc import Iterator

import click

from longpole.group import GroupWithDefault
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.version import VERSION

_FILES = (
    ("suite.yaml", "What is tested; docs/suite.md describes every key."),
    ("Makefile", "Rendered from the suite by `longpole render`."),
    (".longpole/", "Runs, history and the plan; LONGPOLE_STATE names another folder."),
)


def manual_page(root: click.Context) -> str:
    """The manual page of all commands below `root`, as troff."""
    lines = [
        f'.TH LONGPOLE 1 "" "Longpole {VERSION}" "User Commands"',
        ".nh",
        ".SH NAME",
        r"longpole \- run a test suite with make, the longest units first",
        ".SH SYNOPSIS",
        ".B longpole",
        r"[\-C DIR] COMMAND [OPTIONS] [ARGUMENTS]",
        ".SH DESCRIPTION",
        *_paragraphs(root.command.help or ""),
        *_options(root),
        ".SH COMMANDS",
    ]
    for context in _commands(root):
        usage = " ".join(context.command.collect_usage_pieces(context))
        lines += [f".SS {_text(f'{context.command_path} {usage}')}", *_paragraphs(context.command.help or "")]
        lines += [*_options(context), *_example(context.command.epilog or "")]
    lines += [".SH EXIT STATUS"]
    for status in ExitStatus:
        lines += [".TP", f".B {status.value}", _text(status.meaning)]
    lines += [".SH FILES"]
    for name, meaning in _FILES:
        lines += [".TP", f".I {_text(name)}", _text(meaning)]
    return "\n".join([*lines, ".SH SEE ALSO", r".BR make (1)"]) + "\n"


def _commands(parent: click.Context) -> Iterator[click.Context]:
    assert isinstance(parent.command, click.Group)
    for name in parent.command.list_commands(parent):
        command = parent.command.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        yield context
        if isinstance(command, click.Group):
            yield from _commands(context)


def _options(context: click.Context) -> Iterator[str]:
    command = context.command
    shown = command.default if isinstance(command, GroupWithDefault) else command
    for parameter in shown.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            names, meaning = record
            yield from (".TP", f".B {_text(names)}", _text(meaning))


def _example(epilog: str) -> Iterator[str]:
    _, _, lines = epilog.partition("Example:\n")
    if lines:
        yield from (
            ".PP",
            "Example:",
            ".PP",
            ".nf",
            ".RS",
            *(_text(line.strip()) for line in lines.splitlines()),
            ".RE",
            ".fi",
        )


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\b", "").strip().split("\n\n"):
        yield from (".PP", _text(" ".join(paragraph.split())))


def _text(text: str) -> str:
    """One line in which troff obeys nothing; quotes and hyphens stay those that a user types; breaks after a `|`."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    escaped = escaped.replace("^", r"\(ha").replace("~", r"\(ti").replace('"', r"\(dq")
    escaped = re.sub(r"\|(?=\S)", r"|\\:", escaped)
    return re.sub(r"^(?=[.])", r"\\&", escaped)
