"""`longpole init` in packages of npm, with a real node; and test scripts, which are read by the shell's rules."""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.gen.adapters.node import ADAPTER
from longpole.gen.adapters.node_package import workspaces_in
from longpole.gen.adapters.node_part import part_of
from longpole.gen.adapters.node_script import commands_of
from tests.gen.adapters.projects import empty, write
from tests.project import REPOSITORY, Project, tool

__all__ = ["empty"]

HEAD = "const {test, describe, it} = require('node:test');\n"
ODD = "test('a [b] $(touch hurt)', () => {}); test('a [b] $(touch hurt)', () => {});\n"
FILES = {
    "test/a.js": HEAD + ODD + "describe('group', () => { it('inner', () => {}); });\n",
    "test/deep/b c.cjs": HEAD + "test('skipped', {skip: true}, () => {});\n",
    "src/$(touch hurt) [1]'.test.js": HEAD + "test('one', () => {});\n",
    "src/helper.js": "throw new Error('no test');\n",
}


def package(script: str | None, **keys: Any) -> str:
    """A package.json."""
    return json.dumps({"name": "@me/demo", **({} if script is None else {"scripts": {"test": script}}), **keys})


def adopt(project: Project) -> str:
    """Write the suite, run it without an edit, and verify it; the suite."""
    done = project.longpole("init")
    assert done.status == 0, done.text
    assert project.longpole("render").status == 0
    made = project.make("-j2", "test")
    assert made.status == 0, made.text
    verified = project.longpole("init", "--verify")
    assert verified.status == 0, verified.text
    assert "each run once" in verified.out
    assert not [path for path in project.root.rglob("hurt")]
    return (project.root / "suite.yaml").read_text()


@pytest.mark.slow
def test_the_files_of_node_are_shared_by_forks_and_each_test_runs_once(empty: Project) -> None:
    write(empty.root, {**FILES, "package.json": package("node --test")})
    done = empty.longpole("init", "--dry-run")
    assert (done.status, done.err) == (0, "found Node: package.json\n")
    text = adopt(empty)
    assert "name: demo\n" in text
    assert 'list: [node, "{clients}/node/list.mjs"]\n' in text
    write(empty.root, {"test/new.js": HEAD + "test('new', () => {});\n"})
    verified = empty.longpole("init", "--verify")
    assert verified.status == 1
    assert "  not run: unit test/new.js#new\n" in verified.out


@pytest.mark.slow
def test_what_comes_before_the_tests_is_the_build_and_options_and_programs_of_the_project_hold(empty: Project) -> None:
    script = 'npm run make && MODE="x $HOME" node --import ./setup.mjs --test --test-reporter spec src/**/*.js'
    script += " && check {x}"
    scripts = {"pretest": "echo first >> order", "make": "echo second >> order", "test": script}
    write(
        empty.root,
        {
            "package.json": json.dumps({"scripts": scripts}),
            "setup.mjs": "globalThis.ready = `${process.env.MODE}`;\n",
            "src/deep/x.js": HEAD + "test('it', () => { if (!ready.startsWith('x /')) throw ready; });\n",
            "node_modules/.bin/check": '#!/bin/sh\ntest "$1" = "{x}"\n',
        },
    )
    (empty.root / "node_modules/.bin/check").chmod(0o755)
    text = adopt(empty)
    assert (empty.root / "order").read_text() == "first\nsecond\n"
    assert "  check: # " not in text
    assert "check {{x}}" in text
    write(empty.root, {"package.json": json.dumps({"scripts": {**scripts, "make": "echo no such thing; false"}})})
    made = empty.make("-j2", "test")
    assert made.status != 0


@pytest.mark.slow
def test_workspaces_have_modules_of_their_own(empty: Project) -> None:
    inner = HEAD + "test('x', () => { require('node:fs').statSync('here'); });\n"
    write(
        empty.root,
        {
            "package.json": package("npm test --workspaces --if-present", workspaces=["packages/*", "../out", "/"]),
            "packages/a/package.json": package("node --test", name="a"),
            "packages/a/here": "",
            "packages/a/x.test.js": inner,
            "packages/b/package.json": package("node --test x.test.js", name="@s/b"),
            "packages/b/here": "",
            "packages/b/x.test.js": inner,
            "packages/none/package.json": package(None, name="none"),
        },
    )
    assert workspaces_in(empty.root) == ["packages/a", "packages/b", "packages/none"]
    text = adopt(empty)
    assert "  a-unit:\n" in text
    assert "  b-unit:\n" in text
    assert "cwd: packages/b\n" in text


