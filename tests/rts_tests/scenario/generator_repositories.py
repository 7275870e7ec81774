"""Random repositories of scenarios: inline or from fixtures, with all of their keys."""

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.rts_tests.scenario.generator_yaml import Plain, document

MESSAGES = (
    "Add it",
    "Subject\n\nBody of it",
    "  spaces around  ",
    'It\'s "quoted"',
    "# like a comment",
    "Ü",
    "a\n\n\n\nb\n\n",
)
CONTENTS = (
    "one\n",
    "no newline",
    "",
    "ümlaut\n",
    "a\r\nb\r\n",
    "  spaces \n\n",
    "$WORK_DIR stays\n",
    "{{NAME}}\n",
    Plain("5"),
)
PATHS = ("README.md", "src/main.c", "deep/er/still/file.txt", "with space.txt", "ü.txt", "-dash", "a.b", "script.sh")

IGNORED = ("a.b\n/src/\n", "*.sh\n!script.sh\n", "/deep/*/still\n", "# nothing\n", "with\\ space.txt  \n", "script.*\n")
ATTRIBUTES = ("* text=auto\n", "*.md text eol=crlf\n", "*.c -text\n", "*.txt text\nREADME.md binary\n", "*.c ident\n")


@dataclass(frozen=True)
class Described:
    """A repository: its entry in `repos`, and what steps need to know of it."""

    entry: dict[str, Any]
    fixture: dict[str, Any] | None
    variable: str
    default: str
    branches: tuple[str, ...]
    paths: tuple[str, ...]
    """Files of the default branch."""


def repositories(random: Random) -> list[Described]:
    """Some repositories, in few scenarios none. Several may use one fixture."""
    names = random.sample(["one", "my-repo", "Third_repo", "r4"], random.choice([0, 1, 1, 1, 2, 3]))
    described: list[Described] = []
    for name in names:
        variable = name.upper().replace("-", "_")
        shared = [each for each in described if each.fixture is not None]
        if shared and random.random() < 0.5:
            model = random.choice(shared)
            entry = {"name": name, "use_fixture": model.entry["use_fixture"]}
            described.append(Described(entry, model.fixture, variable, model.default, model.branches, model.paths))
            continue
        keys, default, branches, paths = _repository(random)
        if random.random() < 0.4:
            entry = {"name": name, "use_fixture": f"fixture-{random.randrange(10**9)}.v1"}
            described.append(Described(entry, keys, variable, default, branches, paths))
        else:
            described.append(Described({"name": name} | keys, None, variable, default, branches, paths))
    return described


def fixture_texts(random: Random, described: list[Described]) -> dict[str, str]:
    """The text of each fixture."""
    fixtures = {each.entry["use_fixture"]: each.fixture for each in described if each.fixture is not None}
    return {name: document(random, keys) if keys else "{}\n" for name, keys in fixtures.items()}


def _repository(random: Random) -> tuple[dict[str, Any], str, tuple[str, ...], tuple[str, ...]]:
    """The keys of a repository, its default branch, its branches, and the files of the default branch."""
    keys: dict[str, Any] = {}
    default = "main"
    if random.random() < 0.3:
        default = keys["default_branch"] = random.choice(["trunk", "release/1.0", "main"])
    branches: list[str] = [default]
    paths: list[str] = ["README.md"]
    if random.random() < 0.85:
        first, paths = _branch(random, default)
        entries = [first]
        for name in random.sample(["feature/one", "feature/two", "develop", "fix-3"], random.randint(0, 3)):
            entry, _paths = _branch(random, name, own=f"{name}.txt")
            if random.random() < 0.5:
                entry["from"] = random.choice(branches)
            entries.append(entry)
            branches.append(name)
        if random.random() < 0.3:
            entries.append(entries.pop(0))
            _mend_order(entries, default)
        keys["branches"] = entries
        if len(entries) == 1 and random.random() < 0.1:
            keys["branches"], paths = [{"name": default}], []
    elif random.random() < 0.3:
        keys["branches"] = None
    if paths and random.random() < 0.25:
        keys["daft_yml"] = random.choice(["hooks:\n  post-clone:\n    jobs: []\n", "# {{NAME}}\n"])
        paths.append("daft.yml")
    if paths and random.random() < 0.25:
        scripts = random.sample(["post-clone", "worktree-post-create", "common.sh"], random.randint(1, 2))
        keys["hook_scripts"] = [{"name": name, "content": f"#!/bin/sh\necho {name}\n"} for name in scripts]
        paths += [f".daft/hooks/{name}" for name in scripts]
    return keys, default, tuple(branches), tuple(paths)


def _mend_order(entries: list[dict[str, Any]], default: str) -> None:
    """Let each branch begin at one that stands before it; the default branch may stand anywhere."""
    seen = {default}
    for entry in entries:
        if entry.get("from", default) not in seen:
            del entry["from"]
        seen.add(entry["name"])


def _branch(random: Random, name: str, own: str | None = None) -> tuple[dict[str, Any], list[str]]:
    """A branch with files, at least one of which no other branch has; `own` may leave a branch without any."""
    branch: dict[str, Any] = {"name": name}
    if own and random.random() < 0.2:
        return branch, []
    paths = random.sample(PATHS, random.randint(0 if own else 1, 4))
    files = [{"path": path, "content": random.choice(CONTENTS)} for path in paths]
    files += [{"path": own, "content": f"{name}\n"}] if own else []
    for path, contents in ((".gitignore", IGNORED), (".gitattributes", ATTRIBUTES)):
        # Where attributes change under files of an earlier commit, git adds these again or not, by their times.
        if random.random() < 0.12 and not (own and path == ".gitattributes"):
            folder = random.choice(["", "", "src/", "deep/"])
            files.append({"path": f"{folder}{path}", "content": random.choice(contents)})
    branch["files"] = files
    if random.random() < 0.5:
        branch["commits"] = [{"message": random.choice(MESSAGES)}]
    return branch, paths
