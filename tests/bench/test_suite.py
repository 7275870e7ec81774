"""The commands that other runners are given, and the order of them."""

from pathlib import Path

from bench.project import make_project
from bench.suite import alphabetical_copy, commands_of

SUITE = """\
version: 1
name: tiny
defaults: {run: [/bin/echo, "{module}", "it's {chunk}", "{variant}"]}
variants: {v: {}}
modules:
  b: {weight: 1}
  c: {weight: 9}
  a: {weight: 6, seeds: 2, chunks: 2}
"""


def test_commands_are_what_make_would_run_heaviest_first(tmp_path: Path) -> None:
    commands = commands_of(make_project(tmp_path, "project", SUITE))
    assert commands == [
        ("v/c", ["/bin/echo", "c", "it's ", "v"]),
        ("v/a[0]", ["/bin/echo", "a", "it's 0", "v"]),
        ("v/a[1]", ["/bin/echo", "a", "it's 1", "v"]),
        ("v/b", ["/bin/echo", "b", "it's ", "v"]),
    ]


def test_a_copy_has_the_same_units_in_alphabetical_order(tmp_path: Path) -> None:
    project = make_project(tmp_path, "project", SUITE)
    commands = commands_of(alphabetical_copy(project))
    assert commands == sorted(commands_of(project))
