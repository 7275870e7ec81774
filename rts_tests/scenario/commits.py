"""The commits of a scenario's repository, in the order in which they are made, and their pack. Pure but for the clock.

What git does to a message, to an identity and to a path on the way from a file to a commit is done here as well; where
that depends on more than the texts, `is_plain` says no, and git itself has to make the commits.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from longpole.rts_tests.scenario.model import File, Repository
from longpole.rts_tests.scenario.packs import BLOB, COMMIT, EXECUTABLE, FILE, Objects, Pack

INITIAL = "Initial commit"
_PLAIN_PATTERN = re.compile(r"/?[\w.*-]+(?:/[\w.*-]+)*/?")
_ODD_PATH = re.compile(r"(?:^|/)(?:git~|\.git(?![a-z-])|[^/]*[\\:])|[^ -~]", re.IGNORECASE)
"""What git refuses in paths, or may refuse: other spellings of `.git` on other systems."""
_CHANGING = re.compile(r"filter|ident|encoding|\[attr\]")
_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"
"""What git removes at both ends of a name or an address; see `ident.c`."""


@dataclass(frozen=True, slots=True)
class Change:
    """A branch, and the commit that it begins with; `message` is None if it has none of its own.

    It begins at `base`, or with no parent. All `files` are executable, or none.
    """

    branch: str
    base: str | None
    files: tuple[File, ...]
    message: str | None
    executable: bool = False


def changes(repository: Repository) -> Iterator[Change]:
    """The branches and commits of a repository that was parsed, in the order in which they are made."""
    default = repository.default_branch
    if not repository.branches:
        yield Change(default, None, (File("README.md", ""),), INITIAL)
    for branch in repository.branches:
        if branch.name == default and branch.files:
            yield Change(default, None, branch.files, (branch.messages or (INITIAL,))[0])
    begun = any(branch.name == default and branch.files for branch in repository.branches) or not repository.branches
    if repository.daft_yml is not None:
        base = default if begun else None
        yield Change(default, base, (File("daft.yml", repository.daft_yml),), "Add daft.yml config")
        begun = True
    if repository.hook_scripts:
        hooks = tuple(File(f".daft/hooks/{hook.path}", hook.content) for hook in repository.hook_scripts)
        yield Change(default, default if begun else None, hooks, "Add hook scripts", executable=True)
    for branch in repository.branches:
        if branch.name != default:
            message = (branch.messages or (INITIAL,))[0] if branch.files else None
            yield Change(branch.name, branch.base or default, branch.files, message)


def is_plain(sequence: Sequence[Change]) -> bool:
    """Whether `git add .` would store these files as they are, all of them.

    It leaves out what a `.gitignore` names, and converts what `.gitattributes` say. Most of these files cannot matter:
    their patterns are simple and match no path here, their attributes are for merges, differences and line ends that
    nobody has. Where that is not certain, the answer is False.
    """
    files = [file for change in sequence for file in change.files]
    if any(_ODD_PATH.search(file.path) for file in files) or any("\0" in (change.message or "") for change in sequence):
        return False
    ignoring = [file.content for file in files if file.path.rpartition("/")[2] == ".gitignore"]
    attributes = [file.content for file in files if file.path.rpartition("/")[2] == ".gitattributes"]
    if ignoring:
        parts = {part for file in files for part in file.path.split("/")}
        if not all(_ignores_none(patterns, parts) for patterns in ignoring):
            return False
    ends_matter = attributes and any("\r" in file.content for file in files)
    return not ends_matter and not any(map(_CHANGING.search, attributes))


def _ignores_none(patterns: str, parts: set[str]) -> bool:
    """Whether no pattern of a `.gitignore` matches a path of these parts; False if that is not simple to say."""
    for line in patterns.split("\n"):
        if not line or line.startswith("#"):
            continue
        if not line.isascii() or not _PLAIN_PATTERN.fullmatch(line):
            return False
        last = line.rstrip("/").rpartition("/")[2]
        if any(fnmatchcase(part, last) for part in parts):
            return False
    return True


def packed(
    sequence: Sequence[Change], object_format: str, identity: tuple[str, str]
) -> tuple[Pack | None, dict[str, str]]:
    """Return a pack of these commits and where each branch is; no pack if there is no commit.

    The commits are made now, in this process's time zone, by `identity`, a name and an address.
    """
    objects = Objects(object_format)
    now = time.time()
    offset_s = time.localtime(now).tm_gmtoff
    sign, minutes = ("-" if offset_s < 0 else "+"), abs(offset_s) // 60
    name, address = map(identified, identity)
    person = f"{name} <{address}> {int(now)} {sign}{minutes // 60:02}{minutes % 60:02}"
    heads: dict[str, bytes] = {}
    trees: dict[str, dict[str, tuple[bytes, bytes]]] = {}
    for change in sequence:
        tree = trees[change.base] if change.base is not None else {}
        parent = heads[change.base] if change.base is not None else None
        if change.message is None:
            assert parent is not None, "the parser refuses a branch without commits beside others"
        else:
            tree = dict(tree)
            for file in change.files:
                # A file that is written over keeps its mode.
                old = tree.get(file.path, (FILE, b""))[0]
                mode = EXECUTABLE if change.executable else old
                tree[file.path] = (mode, objects.add(BLOB, file.content.encode("utf-8", "surrogatepass")))
            lines = [f"tree {objects.tree(tree).hex()}", f"author {person}", f"committer {person}", ""]
            if parent is not None:
                lines.insert(1, f"parent {parent.hex()}")
            text = "\n".join([*lines, _cleaned(change.message)])
            parent = objects.add(COMMIT, text.encode("utf-8", "surrogatepass"))
        trees[change.branch], heads[change.branch] = tree, parent
    return (objects.pack() if heads else None), {branch: head.hex() for branch, head in heads.items()}


def identified(text: str) -> str:
    """A name or an address as git writes it into a commit."""
    return text.strip(_CRUD).translate(str.maketrans("", "", "<>\n"))


def _cleaned(message: str) -> str:
    """A message as `git commit -m` keeps it: no space at the ends of lines, no two empty lines; git-stripspace(1)."""
    paragraphs: list[list[str]] = [[]]
    for line in message.split("\n"):
        kept = line.rstrip(" \t\r\n")
        if kept:
            paragraphs[-1].append(kept)
        elif paragraphs[-1]:
            paragraphs.append([])
    if not paragraphs[-1]:
        paragraphs.pop()
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n" if paragraphs else ""
