"""Scenarios that are wrong: each error with its place, what it is and what to do, all of them at once."""

import pytest

from tests.rts_tests.scenario.scenarios import HEAD, STEPS, one_mistake, problems


def _step(text: str) -> str:
    return f"name: x\nsteps:\n  - {{name: s, run: r, {text}}}\n"


def _expect(text: str) -> str:
    return _step(f"expect: {{{text}}}")


def _repo(text: str) -> str:
    return f"{HEAD}repos:\n  - {{name: r, {text}}}\n"


def _branch(text: str) -> str:
    return _repo(f"branches: [{{name: main, files: [{{path: a, content: b}}]}}, {text}]")


def _main(text: str) -> str:
    return _repo(f"branches: [{{name: main, {text}}}]")


SHAPES = [
    ("§steps: [{name: s, run: r}]\n", "a scenario needs `name`; add `name:`"),
    ("§name: x\n", "a scenario needs `steps`"),
    ("name: x\nsteps:§\n", "`steps` has no value"),
    ("name: x\nsteps: §[]\n", "there are no steps"),
    ("name: x\nsteps: §{}\n", "`steps` must be a list, and is a mapping"),
    ("name: x\nsteps: [§s]\n", "a step must be a mapping, and is `s`; write `name: ...` and `run: ...`"),
    ("name: x\nsteps: [§{name: s}]\n", "a step needs `run`"),
    ("name: x\nsteps: [{name: s, run: §}]\n", "`run` has no value"),
    ("name: x\nsteps: [{name: s, run: §[a, b]}]\n", "`run` must be text, and is a list"),
    ('name: x\nsteps: [{name: s, run: §"a\\0"}]\n', "`run` holds a NUL character"),
    ("name: §{a: b}\n" + STEPS, "`name` must be text, and is a mapping"),
    (HEAD + "§desciption: x\n", "a scenario has no key `desciption`; did you mean `description`?"),
    (HEAD + "§true: x\n", "a scenario has no key `true`; its keys are name, description, repos, env, steps"),
    (HEAD + "§run: x\n", "it is a key of a step"),
    (HEAD + "name: y\n".replace("name", "§name"), "the key `name` is given twice, first in line 1"),
    (HEAD + "§<<: {a: b}\n", "the merge key `<<` is not used in a scenario"),
    (HEAD + "env: §[a]\n", "`env` must be a mapping, and is a list"),
    (HEAD + "env: {A: §[a]}\n", "the variable `A` must be text, and is a list"),
    (HEAD + "env: {§'': a}\n", "cannot be the name of a variable"),
    (HEAD + "env: {§A=B: a}\n", "`A=B` cannot be the name of a variable"),
    (HEAD + 'env: {A: §"\\0"}\n', "the variable `A` holds a NUL character"),
    (_step("§exit_code: 0"), "a step has no key `exit_code`; it is a key of `expect`"),
    (_step("expect: §[a]"), "`expect` must be a mapping, and is a list"),
    (_expect("exit_code: §256"), "`exit_code` must be an exit status, and is `256`"),
    (_expect("exit_code: §-2"), "must be an exit status"),
    (_expect("exit_code: §'0'"), "and is the text `0`"),
    (_expect("exit_code: §010"), "must be an exit status"),
    (_expect("exit_code: §true"), "must be an exit status"),
    (_expect("dirs_exist: §a"), "`dirs_exist` must be a list, and is `a`; begin each item with `- `"),
    (_expect("dirs_exist: [§[a]]"), "an item of `dirs_exist` must be text, and is a list"),
    (_expect('files_exist: [§"\\0"]'), "an item of `files_exist` holds a NUL"),
    (_expect("§output_containss: [a]"), "did you mean `output_contains`?"),
    (_expect("file_contains: [§{path: a}]"), "a check of a file needs `content`"),
    (_expect("file_contains: [{path: §, content: b}]"), "`path` has no value"),
    (_expect("is_git_worktree: [{§dri: a, dir: a, branch: b}]"), "a check of a worktree has no key `dri`"),
    (_expect("branch_exists: [§{repo: a}]"), "a check of a branch needs `branch`"),
    (f"{HEAD}repos: [§{{}}]\n", "a repository needs `name`"),
    (f"{HEAD}repos: [§r]\n", "a repository must be a mapping"),
    (_repo("use_fixture: §"), "`use_fixture` has no value"),
    (_repo("use_fixture: f, §branches: []").replace("f,", "f,"), "a repository from a fixture has no key `branches`"),
]


@pytest.mark.parametrize(("text", "what"), SHAPES)
def test_one_error_of_shape(text: str, what: str) -> None:
    if "use_fixture: f" in text:  # the fixture is missing as well
        found = problems(text.replace("§", ""))
        assert [what in str(problem) for problem in found] == [False, True]
    else:
        one_mistake(text, what)


