"""`longpole scenario` runs scenarios: by the supervisor of every run, with its records and its report."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.project import Project, eventually
from tests.terminal import Terminal

SUITE = {
    "version": 1,
    "name": "demo",
    "variants": {"a": {"env": {"WHO": "a"}}, "b": {"env": {"WHO": "b"}}},
    "scenarios": {"path": "e2e"},
}
GOOD = """\
name: Good {0}
steps:
  - {{name: one, run: "echo {0} $WHO; pwd", expect: {{exit_code: 0, output_contains: ["{0}"]}}}}
  - {{name: two, run: "test -d ."}}
"""
BAD = """\
name: Bad
steps:
  - {name: fine, run: 'true', expect: {exit_code: 0}}
  - name: wrong
    run: pwd; exit 3
    expect:
      exit_code: 0
      files_exist: [nothing]
  - {name: also, run: 'false', expect: {exit_code: 0}}
"""


def write(project: Project, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def corpus(project: Project) -> Project:
    write(
        project,
        {
            "suite.yaml": json.dumps(SUITE),
            "e2e/top.yml": GOOD.format("top"),
            "e2e/clone/basic.yml": GOOD.format("basic"),
            "e2e/clone/bad.yml": BAD,
            "e2e/tree/basic.yml": GOOD.format("tree"),
        },
    )
    return project


def test_all_scenarios_run_in_all_variants_in_the_order_of_their_names(corpus: Project) -> None:
    done = corpus.longpole("scenario", "-j4")
    assert done.status == 1
    assert re.findall(r"^(\S+ \S+)  \d", done.out, re.MULTILINE) == [
        f"{word} {variant}/{name}"
        for variant in "ab"
        for word, name in (("PASS", "top"), ("FAIL", "clone/bad"), ("PASS", "clone/basic"), ("PASS", "tree/basic"))
    ]
    assert "\n8 scenarios: 6 passed, 2 failed; 18 steps: 14 passed, 4 failed in " in done.out
    assert set(corpus.statuses()) == {
        f"{variant}/{name}" for variant in "ab" for name in ("top", "clone/bad", "clone/basic", "tree/basic")
    }
    assert not (corpus.root / "Makefile").exists()
    for name in ("report.html", "junit.xml", "records.jsonl"):
        assert (corpus.last / name).exists()
    assert set(corpus.history()) == set(corpus.statuses())


def test_a_failure_is_told_step_by_step_then_in_a_list_then_as_a_command(corpus: Project) -> None:
    done = corpus.longpole("scenario", "clone:bad", "--variant", "b", "--order", "input")
    assert (done.status, done.err) == (1, "")
    assert done.out == (
        "FAIL b/clone/bad\n"
        "  FAILED   2. wrong  e2e/clone/bad.yml:4\n"
        "           FAILED  e2e/clone/bad.yml:7: exit_code: 0: it is 3\n"
        "           FAILED  e2e/clone/bad.yml:8: files_exist: nothing: there is nothing\n"
        "           | $BASE_DIR/work\n"
        "  FAILED   3. also  e2e/clone/bad.yml:9\n"
        "           FAILED  e2e/clone/bad.yml:9: exit_code: 0: it is 1\n"
        "\n"
        "failures:\n"
        "  1. b/clone/bad: Bad\n"
        "     e2e/clone/bad.yml:4: wrong: exit_code: 0: it is 3\n"
        "     e2e/clone/bad.yml:9: also: exit_code: 0: it is 1\n"
        "\n"
        "Reproduce: longpole scenario --variant b clone:bad\n"
        "\n"
        "1 scenario: 1 failed; 3 steps: 1 passed, 2 failed\n"
    )


def test_the_command_to_reproduce_does(corpus: Project) -> None:
    first = corpus.longpole("scenario", "--order", "input")
    command = re.findall(r"^Reproduce: longpole (.*)$", first.out, re.MULTILINE)
    assert command == ["scenario clone:bad"]
    again = corpus.longpole(*command[0].split(), "--order", "input")
    assert again.status == 1
    assert "2 scenarios: 2 failed;" in again.out


@pytest.mark.parametrize("verbosity", ["-q", "-v", "-vv"])
def test_in_order_the_text_is_the_same_at_any_number_of_jobs(corpus: Project, verbosity: str) -> None:
    texts = {corpus.longpole("scenario", "--order", "input", verbosity, f"-j{jobs}").out for jobs in (1, 4)}
    assert len(texts) == 1
    (text,) = texts
    assert "PASS" not in text if verbosity == "-q" else "ok       1. one\n" in text
    assert ("$ echo basic $WHO; pwd\n" in text) == (verbosity == "-vv")
    assert ("| basic a\n" in text) == (verbosity == "-vv")
    assert ("ok      output_contains: basic\n" in text) == (verbosity == "-vv")


def test_in_order_no_path_of_a_sandbox_is_in_the_text(project: Project) -> None:
    suite = {**SUITE, "variants": {"a": {}}, "scenarios": {"path": "e2e", "short_folders": ["RUN_DIR"]}}
    scenario = (
        "name: S\nsteps:\n- {name: away, run: 'true', cwd: nowhere}\n"
        "- {name: s, run: echo $RUN_DIR; false, expect: {exit_code: 0, files_exist: [$RUN_DIR/s]}}\n"
    )
    write(project, {"suite.yaml": json.dumps(suite), "e2e/s.yml": scenario})
    texts = {project.longpole("scenario", "--order", "input").out for _ in range(2)}
    assert len(texts) == 1
    (text,) = texts
    assert "     e2e/s.yml:3: away: the working directory $BASE_DIR/work/nowhere cannot be entered: " in text
    assert "files_exist: /tmp/lp-.../s: there is nothing\n" in text
    assert "| /tmp/lp-...\n" in text


def test_a_file_that_is_elsewhere_runs_as_well_and_is_reproduced_by_its_path(corpus: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where" / "basic.yml"
    write(corpus, {str(elsewhere): BAD, "other/clone/basic.yml": BAD})
    words = (str(elsewhere), "other/clone/basic.yml", "clone:basic")
    done = corpus.longpole("scenario", *words, "--variant", "a", "--order", "input")
    assert done.status == 1
    assert re.findall(r"^[A-Z]{4} (\S+)$", done.out, re.MULTILINE) == [
        "a/clone/basic",
        "a/clone/basic-2",
        "a/else-where/basic",
    ]
    assert f"Reproduce: longpole scenario --variant a other/clone/basic.yml '{elsewhere}'\n" in done.out


def test_without_a_suite_files_run_with_defaults(project: Project) -> None:
    (project.root / "tools").mkdir()
    tool = project.root / "tools" / "mytool"
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    text = "name: T\nrepos: [{name: r, use_fixture: f}]\nsteps:\n"
    text += "  - {name: a, run: mytool, expect: {output_contains: [mine]}}\n"
    check = "  - {name: b, run: git clone $REMOTE_R c, expect: {exit_code: 0, files_exist: [c/daft.yml]}}\n"
    write(project, {"x/t.yml": text + check, "fix/repos/f.yml": "daft_yml: x\n"})
    done = project.longpole("scenario", "x/t.yml", "--bin", "tools", "--fixtures", "fix", "--order", "input")
    assert (done.status, done.err) == (0, "")
    assert done.out == "PASS default/x/t\n\n1 scenario: 1 passed; 2 steps: 2 passed\n"
    missing = project.longpole("scenario", "x/t.yml", "--fixtures", "fix")
    assert missing.status == 1
    assert "Reproduce: longpole scenario --fixtures fix x/t.yml\n" in missing.out
    assert project.longpole("scenario", "x/t.yml", "--bin", "nowhere").status == 2


def test_fixtures_beside_each_of_several_files(project: Project) -> None:
    scenario = "name: T\nrepos: [{name: r, use_fixture: f}]\n"
    scenario += "steps: [{name: a, run: git clone $REMOTE_R c && cat c/daft.yml%s}]\n"
    expect = ", expect: {exit_code: 0, output_contains: [%s]}"
    write(project, {"one/t.yml": scenario % (expect % "first"), "two/t.yml": scenario % (expect % "second")})
    write(project, {"one/fixtures/repos/f.yml": "daft_yml: first\n", "two/fixtures/repos/f.yml": "daft_yml: second\n"})
    done = project.longpole("scenario", "one/t.yml", "two/t.yml")
    assert done.status == 0, done.text


def test_other_reports_name_the_same_command(project: Project) -> None:
    write(project, {"one/t.yml": BAD})
    assert project.longpole("scenario", "one/t.yml").status == 1
    assert "again: longpole scenario one/t.yml\n" in project.longpole("report").out
    assert "longpole scenario one/t.yml" in (project.last / "junit.xml").read_text()


def test_names_that_are_no_text_are_refused_and_odd_ones_are_not(project: Project) -> None:
    write(project, {"sp ace${x}'.yml": GOOD.format("odd"), "ne\udcffw.yml": GOOD.format("new")})
    done = project.longpole("scenario", "ne\udcffw.yml")
    assert (done.status, done.out) == (2, "")
    assert done.err == "longpole: ne\\udcffw.yml: this name is not UTF-8; rename it\n"
    odd = project.longpole("scenario", "sp ace${x}'.yml", "--order", "input")
    assert (odd.status, odd.out.splitlines()[0]) == (0, "PASS default/project/sp-ace-x-"), odd.text


def test_a_broken_scenario_is_an_error_and_the_others_run(corpus: Project) -> None:
    write(corpus, {"e2e/clone/bad.yml": "nam: x\nsteps: []\n"})
    done = corpus.longpole("scenario", "clone", "--variant", "a", "--order", "input")
    assert done.status == 1
    assert "ERROR a/clone/bad\n" in done.out and "PASS a/clone/basic\n" in done.out
    assert "e2e/clone/bad.yml:2:8: there are no steps" in done.out


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["basic"], 2, "`basic` is the name of 2 scenarios; name one of `clone:basic`, `tree:basic`"),
        (["clone:basc"], 2, "did you mean `clone:basic`?"),
        (["--variant", "c"], 2, "--variant: there is no variant `c`"),
        (["--tag", "slow"], 4, "--tag slow: selects no scenario"),
        (["--suite", "none.yaml"], 2, "none.yaml"),
        (["--update"], 2, "golden files are not rewritten on CI"),
    ],
)
def test_what_cannot_be_run_is_one_message_and_leaves_nothing(
    corpus: Project, words: list[str], status: int, message: str
) -> None:
    before = sorted(map(str, corpus.root.rglob("*")))
    done = corpus.longpole("scenario", *words, CI="1" if "--update" in words else "")
    assert (done.status, done.out) == (status, "")
    assert message in done.err and done.err.startswith("longpole: ") and "Traceback" not in done.err
    assert sorted(map(str, corpus.root.rglob("*"))) == before


def test_tags_select(corpus: Project) -> None:
    write(corpus, {"e2e/t/slow.yml": "tags: [slow, net]\n" + GOOD.format("slow")})
    write(corpus, {"e2e/t/net.yml": "tags: [net]\n" + GOOD.format("net")})
    tagged = corpus.longpole("scenario", "--tag", "net", "--not-tag", "slow", "--variant", "a", "--order", "input")
    assert tagged.out.startswith("PASS a/t/net\n\n1 scenario: 1 passed")
    assert corpus.longpole("scenario", "--list", "--tag", "slow").out == "t:slow  2 steps: Good slow  tags: slow, net\n"


def test_a_skipped_scenario_says_why_and_fails_if_it_must_not_be(corpus: Project) -> None:
    write(corpus, {"e2e/s.yml": "requires: [no-such-program]\n" + GOOD.format("s")})
    done = corpus.longpole("scenario", "s", "--variant", "a", "--order", "input")
    assert done.status == 0
    assert "SKIP a/s" in done.out and "no-such-program" in done.out
    must = corpus.longpole("scenario", "s", "--variant", "a", "--order", "input", "--no-skip")
    assert must.status == 1


def test_golden_files_are_written_only_if_asked(corpus: Project) -> None:
    write(corpus, {"e2e/g.yml": "name: G\nsteps: [{name: a, run: echo hello, expect: {golden: out}}]\n"})
    assert corpus.longpole("scenario", "g", "--variant", "a").status == 1
    updated = corpus.longpole("scenario", "g", "--variant", "a", "--update")
    assert (updated.status, "out.txt: written" in updated.out, "+  hello" in updated.out) == (0, True, True)
    assert (corpus.root / "e2e" / "g.yml.golden" / "out.txt").exists()
    assert corpus.longpole("scenario", "g").status == 0


def test_cells_of_a_matrix_are_scenarios_of_their_own(corpus: Project) -> None:
    matrix = "matrix: {WORD: [x, y]}\nname: M\nsteps: [{name: a, run: test $WORD = x, expect: {exit_code: 0}}]\n"
    write(corpus, {"e2e/m.yml": matrix})
    done = corpus.longpole("scenario", "m", "--variant", "a", "--order", "input")
    assert done.status == 1
    assert done.out.startswith("PASS a/m--x\nFAIL a/m--y\n")
    assert "Reproduce: longpole scenario --variant a e2e/m.yml--y\n" in done.out
    again = corpus.longpole("scenario", "--variant", "a", "--order", "input", "e2e/m.yml--y")
    assert "1 scenario: 1 failed" in again.out
    assert "2 scenarios" in corpus.longpole("scenario", "m", "e2e/m.yml--y", "--variant", "a").out
    assert corpus.longpole("scenario", "m--z").status == 2


def test_keep_keeps_the_sandboxes_and_says_where(corpus: Project) -> None:
    write(corpus, {"e2e/k.yml": "name: K\nsteps: [{name: a, run: echo kept >file}]\n"})
    done = corpus.longpole("scenario", "k", "--keep", "--variant", "a")
    assert done.status == 0
    (folder,) = re.findall(r"^sandboxes are kept in (.*)$", done.out, re.MULTILINE)
    assert [path.read_text() for path in Path(folder).glob("*/s/work/file")] == ["kept\n"]


def test_a_change_of_a_guarded_folder_is_reported_and_fails_on_ci(corpus: Project) -> None:
    guarded = {**SUITE["scenarios"], "guard": ["~/.config/app"]}  # type: ignore[dict-item]
    write(corpus, {"suite.yaml": json.dumps({**SUITE, "scenarios": guarded}), ".config/app/settings": "x"})
    write(corpus, {"e2e/g.yml": "name: G\nsteps: [{name: a, run: 'echo $BASE_DIR >~/.config/app/settings'}]\n"})
    done = corpus.longpole("scenario", "g", "--variant", "a")
    assert (done.status, "1 guarded path changed" in done.out) == (0, True)
    on_ci = corpus.longpole("scenario", "g", "--variant", "a", CI="1")
    assert on_ci.status == 1
    assert "settings" in on_ci.out and "; 1 guarded path changed, which fails the run" in on_ci.out


def test_fail_fast_starts_no_more(corpus: Project) -> None:
    write(corpus, {f"e2e/many/{n}.yml": BAD for n in range(9)})
    done = corpus.longpole("scenario", "many", "-x", "-j1", "--variant", "a")
    assert done.status == 1
    assert "not run:\n" in done.out
    assert len(corpus.records()) < 9


def test_jobs_are_those_of_the_suite_unless_something_else_is_asked_for(corpus: Project) -> None:
    write(corpus, {"suite.yaml": json.dumps({**SUITE, "limits": {"jobs": 3}})})
    for words, environ, jobs in (([], {}, 3), (["-j5"], {"LONGPOLE_JOBS": "7"}, 5), ([], {"LONGPOLE_JOBS": "0"}, 1)):
        corpus.longpole("scenario", "top", "--variant", "a", *words, **environ)
        assert json.loads((corpus.last / "run.json").read_text())["jobs"] == jobs


def test_what_is_tested_is_built_first_as_the_suite_says_now(project: Project) -> None:
    suite = {"version": 1, "name": "s", "scenarios": {}}
    build = "mkdir -p out; printf '#!/bin/sh\\necho %s\\n' >out/mytool; chmod +x out/mytool"
    suite["variants"] = {"v": {"build": ["sh", "-c", build % "first"], "bin": "out"}}
    scenario = "name: X\nsteps: [{name: a, run: mytool, expect: {exit_code: 0, output_contains: [%s]}}]\n"
    write(project, {"suite.yaml": json.dumps(suite), "scenarios/x.yml": scenario % "first"})
    done = project.longpole("scenario")
    assert (done.status, done.err.count("v has to be built first, and nothing is rendered here")) == (2, 1)
    alone = project.longpole("scenario", "--setup-only")
    assert (alone.status, "build it first, as by `make build-v`" in alone.err) == (2, True)
    project.render()
    assert project.longpole("scenario").status == 0
    suite["variants"] = {"v": {"build": ["sh", "-c", build % "second"], "bin": "out"}}
    write(project, {"suite.yaml": json.dumps(suite), "scenarios/x.yml": scenario % "second"})
    done = project.longpole("scenario")
    assert done.status == 0, done.text
    assert project.longpole("scenario", "--setup-only").status == 0


def test_make_runs_again_what_failed_and_knows_the_history(corpus: Project) -> None:
    corpus.longpole("scenario")
    corpus.render()
    done = corpus.make("retest")
    assert set(corpus.statuses()) == {"a/clone/bad", "b/clone/bad"}, done.text


def test_ctrl_c_ends_everything(corpus: Project) -> None:
    write(
        corpus, {"e2e/long.yml": "name: L\nsteps: [{name: a, run: 'touch $WORKSPACE_ROOT/begun; setsid sleep 1000'}]\n"}
    )
    process = corpus.start(corpus.python, "-m", "longpole", "scenario", "long", "--variant", "a")
    eventually("the step runs", (corpus.root / "begun").exists)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130, err
    assert b"interrupted:\n  a/long\n" in out
    eventually("nothing is left", lambda: not any("sleep" in each for each in corpus.processes().values()))


def test_on_a_terminal_there_is_a_live_view_in_60_columns(corpus: Project) -> None:
    with Terminal(corpus, corpus.python, "-m", "longpole", "scenario", "-j2", columns=60) as terminal:
        assert terminal.wait() == 1
        assert "FAIL a/clone/bad" in terminal.text and "PASS" not in terminal.text
        assert "8 scenarios: 6 passed, 2 failed" in " ".join(terminal.text.split())
        assert terminal.is_sane


def test_show_replaces_what_is_known(corpus: Project) -> None:
    write(corpus, {"suite.yaml": json.dumps({**SUITE, "scenarios": {"path": "e2e", "names": {"SITE": "example.org"}}})})
    step = "run: 'echo $SITE $WORKSPACE_ROOT $WORK_DIR $OTHER $WORD', expect: {output_contains: [$SITE]}"
    write(corpus, {"e2e/s.yml": f"name: S\nmatrix: {{WORD: [x, y]}}\nsteps: [{{name: a, {step}}}]\n"})
    done = corpus.longpole("scenario", "--show", "--checks", "s")
    assert (done.status, done.err) == (0, "")
    root = corpus.root
    assert f"   $ echo example.org {root} $WORK_DIR $OTHER x\n   output_contains: example.org\n" in done.out
    assert f"   $ echo example.org {root} $WORK_DIR $OTHER y\n" in done.out


def test_a_reader_that_goes_away(corpus: Project) -> None:
    command = f"{corpus.python} -m longpole scenario -vv | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=corpus.root, env=corpus.environ, capture_output=True, check=False)
    assert done.stderr == b""
