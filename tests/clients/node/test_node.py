"""The client for Node against a real Node: list, run, the reporter, and the example."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.told import End, Told, final_status
from tests.project import REPOSITORY, Done, Project, records_in, tool

CLIENT = REPOSITORY / "clients" / "node"
HEAD = "import {test, describe, it, before} from 'node:test';\nimport assert from 'node:assert';\n"
FILES = {
    "good.test.mjs": "console.log('from good'); console.error('on stderr');\n"
    "test('adds', () => {}); test('adds', () => {});\n"
    "describe('group', () => { it('inner', () => {}); describe('deep', () => { it('inner', () => {}); }); });\n"
    "test('steps', async (t) => { await t.test('step', () => {}); });\n",
    "bad.test.mjs": "test('differs', () => { assert.equal(1, 2, 'one is two'); });\n"
    "test('throws', () => { throw 'a text'; });\n"
    "test('skipped', {skip: 'no network'}, () => {}); test('todo', {todo: true}, () => { throw new Error('x'); });\n",
    "hook.test.mjs": "before(() => { throw new Error('no set-up'); }); test('one', () => {});\n",
    "cannot-load.test.mjs": "throw new Error('while it is loaded');\n",
    "exits.test.mjs": "test('first', async () => { await new Promise((done) => setTimeout(done, 100)); });\n"
    "test('second', async () => { await new Promise((done) => setTimeout(done, 100)); process.exit(0); });\n"
    "test('third', () => {});\n",
    "exits-at-once.test.mjs": "test('only', () => { process.exit(0); });\n",
    "dies.test.mjs": "test('only', () => { process.kill(process.pid, 'SIGKILL'); });\n",
    "prints.test.mjs": "console.log('x'.repeat(70_000)); test('prints', () => {}); console.log('the end');\n",
    "skipped.test.mjs": "test('skipped', {skip: true}, () => {});\n",
    "[odd] name.test.mjs": "test('odd', () => {});\n",
}


def node(folder: Path, *argv: str, **environ: str) -> Done:
    done = subprocess.run(
        [tool("node"), *argv],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environ},
        capture_output=True,
        check=False,
        text=True,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def read(done: Done, given: list[str]) -> tuple[Told, str]:
    """What was told, and the log."""
    reader = ProtocolReader(given, None)
    log = reader.feed(done.out.encode())
    told = reader.finish(End(Status.FAILED if done.status else Status.PASSED, done.status, "/nowhere"))
    return told, (log + told.output).decode()


def write(folder: Path, files: Mapping[str, str]) -> list[str]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text)
    names = sorted(files)
    (folder / "classes").write_text("".join(f"{name}\n" for name in names))
    return names


@pytest.fixture(scope="module", params=["1", "3"])
def told_and_log(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Told, str]:
    """All files of `FILES`, one at a time and three at a time."""
    folder = tmp_path_factory.mktemp("node")
    names = write(folder, FILES)
    environ = {"LONGPOLE_PROTOCOL": "1", "LONGPOLE_CLASSES": "classes", "LONGPOLE_THREADS": request.param}
    done = node(folder, str(CLIENT / "run.mjs"), "classes", **environ)
    assert (done.status, done.err) == (1, "")
    return read(done, names)


@pytest.mark.slow
def test_every_file_and_every_test_has_its_status(told_and_log: tuple[Told, str]) -> None:
    told, _ = told_and_log
    assert told.problem is None
    assert {each.name: str(each.status) for each in told.classes} == {
        "good.test.mjs": "passed",
        "bad.test.mjs": "failed",
        "hook.test.mjs": "failed",
        "cannot-load.test.mjs": "error",
        "exits.test.mjs": "error",
        "exits-at-once.test.mjs": "error",
        "dies.test.mjs": "error",
        "prints.test.mjs": "passed",
        "skipped.test.mjs": "skipped",
        "[odd] name.test.mjs": "passed",
    }
    assert {case.id: str(case.status) for case in told.cases} == {
        "good.test.mjs#adds": "passed",
        "good.test.mjs#adds #2": "passed",
        "good.test.mjs#group > inner": "passed",
        "good.test.mjs#group > deep > inner": "passed",
        "good.test.mjs#steps > step": "passed",
        "good.test.mjs#steps": "passed",
        "bad.test.mjs#differs": "failed",
        "bad.test.mjs#throws": "failed",
        "bad.test.mjs#skipped": "skipped",
        "bad.test.mjs#todo": "skipped",
        "hook.test.mjs#one": "error",
        "cannot-load.test.mjs": "error",
        "exits.test.mjs#first": "passed",
        "exits.test.mjs": "error",
        "exits-at-once.test.mjs": "error",
        "dies.test.mjs": "error",
        "prints.test.mjs#prints": "passed",
        "skipped.test.mjs#skipped": "skipped",
        "[odd] name.test.mjs#odd": "passed",
    }


@pytest.mark.slow
def test_failures_say_why_and_where(told_and_log: tuple[Told, str]) -> None:
    cases = {case.id: case for case in told_and_log[0].cases}
    differs = cases["bad.test.mjs#differs"]
    assert (differs.message, differs.location) == ("one is two", "bad.test.mjs:3")
    assert differs.details is not None and differs.details.startswith("AssertionError [ERR_ASSERTION]: one is two")
    assert cases["bad.test.mjs#throws"].message == "a text"
    assert cases["bad.test.mjs#skipped"].message == "no network"
    assert cases["hook.test.mjs#one"].message == "no set-up"
    exits = cases["exits.test.mjs"].message
    assert exits == "2 tests have no result (second, third); did a test call process.exit()?"


@pytest.mark.slow
def test_output_belongs_to_its_file(told_and_log: tuple[Told, str]) -> None:
    log = told_and_log[1]
    blocks = {block.splitlines()[0]: block for block in log.split("=== ") if " ===\n" in block}
    assert blocks["good.test.mjs ==="].split("\n")[1:3] in (["from good", "on stderr"], ["on stderr", "from good"])
    assert "while it is loaded" in blocks["cannot-load.test.mjs ==="]
    assert "x" * 70_000 in blocks["prints.test.mjs (so far) ==="]
    assert "the end" in log.split("=== prints.test.mjs (so far) ===")[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("good.test.mjs#group*", {"good.test.mjs#group > inner", "good.test.mjs#group > deep > inner", "bad.test.mjs"}),
        ("~*#*[sf]*", {"good.test.mjs#group > inner", "good.test.mjs#group > deep > inner", "bad.test.mjs#todo"}),
        ("*.test.mjs#[!adst]*[!rst]", {"good.test.mjs", "bad.test.mjs"}),
    ],
)
def test_tests_that_are_not_selected_are_not_told(tmp_path: Path, term: str, expected: set[str]) -> None:
    names = write(tmp_path, {name: FILES[name] for name in ("bad.test.mjs", "good.test.mjs")})
    environ = {"LONGPOLE_PROTOCOL": "1", "LONGPOLE_CLASSES": "classes", "LONGPOLE_SELECT": term}
    done = node(tmp_path, str(CLIENT / "run.mjs"), "classes", **environ)
    told, _ = read(done, names)
    assert {case.id for case in told.cases} == expected
    assert (told.problem, done.status) == (None, 0)


@pytest.mark.slow
def test_as_a_reporter_it_tells_the_same(tmp_path: Path) -> None:
    names = write(tmp_path, {name: FILES[name] for name in ("bad.test.mjs", "good.test.mjs")})
    reporter = f"--test-reporter={CLIENT / 'reporter.mjs'}"
    done = node(tmp_path, "--test", reporter, *names, LONGPOLE_PROTOCOL="1", LONGPOLE_CLASSES="classes")
    told, _ = read(done, names)
    assert {each.name: str(each.status) for each in told.classes} == {
        "bad.test.mjs": "failed",
        "good.test.mjs": "passed",
    }
    assert (told.problem, len(told.cases), final_status(Status.PASSED, told)) == (None, 10, Status.FAILED)


def test_without_longpole_it_is_the_reporter_of_node(tmp_path: Path) -> None:
    write(tmp_path, {"good.test.mjs": FILES["good.test.mjs"]})
    done = node(tmp_path, str(CLIENT / "run.mjs"), "classes")
    assert (done.status, done.err) == (0, "")
    assert "✔ adds" in done.out and "@@LONGPOLE@@" not in done.out


def test_a_queue_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"good.test.mjs": FILES["good.test.mjs"]})
    done = node(tmp_path, str(CLIENT / "run.mjs"), "classes", LONGPOLE_PROTOCOL="1", LONGPOLE_QUEUE=str(tmp_path))
    assert done.status != 0
    assert "remove `stealing`" in done.err and "suite_started" not in done.out


def test_files_are_listed_as_node_finds_them(tmp_path: Path) -> None:
    listed = [
        "a.test.js",
        "b-test.mjs",
        "c_test.cjs",
        "sub/test-d.js",
        "sub/test.js",
        "test/any.js",
        "test/in/deep.mjs",
    ]
    others = ["atest.js", "test.txt", "x.test.ts", "node_modules/m/y.test.js", "latest/z.js", "testing/z.js"]
    write(tmp_path, dict.fromkeys([*listed, *others], ""))
    assert node(tmp_path, str(CLIENT / "list.mjs")).out.splitlines() == listed
    assert node(tmp_path, str(CLIENT / "list.mjs"), "sub", "./atest.js", "sub").out.splitlines() == [
        "atest.js",
        "sub/test-d.js",
        "sub/test.js",
    ]


def test_a_folder_that_does_not_exist_is_an_error_of_the_list(tmp_path: Path) -> None:
    done = node(tmp_path, str(CLIENT / "list.mjs"), "no-such-folder")
    assert (done.status, done.out) == (2, "")
    assert "no-such-folder" in done.err and len(done.err.splitlines()) == 1


@pytest.mark.slow
def test_the_client_conforms(project: Project) -> None:
    names = write(project.root, FILES)
    given = [word for name in names for word in ("--class", name)]
    done = project.longpole("protocol", "check", *given, "--", "node", "{clients}/node/run.mjs", "{classes_file}")
    assert done.out.splitlines()[-1] == "the client conforms", done.text
    assert done.status == 0


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of examples/node, rendered; a run in it failed on demand."""
    project = Project(tmp_path_factory.mktemp("example") / "node")
    ignored = shutil.ignore_patterns(".longpole", "Makefile")
    shutil.copytree(REPOSITORY / "examples" / "node", project.root, ignore=ignored, dirs_exist_ok=True)
    project.render()
    done = project.make("-j2", "test", FAIL="text")
    assert done.status == 2, done.text
    return project