REPOSITORIES = [
    (f"{HEAD}repos: [{{name: §a/b}}]\n", "a repository's name holds `/`"),
    (f"{HEAD}repos: [{{name: §..}}]\n", "a repository's name is `..`"),
    (f"{HEAD}repos: [{{name: §.GIT}}]\n", "a repository's name is `.GIT`"),
    (f'{HEAD}repos: [{{name: §"a\\nb"}}]\n', "holds a control character"),
    (f"{HEAD}repos: [{{name: §''}}]\n", "a repository's name is empty"),
    (f"{HEAD}repos: [{{name: a}}, {{name: §a}}]\n", "the repository `a` is given twice"),
    (f"{HEAD}repos: [{{name: a-b}}, {{name: §A_b}}]\n", "`a-b` and `A_b` are both `$REMOTE_A_B`"),
    (_repo("default_branch: §a..b"), "the default branch holds '..'"),
    (_repo("default_branch: §trunk, branches: [{name: main}]"), "no branch is the default branch, `trunk`"),
    (_repo("branches: [{name: §dev}]"), "no branch is the default branch, `main`"),
    (_branch("{name: §main}"), "the branch `main` is given twice, first in line 5"),
    (_branch("{name: §main/a}"), "git cannot keep `main/a` beside the branch `main`"),
    (_branch("{name: a/b/c}, {name: §a}"), "git cannot keep `a` beside the branch `a/b/c`"),
    (_branch("{name: §-a}"), "a branch's name begins with `-`"),
    (_branch("{name: a, from: §b}, {name: b}"), "`from` names `b`, which comes later; move that branch up"),
    (_branch("{name: a, from: §a}"), "which is no branch before this one"),
    (_branch("{name: dev}, {name: a, from: §dve}"), "did you mean `dev`?"),
    (_repo("branches: [{name: main}, {name: §b}]"), "the branch `b` begins at `main`, which has no commit"),
    (_repo("branches: [{name: main, from: §b}, {name: b}]").replace(", {name: b}", ""), "which is made first"),
    (_main("commits: [§{message: a}]"), "would be empty"),
    (_main("files: [{path: a, content: b}], commits: [{message: a}, §{message: b}]"), "would be empty"),
    (_branch("{name: b, commits: [§{message: m}]}"), "or give the branch `files`"),
    (_branch("{name: b, files: §[{path: a, content: b}]}"), "do not differ from those that it begins with"),
    (
        _branch("{name: b, files: §[{path: .daft/hooks/h, content: x}]}").replace(
            "{name: r, ", "{name: r, hook_scripts: [{name: h, content: x}], "
        ),
        "do not differ from those that it begins with",
    ),
    (_branch("{name: b, files: [{path: a, content: b}], commits: [§{message: m}]}"), "would be empty"),
    (_main("files: [{path: §/a, content: b}]"), "the path `/a` is absolute"),
    (_main("files: [{path: §a/../b, content: b}]"), "holds `..`"),
    (_main("files: [{path: §a/.Git/b, content: b}]"), "holds `.git`"),
    (_main("files: [{path: §'', content: b}]"), "is empty"),
    (_main("files: [{path: §a/, content: b}]"), "ends with `/`"),
    (_main("files: [{path: §., content: b}]"), "names no file"),
    (_main("files: [{path: a, content: b}, {path: §./a, content: c}]"), "the file `a` is given twice"),
    (_main("files: [{path: a, content: b}, {path: §a/c, content: c}]"), "`a/c` needs a folder where `a` is a file"),
    (_main("files: [{path: a/b/c, content: b}, {path: §a/b, content: c}]"), "`a/b` is a folder already"),
    (_branch("{name: b, files: [{path: §a/c, content: c}]}"), "`a/c` needs a folder where `a` is a file"),
    (_repo("daft_yml: §a, branches: [{name: main, files: [{path: daft.yml, content: a}]}]"), "has already"),
    (_repo("daft_yml: §a, branches: [{name: main, files: [{path: daft.yml/a, content: a}]}]"), "is a folder already"),
    (_repo("hook_scripts: [{name: a, content: b}, {name: §a, content: b}]"), "`a` is given twice"),
    (_repo("hook_scripts: [{name: §a/b, content: b}]"), "holds `/`"),
    (_repo("hook_scripts: [{name: §.., content: b}]"), "holds `..`"),
]


