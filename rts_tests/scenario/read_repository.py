"""From the record of a repository to the repository, and what its parts must be to each other.

The commits are followed as they will be made, so that a commit that git would refuse as empty, a branch that begins
nowhere, or a file in the place of a folder is found in the file and not in the middle of a run.
"""

from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Node
from longpole.rts_tests.scenario import names
from longpole.rts_tests.scenario.model import Branch, File, Repository
from longpole.rts_tests.scenario.reading import Record

DEFAULT_BRANCH = "main"
_PLAIN, _EXECUTABLE = "644", "755"
MAX_ENTRIES = 200_000
"""Files and folders of all branches of a repository together: each branch with files has a tree of its own."""
_Tree = dict[str, tuple[str, str] | None]
"""Paths of files to mode and content, and of folders to None."""


def repository_of(record: Record, name: str, problems: Problems) -> Repository:
    """The repository called `name` that `record` describes, itself or as a fixture; errors go to `problems`."""
    before = len(problems)
    default = record.texts.get("default_branch", DEFAULT_BRANCH)
    if wrong := names.wrong_branch(default):
        problems.add(record.places["default_branch"], f"the default branch {wrong}", "give it a name that git accepts")
    branches = record.records.get("branches", ())
    repository = Repository(
        name,
        default,
        tuple(_branch(branch, problems) for branch in branches),
        record.texts.get("daft_yml"),
        _hooks(record, problems),
    )
    if not record.bad and len(problems) == before:  # else one error would be told in several ways
        _Commits(repository, record, problems).follow()
    return repository


def _branch(record: Record, problems: Problems) -> Branch:
    name = record.texts.get("name", "")
    if "name" in record.texts and (wrong := names.wrong_branch(name)):
        problems.add(record.places["name"], f"a branch's name {wrong}", "give it a name that git accepts")
    files: dict[str, File] = {}
    for file in record.records.get("files", ()):
        path = file.texts.get("path")
        if path is None:
            continue
        if wrong := names.wrong_path(path):
            problems.add(
                file.places["path"], f"the path {shown(path)} {wrong}", "write one below the repository's root"
            )
        elif (path := names.tidy(path)) in files:
            problems.add(file.places["path"], f"the file {shown(path)} is given twice", "remove one of the two")
        else:
            files[path] = File(path, file.texts.get("content", ""))
    commits = tuple(commit.texts.get("message", "") for commit in record.records.get("commits", ()))
    return Branch(name, record.texts.get("from"), tuple(files.values()), commits)


def _hooks(record: Record, problems: Problems) -> tuple[File, ...]:
    hooks: dict[str, File] = {}
    for hook in record.records.get("hook_scripts", ()):
        name = hook.texts.get("name")
        if name is None:
            continue
        if wrong := names.wrong_path(name) or ("holds `/`" if "/" in name else None):
            problems.add(
                hook.places["name"], f"a hook script's name {wrong}", "write a file's name, as `post-checkout`"
            )
        elif name in hooks:
            problems.add(hook.places["name"], f"the hook script {shown(name)} is given twice", "remove one of the two")
        else:
            hooks[name] = File(name, hook.texts.get("content", ""))
    return tuple(hooks.values())


