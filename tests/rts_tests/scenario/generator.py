"""Random scenarios from seeds, for comparing runners: all keys, fixtures, variables, shells, and checks that fail.

What a step does is known well enough here to write down checks that hold and checks that do not, but not exactly: a
runner is compared with another one, never with what is expected here. Nothing of the output depends on time, on
processes' numbers or on objects' names that hold a date.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.rts_tests.scenario.generator_commands import (
    COMMANDS,
    ENDS,
    FAILURES,
    PATTERNS,
    PLACES,
    PREFIXES,
    SCRIPTS,
    STATES,
    WORDS,
)
from tests.rts_tests.scenario.generator_repositories import Described, fixture_texts, repositories
from tests.rts_tests.scenario.generator_yaml import Plain, document

Step = dict[str, Any]
Fact = tuple[str, Any]
"""A key of `expect` and its value, or one item of its value where that is a list."""

FALSE_FACTS: tuple[Fact, ...] = (
    ("exit_code", 3),
    ("dirs_exist", "no-such-folder"),
    ("dirs_exist", "$WORK_DIR/empty"),
    ("files_exist", "$BASE_DIR"),
    ("files_exist", "no/such/file"),
    ("files_not_exist", "."),
    ("files_not_exist", "$BASE_DIR/gitconfig"),
    ("file_contains", {"path": "$WORK_DIR/nowhere", "content": "x"}),
    ("file_not_contains", {"path": "$WORK_DIR/nowhere", "content": "x"}),
    ("output_contains", "never printed by anything"),
    ("output_not_contains", ""),
    ("is_git_worktree", {"dir": "$BASE_DIR", "branch": "main"}),
    ("branch_exists", {"repo": "$WORK_DIR", "branch": "no-such-*"}),
)


@dataclass(frozen=True)
class Generated:
    """The texts of a scenario and of its fixtures, by their paths. `object_format` is for its repositories."""

    files: dict[str, str]
    object_format: str
    strict: bool

    def write(self, folder: Path) -> Path:
        """Write everything into a folder; the path of the scenario. Its fixtures are in `fixtures` beside it."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder / "scenario.yml"


def generate(seed: int) -> Generated:
    """The scenario of a seed, always the same one."""
    random = Random(seed)
    described = repositories(random)
    scenario: dict[str, Any] = {"name": f"Scenario {seed}"}
    if random.random() < 0.5:
        scenario["description"] = random.choice(["One line.", "Two\nlines: {of} it\n", "# no comment", ""])
    if described or random.random() < 0.2:
        scenario["repos"] = [each.entry for each in described]
    if env := _env(random):
        scenario["env"] = env
    scenario["steps"] = Steps(random, described).make(random.randint(3, 8))
    files = {"scenario.yml": document(random, scenario)}
    files |= {f"fixtures/repos/{name}.yml": text for name, text in fixture_texts(random, described).items()}
    return Generated(files, random.choice(["sha1", "sha1", "sha256"]), random.random() < 0.5)


def _env(random: Random) -> dict[str, Any]:
    rare = {
        "OTHER_2": "two",
        "lower": "case",
        "NUMBER": Plain("1.50"),
        "NOT_EXPANDED": "$WORK_DIR/x",
        "GIT_AUTHOR_NAME": "is overruled",
        "WORK_DIR": "elsewhere",
        "REMOTE_ONE": "is overruled",
        "PATH": "/is/overruled",
    }
    env: dict[str, Any] = {}
    if random.random() < 0.8:
        env["GREETING"] = random.choice(["hello", "two words", 'it\'s "quoted"', "$OTHER", "a*b", "ü", "x;echo y"])
    return env | {name: value for name, value in rare.items() if random.random() < 0.08}