@pytest.mark.slow
def test_a_script_that_is_not_read_is_one_program_and_named(empty: Project) -> None:
    write(empty.root, {**FILES, "package.json": package("node test/a.js | cat > out; test -s out")})
    done = empty.longpole("init")
    assert done.status == 0, done.text
    assert "not in the suite: package.json: scripts.test is more than commands joined by `&&`" in done.text
    assert "wrote suite.yaml: 1 module, test\n" in done.out
    assert empty.longpole("render").status == 0
    assert empty.make("-j2", "test").status == 0
    assert (empty.root / "out").exists()


def test_a_program_that_is_not_installed_is_named_and_nothing_is_written(empty: Project) -> None:
    write(empty.root, {"package.json": package("mocha"), "test/a.js": ""})
    done = empty.longpole("init")
    assert done.status == 2
    assert "package.json: the test script calls mocha, which is not installed; type `npm install`" in done.err
    assert not (empty.root / "suite.yaml").exists()


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"scripts": 1}', '{"scripts": {"test": 1}}'])
def test_a_package_that_is_none_has_a_message(empty: Project, text: str) -> None:
    write(empty.root, {"package.json": text})
    done = empty.longpole("init")
    assert done.status == 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"package.json": package('echo "Error: no test specified" && exit 1')}, None),
        ({"package.json": package(None), "a.test.js": "import 'node:test'"}, "package.json"),
        ({"package.json": package(None), "node_modules/x/a.test.js": "import 'node:test'"}, None),
        ({"package.json": package(None), "a.test.js": "import 'vitest'"}, None),
        ({"a.test.js": "import 'node:test'"}, None),
    ],
)
def test_a_project_of_npm_is_one_with_tests(tmp_path: Path, files: dict[str, str], found: str | None) -> None:
    write(tmp_path, files)
    assert ADAPTER.detect(tmp_path) == found


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("a/**/*.js", ["a/[x]/q.js", "a/b/q.js", "a/q.js"]),
        ("**/q.{js,ts}", ["a/[x]/q.js", "a/b/c/q.ts", "a/b/q.js", "a/q.js"]),
        ("./a/*.js", ["a/q.js"]),
        ("a/b/[!x].j?", ["a/b/q.js"]),
        ("a/[x]/q.js", ["a/[x]/q.js"]),
        ("a/b/**", ["a/b/c/q.ts", "a/b/q.js"]),
        ("none/*.js", []),
    ],
)
def test_a_path_that_does_not_exist_is_a_glob(tmp_path: Path, glob: str, found: list[str]) -> None:
    names = ["a/q.js", "a/b/q.js", "a/b/c/q.ts", "a/.h/q.js", "a/[x]/q.js", "a/b/.z.js", "node_modules/q.js"]
    write(tmp_path, dict.fromkeys(names, ""))
    command = [tool("node"), str(REPOSITORY / "clients/node/list.mjs"), glob]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == found


@pytest.mark.parametrize(
    ("scripts", "programs"),
    [
        ({"test": "npm run lint && npx --no-install c8 -r text node --test"}, ["npm", "node"]),
        ({"test": "npm run a -- --x && yarn b", "a": "npm t2", "b": "pnpm run c", "c": "tape x"}, ["npm", "tape"]),
        ({"test": "cross-env A=1 B=2 mocha", "pretest": "tsc"}, ["tsc", "mocha"]),
        ({"test": "npm test"}, ["npm"]),
        ({"test": "npm run x && mocha", "x": "a | b", "pretest": "c > d"}, ["npm", "npm", "mocha"]),
        ({"test": "a; b"}, None),
        ({"test": "a || b"}, None),
        ({"test": "a 'b"}, None),
        ({"test": 'a "$(b)"'}, None),
        ({"test": "npx xo"}, ["npx"]),
    ],
)
def test_scripts_are_followed_and_what_only_starts_a_runner_is_left_out(
    scripts: dict[str, str], programs: list[str] | None
) -> None:
    commands = commands_of(scripts, "test")
    assert (None if commands is None else [command.program for command in commands]) == programs


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\n"), max_size=8), min_size=1, max_size=4))
def test_words_are_those_of_the_shell(words: list[str]) -> None:
    text = " ".join(shlex.quote(word) for word in words)
    commands = commands_of({"test": f"x {text}"}, "test")
    if commands is not None:
        (command,) = commands
        assert [word.text for word in command.words] == ["x", *words]
        assert " ".join(word.raw for word in command.words) == f"x {text}"