class _Commits:
    """The trees of a repository's branches, in the order in which they are made."""

    def __init__(self, repository: Repository, record: Record, problems: Problems) -> None:
        self._repository = repository
        self._record = record
        self._problems = problems
        self._trees: dict[str, _Tree | None] = {}  # None: a branch without a commit
        self._names = {branch.name for branch in repository.branches}
        self._entries = 0

    def follow(self) -> None:
        """Make all commits; errors go to the problems."""
        records = self._record.records.get("branches", ())
        pairs = list(zip(self._repository.branches, records, strict=True))
        self._check_names(pairs)
        default = self._repository.default_branch
        first = [pair for pair in pairs if pair[0].name == default][:1]
        if pairs and not first:
            place = self._record.places.get("default_branch", pairs[0][1].places["name"])
            remedy = f"add a branch {shown(default)}, or set `default_branch`"
            self._problems.add(place, f"no branch is the default branch, {shown(default)}", remedy)
            return
        tree: _Tree | None = None if first else {"README.md": (_PLAIN, "")}
        for branch, record in first:
            if branch.base not in (None, branch.name):
                what = f"{shown(default)} is the default branch, which is made first"
                self._problems.add(record.places["from"], what, "remove `from`")
            tree = self._commit(branch, record, None)
        self._trees[default] = self._more_commits(tree)
        for branch, record in pairs:
            if self._entries > MAX_ENTRIES:
                what = f"the branches up to this one hold more than {MAX_ENTRIES:,} files together"
                self._problems.add(record.node, what, "describe a smaller repository")
                return
            if branch.name not in self._trees:
                self._trees[branch.name] = self._later_branch(branch, record)

    def _check_names(self, pairs: list[tuple[Branch, Record]]) -> None:
        known: dict[str, int] = {}
        below: dict[str, str] = {}  # folders of names to the first name in each
        for branch, record in pairs:
            place = record.places["name"]
            parts = branch.name.split("/")
            folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
            beside = next((folder for folder in folders if folder in known), below.get(branch.name))
            if branch.name in known:
                what = f"the branch {shown(branch.name)} is given twice, first in line {known[branch.name]}"
                self._problems.add(place, what, "remove one of the two")
            elif beside:
                what = f"git cannot keep {shown(branch.name)} beside the branch {shown(beside)}"
                self._problems.add(place, what, "rename one of the two")
            known.setdefault(branch.name, place.line)
            for folder in folders:
                below.setdefault(folder, branch.name)

    def _later_branch(self, branch: Branch, record: Record) -> _Tree | None:
        base = branch.base if branch.base is not None else self._repository.default_branch
        if base not in self._trees:
            later = base != branch.name and base in self._names
            what = f"`from` names {shown(base)}, which {'comes later' if later else 'is no branch before this one'}"
            remedy = (
                "move that branch up" if later else self._problems.suggest(base, self._trees, "name an earlier branch")
            )
            self._problems.add(record.places["from"], what, remedy)
            return {}  # whatever it would hold, nothing more is said about it
        tree = self._trees[base]
        if tree is None:
            what = f"begins at {shown(base)}, which has no commit"
            self._problems.add(record.places["name"], f"the branch {shown(branch.name)} {what}", "give that one files")
            return {}
        return self._commit(branch, record, tree)

    def _commit(self, branch: Branch, record: Record, base: _Tree | None) -> _Tree | None:
        """The tree of `branch`; its first commit has all files, so only that one can have any."""
        if not branch.files and not branch.messages:
            return base
        before, tree = len(self._problems), dict(base or {})
        for file, place in zip(branch.files, record.records.get("files", ()), strict=True):
            self._put(tree, file.path, (_PLAIN, file.content), place.places["path"])
        self._entries += len(tree)
        if len(self._problems) > before:
            return tree
        commits = record.records.get("commits", ())
        empty = commits[1:] if branch.files and tree != base else commits
        if branch.files and not commits and tree == base:
            what = f"the files of {shown(branch.name)} do not differ from those that it begins with"
            self._problems.add(record.places["files"], what, "change one, or remove `files`")
        for commit in empty:
            what = f"this commit of {shown(branch.name)} would be empty: the first has all files that differ"
            remedy = "remove it" if branch.files else "remove it, or give the branch `files`"
            self._problems.add(commit.node, what, remedy)
        return tree if branch.files or base is not None else None

    def _more_commits(self, tree: _Tree | None) -> _Tree | None:
        """The tree of the default branch with `daft.yml` and the hook scripts."""
        repository, before = self._repository, dict(tree or {})
        if repository.daft_yml is not None:
            place = self._record.places["daft_yml"]
            if before.get("daft.yml") == (_PLAIN, repository.daft_yml):
                what = f"`daft_yml` is the `daft.yml` that {shown(repository.default_branch)} has already"
                self._problems.add(place, what, "remove one of the two")
            self._put(before, "daft.yml", (_PLAIN, repository.daft_yml), place)
        for hook in repository.hook_scripts:
            place = self._record.places["hook_scripts"]
            self._put(before, f".daft/hooks/{hook.path}", (_EXECUTABLE, hook.content), place)
        return before or tree

    def _put(self, tree: _Tree, path: str, file: tuple[str, str], place: Node) -> None:
        parts = path.split("/")
        for folder in ("/".join(parts[:end]) for end in range(1, len(parts))):
            if tree.setdefault(folder) is not None:
                self._problems.add(place, f"{shown(path)} needs a folder where {shown(folder)} is a file", "rename one")
                return
        if path in tree and tree[path] is None:
            self._problems.add(place, f"{shown(path)} is a folder already", "rename one of the two")
            return
        old = tree.get(path)
        tree[path] = file if old is None or old[0] == _PLAIN else (_EXECUTABLE, file[1])  # it is written over
