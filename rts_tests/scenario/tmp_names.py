"""Fixed names in /tmp that the texts of a scenario write: two scenarios that write one would meet there.

So the units of such scenarios get a lock for each name. A text is searched, not understood: a name too many costs a
little time, one too few an occasional failure. Only these are left out: a `/tmp/` inside a longer path (`~/tmp/x`,
`$HOME/tmp/x`, `var/tmp/x`), and names that differ each time (`/tmp/x.$$`, `mktemp /tmp/x.XXXXXX`).
"""

import re
from collections.abc import Iterable, Iterator

from longpole.rts_tests.scenario.model import Repository, Scenario
from longpole.rts_tests.scenario.texts import texts_of
from longpole.rts_tests.scenario.variables import Variables

TMP = "/tmp"  # noqa: S108  it is searched for, not used
_NAME = re.compile(
    r"(?:(?<=(?<![^\s;&|(])-[A-Za-z])|(?<![\w.~}*?\]/-])|(?<=:/)|(?<=://))"  # `-I/tmp/x`, `>/tmp/x`, `file:///tmp/x`
    r"/+tmp/(?:\.?/)*"
    r"([^\s/\\\"'`$*?\[\]{}()<>|&;,:=#!\x00-\x1f\x7f]+)(\$(?:\$|RANDOM|SRANDOM|BASHPID|EPOCH\w*|\())?"
)
_TEMPLATE = re.compile(r"X{3,}")


def fixed_names(texts: Iterable[str]) -> tuple[str, ...]:
    """The fixed names in /tmp that shell texts write, sorted: `/tmp/NAME`, whatever is below it.

    Of a name that holds a variable or a pattern, it is what stands before that.
    """
    return tuple(sorted({f"{TMP}/{name}" for text in texts if f"{TMP}/" in text for name in _names(text)}))


def _names(text: str) -> Iterator[str]:
    has_templates = "mktemp" in text
    for match in _NAME.finditer(text):
        name, is_unique = match.groups()
        name = name.rstrip(".") if name.strip(".") else ""
        if name and not is_unique and not (has_templates and _TEMPLATE.search(name)):
            yield name


def locks_of(scenario: Scenario) -> tuple[str, ...]:
    """The locks that a scenario needs for its fixed names in /tmp; none if its /tmp is private."""
    if scenario.isolation.tmp:
        return ()
    values = Variables(scenario.env)
    return fixed_names(values.expand(text) for text in _texts(scenario))


def _texts(scenario: Scenario) -> Iterator[str]:
    yield from scenario.env.values()
    yield scenario.skip_if or ""
    for step in scenario.steps:
        yield from texts_of(step)
    for repository in scenario.repositories:
        yield from _contents(repository)


def _contents(repository: Repository) -> Iterator[str]:
    """What is committed may be a script that a step runs."""
    yield repository.daft_yml or ""
    for file in (*repository.hook_scripts, *(file for branch in repository.branches for file in branch.files)):
        yield file.content