@pytest.mark.parametrize(("text", "what"), REPOSITORIES)
def test_one_error_of_a_repository(text: str, what: str) -> None:
    one_mistake(text, what)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (HEAD + "§timeout: 5\n", "timeout"),
        (HEAD + "§tags: [a]\n", "tags"),
        (HEAD + "§matrix: {A: [b]}\n", "matrix"),
        (_step("§timeout: 5"), "timeout"),
        *((_step(f"§{key}: x"), key) for key in ("stdin", "tty", "dialog", "eventually")),
        *(
            (_expect(f"§{key}: []"), key)
            for key in ("stdout_contains", "stderr_not_contains", "files_match", "symlinks")
        ),
        *((_expect(f"§{key}: x"), key) for key in ("stdout_empty", "mode", "output_matches", "output_not_matches")),
    ],
)
def test_extensions_are_refused_in_strict_mode(text: str, key: str) -> None:
    one_mistake(text, f"`{key}` is an extension, and the suite is strict; remove it, or set `strict: false`")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (HEAD + "§include: [b]\n", "`include` is not supported by this version of Longpole"),
        (_step("tty: §5"), "a terminal must be a mapping"),
        (_step("tty: {rows: §0}"), "`rows` must be a whole number, and is `0`; write a number from 1 to 9999"),
        (_step("tty: {rows: 5, §columns: 80}"), "a terminal has no key `columns`"),
        (_step("dialog: [§{send: a}]"), "an item of a dialog needs `wait`"),
        (_step("dialog: [{wait: §'['}]"), "`[` is not a regular expression: unterminated character set"),
        (_step("dialog: [{wait: a}], stdin: §b"), "`stdin` cannot stand beside `dialog`"),
        (_step("background: d, stdin: §b"), "`stdin` cannot stand beside `background`; write two steps, or remove it"),
        (_step("background: d, tty: §{}"), "`tty` cannot stand beside `background`"),
        (_step("eventually: §{every: 1}"), "a repetition needs `within`"),
        (
            _step("eventually: {within: §0s}"),
            "`within` must be a number of seconds, and is `0s`; write seconds above 0",
        ),
        (_step("eventually: {within: §1d}"), "`within` must be a number of seconds, and is `1d`"),
        (_expect("stdout_contains: §a"), "`stdout_contains` must be a list"),
        (_expect("stdout_empty: §yes"), "`stdout_empty` cannot be `yes`; write `true` or `false`"),
        (
            _expect("output_matches: [a, §'(']"),
            "`(` is not a regular expression: missing ), unterminated",
        ),
        (_expect("output_not_matches: [§'a{99999999999}']"), "is not a regular expression: "),
        (
            _expect("files_match: [{path: a, pattern: §'*'}]"),
            "`*` is not a regular expression: nothing to repeat",
        ),
        (_expect("files_match: [§{path: a}]"), "a match of a file needs `pattern`"),
        (_expect("symlinks: [{path: a, target: c, §content: b}]"), "a check of a link has no key `content`"),
        (_expect("mode: [{path: a, mode: §rwx}]"), "`rwx` is not the mode of a file; write three or four digits"),
        (_expect("mode: [{path: a, mode: §0o755}]"), "`0o755` is not the mode of a file"),
        (_expect("mode: [{path: a, mode: §99}]"), "`99` is not the mode of a file"),
        (HEAD + "timeout: §0\n", "`timeout` must be a number of seconds, and is `0`"),
        (HEAD + "timeout: §-1\n", "must be a number of seconds"),
        (HEAD + "timeout: §.inf\n", "must be a number of seconds"),
        (HEAD + "timeout: §'5'\n", "and is the text `5`"),
        (HEAD + "timeout: §1e9\n", "must be a number of seconds"),
        (HEAD + "timeout: §999999999\n", "must be a number of seconds"),
        (HEAD + "tags: [a, §a]\n", "the tag `a` is given twice"),
        (HEAD + "tags: [§'a b']\n", "`a b` cannot be a tag"),
        (HEAD + "§timeuot: 5\n", "did you mean `timeout`?"),
    ],
)
def test_errors_in_extensions(text: str, what: str) -> None:
    one_mistake(text, what, strict=False)


@pytest.mark.parametrize("wrong", ["{name: 5, nmae: 5}", "b", "{name: main, files: [{path: a}]}"])
def test_a_repository_with_an_error_of_shape_is_not_said_to_be_wrong_in_other_ways(wrong: str) -> None:
    (problem,) = problems(f"{HEAD}repos: [{{name: r, branches: [{wrong}, {{name: b}}]}}]\n")
    assert "main" not in problem.what


def test_all_errors_of_a_file_are_reported_in_its_order() -> None:
    text = "nam: x\nrepos:\n  - name: a/b\n  - {name: r, branches: [{name: b, from: c}]}\nenv: 5\nsteps:\n  - run:\n"
    assert [(each.line, each.column) for each in problems(text)] == [
        (1, 1),
        (1, 1),
        (3, 11),
        (4, 33),
        (5, 6),
        (7, 5),
        (7, 9),
    ]


def test_a_repository_is_given_twice_also_if_its_fixture_is_missing() -> None:
    text = f"{HEAD}repos: [{{name: a, use_fixture: nope}}, {{name: a}}]\n"
    missing, twice = map(str, problems(text))
    assert "the fixture `nope` cannot be used" in missing
    assert "the repository `a` is given twice; rename one of the two" in twice