JEST = """
const fs = require('node:fs'), path = require('node:path');
const all = () => fs.readdirSync('spec').sort().map((name) => path.resolve('spec', name));
const value = (argv, name) => argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
exports.run = async (argv) => {
  if (argv.includes('--listTests')) { console.log(all().join('\\n')); return; }
  if (!argv.includes('--silent')) throw new Error('the option is lost');
  const reporter = new (await import(value(argv, 'reporters'))).default();
  const filter = value(argv, 'filter');
  const files = filter ? (await require(filter)(all())).filtered.map(({ test }) => test) : all();
  reporter.onRunStart();
  for (const file of files) {
    const testResults = JSON.parse(fs.readFileSync(file, 'utf8'));
    reporter.onTestStart({ path: file });
    reporter.onTestResult({ path: file }, { testResults, perfStats: { start: 1, end: 251 } });
  }
  reporter.onRunComplete();
  if (reporter.getLastError()) process.exitCode = 1;
};
if (require.main === module) exports.run(process.argv.slice(2));
"""
"""What Longpole's client uses of Jest."""


def told(title: str, status: str = "passed") -> dict[str, Any]:
    """A test as Jest reports it."""
    return {"ancestorTitles": ["g"], "title": title, "status": status, "duration": 5, "failureMessages": ["Error: why"]}


@pytest.mark.slow
def test_files_of_jest_are_shared_by_forks_by_their_exact_names(empty: Project) -> None:
    write(
        empty.root,
        {
            "package.json": package("jest --coverage --silent"),
            "node_modules/jest/package.json": '{"name": "jest", "version": "29.7.0", "main": "jest.js"}',
            "node_modules/jest/jest.js": JEST,
            "node_modules/jest/bin/jest.js": "require('../jest.js').run(process.argv.slice(2));",
            "node_modules/.bin/jest": f'#!/bin/sh\nexec {tool("node")} node_modules/jest/jest.js "$@"\n',
            "spec/a.js": json.dumps([told("one"), told("one"), told("left", "pending")]),
            "spec/a.js.b $(touch hurt).js": json.dumps([told("two [x] $(touch hurt)")]),
        },
    )
    (empty.root / "node_modules/.bin/jest").chmod(0o755)
    text = adopt(empty)
    assert "run --silent {classes_file}" in text
    write(empty.root, {"spec/a.js": json.dumps([told("one", "failed")])})
    made = empty.make("-j2", "test")
    assert made.status != 0
    assert "case:  spec/a.js#g > one" in made.out
    assert "why" in made.out


@pytest.mark.parametrize(
    ("script", "run", "results"),
    [
        (
            "mocha -r x 'a {b}'",
            "exec mocha -r x 'a {{b}}' --reporter xunit --reporter-option \"output=$TMPDIR/junit.xml\"",
            {"junit": "junit.xml"},
        ),
        (
            "vitest run --coverage src",
            'exec vitest run src --reporter=default --reporter=junit --outputFile.junit="$TMPDIR/junit.xml"',
            {"junit": "junit.xml"},
        ),
        ("ava --verbose", "exec ava --tap", {"tap": "stdout"}),
        ("tape test/*.js", "exec tape test/*.js", {"tap": "stdout"}),
        ("A=$B node test.js", "export A=$B; exec node test.js", None),
    ],
)
def test_runners_that_report_themselves_are_one_unit(script: str, run: str, results: dict[str, str] | None) -> None:
    commands = commands_of({"test": script}, "test")
    assert commands is not None
    entry = part_of(commands[0], ".", "", [], is_tap=False).entry(5.0, 1)
    assert entry.keys["run"] == {"shell": run}
    assert entry.keys.get("results") == results


def test_a_run_knows_nothing_of_a_run_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "LONGPOLE_SELECT" not in os.environ
    write(tmp_path, {**FILES, "package.json": package("node --test")})
    monkeypatch.setenv("LONGPOLE_SELECT", "nothing")
    from longpole.gen.adapters.model import Settings

    tests = ADAPTER.read(tmp_path, Settings(jobs=1, verifies=True))
    assert sorted(ADAPTER.names(tests))[-1] == "unit test/deep/b c.cjs#skipped"
