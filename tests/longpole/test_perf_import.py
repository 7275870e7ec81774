"""`longpole perf import`: what is given, what is left, and the exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

from longpole.commands.perf.imports import FORMATS as CHOICES
from longpole.perf.importers.formats import FORMATS
from tests.perf.importers.gruel import OLD, RECORD, SHA, lines, record
from tests.perf.importers.imported import RECORDED
from tests.perf.ledger.repository import Repository


def run(folder: Path, *words: str | Path) -> tuple[int, str, str]:
    """Run `longpole perf import` in `folder`: exit status, output, errors."""
    argv = [sys.executable, "-m", "longpole", "perf", "import", *map(str, words)]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_twice_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "x86-64-linux.jsonl").write_bytes(lines(RECORD, record(timestamp="2026-05-01T00:00:00Z")))
    assert run(tmp_path, "x86-64-linux.jsonl", "--out", "results") == (0, "x86-64-linux: 2 new\n", "")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*")}
    second = run(tmp_path, "x86-64-linux.jsonl", "--out", "results")
    assert second == (0, "x86-64-linux: 0 new, 2 already there\n", "")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*")} == before
    assert {name.split("/")[0] for name in files(tmp_path / "results")} == {"runs"}


def test_what_is_broken_is_reported_and_the_others_are_imported(tmp_path: Path) -> None:
    (tmp_path / "x86-64-linux.jsonl").write_bytes(lines(record(commit="?")) + b"{\n" + lines(RECORD))
    status, out, errors = run(tmp_path, "none.json", "x86-64-linux.jsonl", "--out", "results")
    assert (status, out) == (2, "x86-64-linux: 1 new\n")
    assert errors.splitlines() == [
        "longpole: none.json: No such file or directory; name a file that can be read",
        "x86-64-linux.jsonl:1: '?' is not the name of a commit; give --commit",
        "x86-64-linux.jsonl:2: not JSON: Expecting property name enclosed in double quotes: line 2 column 1 (char 2); "
        "name a file that a benchmark tool wrote",
    ]


def test_of_very_many_errors_the_first_are_shown(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"{\n" * 50)
    status, out, errors = run(tmp_path, "x.jsonl", "--out", "results")
    assert (status, out) == (2, "no results\n")
    assert len(errors.splitlines()) == 21
    assert errors.splitlines()[-1] == "30 more problems; mend these first"
    assert files(tmp_path) == {"x.jsonl"}
    assert not (tmp_path / "results").exists()


def test_commits_of_a_repository_by_any_name(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    first, second = repository.commit("one"), repository.commit("two")
    (tmp_path / "old.json").write_bytes(lines({**OLD, "commit": first[:8]}))
    assert run(tmp_path, "old.json", "--out", "a", "--repo", "repo")[0] == 0
    words = ("--out", "a", "--repo", "repo", "--commit", "main", "--platform", "p")
    assert run(tmp_path, RECORDED / "hyperfine.json", *words)[0] == 0
    text = "".join((tmp_path / "a" / name).read_text() for name in files(tmp_path / "a"))
    assert first in text
    assert second in text
    (tmp_path / "commits").write_text(f"{SHA}\n{first}\n")
    assert run(tmp_path, "old.json", "--out", "b", "--commits", "commits")[1] == "aarch64-macos: 1 new\n"
    status, _, errors = run(tmp_path, "old.json", "--out", "c", "--repo", "repo", "--commit", "none")
    assert (status, files(tmp_path / "c")) == (2, set())
    assert errors.startswith("longpole: --commit: no commit 'none', or more than one, in repo; fetch all")
    status, _, errors = run(tmp_path, "old.json", "--out", "c", "--repo", "a")
    assert (status, errors.count("\n")) == (2, 1)
    assert errors.startswith("longpole: --repo a: git rev-parse: not a git repository")


def test_a_commit_and_a_time_that_are_given(tmp_path: Path) -> None:
    sha = Repository(tmp_path / "repo").commit("one")
    for number, at in enumerate(("2026-04-20T20:27:37Z", "2026-04-20T22:27:37+0200", "2026-04-20T20:27:37")):
        words = ("--commit", "HEAD", "--platform", "p", "--at", at, "--out", f"../out{number}")
        assert run(tmp_path / "repo", RECORDED / "hyperfine.json", *words) == (0, "p: 1 new\n", "")
        (name,) = files(tmp_path / f"out{number}")
        text = (tmp_path / f"out{number}" / name).read_text()
        assert sha in text
        assert "2026-04-20T20:27:37Z" in text


def test_it_needs_nothing_of_the_extra(tmp_path: Path) -> None:
    (tmp_path / "x86-64-linux.json").write_bytes(lines(RECORD))
    script = """
import sys
sys.modules.update(dict.fromkeys(("numpy", "scipy", "ruptures", "sh")))
from longpole.__main__ import main
sys.argv = ["longpole", "perf", "import", "x86-64-linux.json", "--out", "results"]
main()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "x86-64-linux: 1 new\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Missing argument 'FILE...'"),
        (("x.json",), "Missing option '--out'"),
        (("x.json", "--out", "o", "--platform", "../x"), "Invalid value for '--platform'"),
        (("x.json", "--out", "x.json"), "Directory 'x.json' is a file"),
        (
            ("x.json", "--out", "o", "--commit", "main"),
            "--commit: 'main' is no whole name of a commit, and none that git knows here",
        ),
        (("x.json", "--out", "o", "--commits", "c", "--repo", "."), "use --commits or --repo, not both"),
        (("x.json", "--out", "o", "--at", "yesterday"), "Invalid value for '--at'"),
        (("x.json", "--out", "o", "--format", "csv"), "Invalid value for '--format'"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    (tmp_path / "x.json").write_bytes(lines(RECORD))
    status, out, errors = run(tmp_path, *words)
    assert (status, out) == (2, "")
    assert message in errors
    assert "Traceback" not in errors
    assert files(tmp_path) == {"x.json"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "x86-64-linux.json").write_bytes(lines(RECORD))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/runs").write_text("mine")
    status, _, errors = run(tmp_path, "x86-64-linux.json", "--out", "out")
    assert status == 2
    assert errors.startswith("longpole: out/runs/x86-64-linux/2026/04/")
    assert (tmp_path / "out/runs").read_text() == "mine"


def test_names_in_messages_are_harmless(tmp_path: Path) -> None:
    (tmp_path / "\x1b[31mx.json").write_text("{")
    _, _, errors = run(tmp_path, "\x1b[31mx.json", "--out", "o")
    assert "\x1b" not in errors


def test_the_choices_are_the_formats() -> None:
    assert tuple(sorted(FORMATS)) == CHOICES