@pytest.mark.slow
def test_the_example_fails_on_demand(example: Project) -> None:
    rows = [case for record in records_in(example.runs[0]) for case in record["cases"]]
    by_id = {f"{row[0]}#{row[1]}": row[2] for row in rows}
    assert len(by_id) == len(rows) == 15
    assert {name for name, status in by_id.items() if status != "passed"} == {
        "test/text.test.js#frequencies > counts each word",
        "test/text.test.js#frequencies > counts words of several languages",
    }
    listed = node(example.root, str(CLIENT / "list.mjs"), "test").out.splitlines()
    classes = [row[0] for record in records_in(example.runs[0]) for row in record.get("classes", ())]
    assert sorted(classes) == listed


@pytest.mark.slow
def test_retest_of_the_example_runs_the_file_that_failed(example: Project) -> None:
    done = example.make("retest")
    assert done.status == 0, done.text
    classes = [row[0] for record in records_in(example.last) for row in record.get("classes", ())]
    assert classes == ["test/text.test.js"]


TICKING = """
let tick;
globalThis.setInterval = (flush, ms) => { tick = flush; console.error(ms); return { unref() { return this; } }; };
globalThis.clearInterval = () => {};
const { default: reporter } = await import(process.argv[2]);
async function* events() {
  const file = process.cwd() + '/a.test.mjs';
  yield { type: 'test:dequeue', data: { name: file, file, nesting: 0 } };
  yield { type: 'test:stdout', data: { file, message: 'half of it' } };
  tick();
  tick();
  yield { type: 'test:stderr', data: { file, message: 'the rest' } };
  yield { type: 'test:complete', data: { name: file, file, nesting: 0, details: { passed: true, duration_ms: 1 } } };
}
for await (const chunk of reporter(events())) console.error(chunk);
"""


def test_output_is_flushed_every_ten_seconds(tmp_path: Path) -> None:
    (tmp_path / "ticking.mjs").write_text(TICKING)
    done = node(tmp_path, "ticking.mjs", str(CLIENT / "reporter.mjs"), LONGPOLE_PROTOCOL="1")
    assert done.err == "10000\n"
    events = [json.loads(line.removeprefix("@@LONGPOLE@@ ")) for line in done.out.splitlines()]
    assert events[2] == {"event": "suite_output", "suite": "a.test.mjs", "text": "half of it"}
    assert (events[3]["event"], events[3]["output"]) == ("suite_completed", "the rest")