class Steps:
    """Makes steps one after the other, and knows which clones there are by then."""

    def __init__(self, random: Random, described: list[Described]) -> None:
        self.random = random
        self.described = described
        self.clones: list[tuple[str, Described]] = []
        self.worktrees = 0

    def make(self, count: int) -> list[Step]:
        """So many steps; the first ones clone, if there is something to clone."""
        kinds = [self.words, self.words, self.script, self.script, self.failure, self.files, self.elsewhere]
        if self.described:
            kinds += [self.clone, self.look, self.branch, self.worktree, self.commit, self.detach, self.state]
        steps = [self.clone()] if self.described else []
        if self.random.random() < 0.08:
            steps += self.daemon()
        return steps + [self.random.choice(kinds)() for _ in range(count)]

    def step(self, run: Any, facts: list[Fact], cwd: str | None = None) -> Step:
        """A step with some of the facts as checks, some of which are wrong."""
        random = self.random
        step: Step = {"name": random.choice(["a step", "Step: one", "'quoted'", "Ü step", "#5"]), "run": run}
        if cwd is not None or random.random() < 0.05:
            step["cwd"] = cwd
        if random.random() < 0.07:
            return step | random.choice([{}, {"expect": None}, {"expect": {}}])
        chosen = random.sample(facts, min(len(facts), random.randint(1, 5)))
        if random.random() < 0.2:
            chosen += random.sample(FALSE_FACTS, random.randint(1, 3))
        expect: dict[str, Any] = {}
        for key, value in chosen:
            if key == "exit_code":
                expect[key] = value
            else:
                expect.setdefault(key, []).append(value)
        if random.random() < 0.05:
            expect.setdefault(random.choice(["output_contains", "dirs_exist", "exit_code"]), None)
        items = list(expect.items())
        random.shuffle(items)
        return step | {"expect": dict(items)}

    def words(self) -> Step:
        """A command with words that are quoted in all ways: with or without a shell."""
        random = self.random
        words = " ".join(random.choices(WORDS, k=random.randint(0, 4)))
        run = f"{random.choice(PREFIXES)}{random.choice(COMMANDS)} {words}{random.choice(ENDS)}"
        return self.step(run, [("exit_code", 0), ("output_not_contains", "sub shell"), ("output_contains", "<")])

    def script(self) -> Step:
        run, printed = self.random.choice(SCRIPTS)
        facts: list[Fact] = [("exit_code", 0), ("output_not_contains", "never")]
        facts += [("output_contains", printed)] if printed else []
        return self.step(Plain(run) if run == "true" else run, facts)

    def failure(self) -> Step:
        run, code = self.random.choice(FAILURES)
        return self.step(run, [("exit_code", code), ("output_not_contains", "fine")])

    def files(self) -> Step:
        """Files of all kinds; then their checks."""
        run = (
            "mkdir -p d/e; ln -sfn d link; ln -sfn nowhere dangling; [ -p pipe ] || mkfifo pipe; : >empty; "
            "printf 'one\\r\\ntwo ü $GREETING\\n' >text; printf '\\377' >binary; ln -sf text text-link; "
            "ln -sfn loop loop"
        )
        facts: list[Fact] = [
            ("dirs_exist", "d/e"),
            ("dirs_exist", "$WORK_DIR/link"),
            ("dirs_exist", "text"),
            ("files_exist", "text-link"),
            ("files_exist", "pipe"),
            ("files_exist", "dangling"),
            ("files_exist", "d"),
            ("files_not_exist", "dangling"),
            ("files_not_exist", "loop"),
            ("files_not_exist", "d/none"),
            ("files_not_exist", "text/below"),
            ("files_not_exist", "pipe"),
            ("file_contains", {"path": "text", "content": "one\r\ntwo ü"}),
            ("file_contains", {"path": "link/../text", "content": "$GREETING"}),
            ("file_contains", {"path": "text", "content": "one\ntwo"}),
            ("file_contains", {"path": "empty", "content": ""}),
            ("file_contains", {"path": "binary", "content": ""}),
            ("file_contains", {"path": "d", "content": ""}),
            ("file_not_contains", {"path": "text", "content": "three"}),
            ("file_not_contains", {"path": "text", "content": "two"}),
            ("file_not_contains", {"path": "binary", "content": "x"}),
            ("file_not_contains", {"path": "pipe", "content": "x"}),
            ("file_not_contains", {"path": "text-link", "content": Plain("5")}),
        ]
        return self.step(run, self.random.sample(facts, 6))

    def elsewhere(self) -> Step:
        """A step in another folder, or in one that is not there."""
        cwd = self.random.choice(["..", "$BASE_DIR/remotes", "/", ".", "no/such/folder", "$WORK_DIR"])
        return self.step("pwd -P", [("exit_code", 0), ("dirs_exist", "."), ("files_not_exist", "work/none")], cwd)

    def daemon(self) -> list[Step]:
        """A process that leaves everything behind; the next step finds it alive."""
        start = (
            "setsid sh -c 'echo $$ >daemon.new; mv daemon.new daemon.pid; exec sleep 1000' >/dev/null 2>&1 </dev/null "
            "& while [ ! -e daemon.pid ]; do sleep 0.01; done"
        )
        alive = 'kill -0 "$(cat daemon.pid)" && echo alive'
        return [
            self.step(start, [("exit_code", 0), ("files_exist", "daemon.pid")]),
            self.step(alive, [("output_contains", "alive")]),
        ]

    def clone(self) -> Step:
        random = self.random
        described = random.choice(self.described)
        folder = f"clone-{len(self.clones)}"
        self.clones.append((folder, described))
        options = random.choice(["", "", "-q ", "--no-tags ", "--bare --mirror ", "--depth 1 "])
        variable = f"$REMOTE_{described.variable}"
        run = f"git clone {options}{variable} {folder}{random.choice(['', ' 2>&1'])}"
        facts: list[Fact] = [
            ("exit_code", 0),
            ("dirs_exist", folder),
            ("dirs_exist", variable),
            ("is_git_worktree", {"dir": folder, "branch": described.default}),
            ("output_contains", "Cloning into"),
            ("output_contains", f"'{folder}'"),
            ("files_not_exist", f"{folder}/nothing"),
            ("is_git_worktree", {"dir": variable, "branch": described.default}),
        ]
        facts += [("files_exist", f"{folder}/{path}") for path in described.paths]
        facts += [("file_contains", {"path": f"{folder}/{path}", "content": "e"}) for path in described.paths]
        return self.step(run, facts + self._branches(variable, described))

    def _branches(self, repository: str, described: Described) -> list[Fact]:
        """Some names and globs, of which the repository has some."""
        chosen = self.random.sample([*described.branches, *PATTERNS], 3)
        return [("branch_exists", {"repo": repository, "branch": pattern}) for pattern in chosen]

    def look(self) -> Step:
        """What a repository holds: names, modes, contents, messages, authors."""
        described = self.random.choice(self.described)
        run = self.random.choice(
            (
                "git -C {} ls-tree -r HEAD",
                "git -C {} log --all --format='%s|%b|%an <%ae>|%cn <%ce>|%T' | sort",
                "git -C {} for-each-ref --format='%(refname) %(tree)'; cat {}/HEAD",
                "git -C {} rev-parse --show-object-format --is-bare-repository",
                "git -C {} show HEAD:daft.yml",
                "git -C {} fsck --full --strict",
                "git -C {} log --graph --format=%s HEAD",
                "git -C {} config --list --local | sort",
                "git ls-remote --heads --symref {} HEAD | grep ^ref",
            )
        ).replace("{}", f"$REMOTE_{described.variable}")
        return self.step(run, [("exit_code", 0), ("output_contains", described.default)])

    def _clone(self) -> tuple[str, Described]:
        return self.random.choice(self.clones)

    def branch(self) -> Step:
        folder, described = self._clone()
        name = self.random.choice([*described.branches, "new-branch"])
        create = "-c " if name == "new-branch" else ""
        facts: list[Fact] = [
            ("exit_code", 0),
            ("is_git_worktree", {"dir": ".", "branch": name}),
            ("is_git_worktree", {"dir": f"$WORK_DIR/{folder}", "branch": name}),
            ("output_contains", name),
        ]
        return self.step(f"git switch {create}{name} 2>&1", [*facts, *self._branches(".", described)], folder)

    def worktree(self) -> Step:
        folder, described = self._clone()
        self.worktrees += 1
        place = f"tree-{self.worktrees}"
        facts: list[Fact] = [
            ("exit_code", 0),
            ("is_git_worktree", {"dir": f"../{place}", "branch": f"work/{place}"}),
            ("dirs_exist", f"$WORK_DIR/{place}"),
            ("branch_exists", {"repo": f"../{place}", "branch": f"work/{place}"}),
            ("branch_exists", {"repo": f"../{place}", "branch": "work/*"}),
        ]
        run = f"git worktree add -q -b work/{place} ../{place} 2>&1"
        return self.step(run, facts + self._branches(f"../{place}", described), folder)

    def commit(self) -> Step:
        folder, described = self._clone()
        run = (
            "echo line >>new.txt && git add new.txt && git commit -qm 'Add a line' && git push -q origin HEAD 2>&1; "
            "git log -1 --format='%s by %an'"
        )
        if self.random.random() < 0.3:
            run = "git pack-refs --all && git gc -q && git branch --list"
        facts: list[Fact] = [("exit_code", 0), ("file_contains", {"path": "new.txt", "content": "line\n"})]
        facts += [("output_contains", "Add a line by")]
        return self.step(run, facts + self._branches(f"$REMOTE_{described.variable}", described), folder)

    def detach(self) -> Step:
        folder, described = self._clone()
        facts: list[Fact] = [
            ("is_git_worktree", {"dir": ".", "branch": ""}),
            ("is_git_worktree", {"dir": ".", "branch": described.default}),
            ("exit_code", 0),
        ]
        return self.step("git checkout -q --detach", facts + self._branches(".", described), folder)

    def state(self) -> Step:
        """A clone in an odd state, and what checks make of it."""
        folder, described = self._clone()
        names = ["", described.default, "topic", "inside", "no/commit/yet"]
        facts: list[Fact] = [
            ("is_git_worktree", {"dir": place, "branch": self.random.choice(names)})
            for place in self.random.sample(PLACES, 3)
        ]
        facts += [("is_git_worktree", {"dir": ".", "branch": name}) for name in (described.default, "")]
        return self.step(self.random.choice(STATES), facts + self._branches(".", described), folder)
