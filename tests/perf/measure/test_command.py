"""`longpole perf run`: from bench.yaml to a result file of a commit."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from longpole.perf.files import place_of, read
from longpole.perf.model import Result
from longpole.perf.platforms import this_platform
from longpole.version import VERSION
from tests.perf.ledger.repository import Repository
from tests.project import REPOSITORY, Done, eventually

BENCH = """
version: 1
reference: false
defaults: {rounds: 2, warmup: 0}
benchmarks:
  quick: {run: ["true"]}
  slower: {run: [sleep, 0.01]}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with `bench.yaml` in its one commit."""
    made = Repository(tmp_path / "repository")
    (made.folder / "bench.yaml").write_text(BENCH)
    made.git("add", "bench.yaml")
    made.commit("first")
    return made


def perf_run(folder: Path, *words: str, status: int = 0) -> Done:
    argv = [sys.executable, "-m", "longpole", "perf", "run", *words]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == status, done
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def only_result(folder: Path) -> Result:
    (path,) = [each for each in folder.rglob("*") if each.is_file()]
    made = read(path.read_bytes(), str(path))
    assert isinstance(made, Result)
    assert str(path.relative_to(folder)) == place_of(made, path.read_bytes())
    return made


def test_a_result_of_what_is_checked_out(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / "bench.yaml").write_text(BENCH.replace("reference: false", "reference: true"))
    repository.git("commit", "-qam", "with the reference workload")
    done = perf_run(repository.folder, "--out", str(tmp_path / "out"), "--reason", "push", "--seed", "7")
    made = only_result(tmp_path / "out")
    assert (made.platform, made.commit) == (this_platform(), repository.git("rev-parse", "HEAD").strip())
    assert (made.reason, made.seed, made.tool, made.failures) == ("push", 7, f"longpole {VERSION}", ())
    assert [each.name for each in made.benchmarks] == ["quick", "slower"]
    assert {"time", "cold", "cpu"} <= made.benchmarks[0].metrics.keys()
    assert made.reference is not None
    assert made.reference.count == 2
    assert {"os", "arch", "cores", "reference"} <= made.machine.keys()
    assert done.out.splitlines()[-1].startswith(f"wrote {tmp_path}/out/runs/{this_platform()}/")
    assert done.err == ""


def test_without_out_nothing_is_written_and_no_commit_is_needed(tmp_path: Path) -> None:
    (tmp_path / "bench.yaml").write_text(BENCH)
    done = perf_run(tmp_path, "--rounds", "3", "s*")
    assert done.out.startswith("slower  ")
    assert "quick" not in done.out
    assert [each.name for each in tmp_path.iterdir()] == ["bench.yaml"]


def test_json_is_the_result_file(repository: Repository, tmp_path: Path) -> None:
    printed = perf_run(repository.folder, "--json", "quick").out
    made = read(printed.encode(), "standard output")
    assert isinstance(made, Result)
    assert [each.name for each in made.benchmarks] == ["quick"]
    assert made.seed is not None
    both = perf_run(repository.folder, "--json", "--out", str(tmp_path / "out"), "quick")
    assert read(both.out.encode(), "x") == only_result(tmp_path / "out")
    assert both.err.startswith("wrote ")


def test_changed_files_are_not_the_commit(repository: Repository, tmp_path: Path) -> None:
    head = repository.git("rev-parse", "HEAD").strip()
    (repository.folder / "untracked").write_text("")
    perf_run(repository.folder, "--out", str(tmp_path / "clean"), "quick")
    with (repository.folder / "bench.yaml").open("a") as file:
        file.write("# changed\n")
    refused = perf_run(repository.folder, "--out", str(tmp_path / "out"), "quick", status=2)
    assert f"bench.yaml: differs from the commit {head[:12]}" in refused.err
    assert "name the commit with `--commit`" in refused.err
    assert not (tmp_path / "out").exists()
    perf_run(repository.folder, "--out", str(tmp_path / "out"), "--commit", "HEAD", "quick")
    assert only_result(tmp_path / "out").commit == head


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--commit", "no-such"), "--commit: "),
        (("--commit", "--help"), "--commit: "),
        (("--platform", "a/b"), "Invalid value for '--platform': write letters"),
        (("--platform", ".."), "Invalid value for '--platform'"),
        (("--reason", "a\nb"), "--reason: "),
        (("--suite", "none.yaml"), "none.yaml: there is no such file; write one as docs/perf-measure.md shows"),
        (("--rounds", "0"), "--rounds"),
    ],
)
def test_what_is_refused_is_refused_before_anything_runs(
    repository: Repository, tmp_path: Path, words: tuple[str, str], message: str
) -> None:
    (repository.folder / "bench.yaml").write_text(BENCH.replace('["true"]', "touch executed"))
    repository.git("commit", "-qam", "touches")
    refused = perf_run(repository.folder, "--out", str(tmp_path / "out"), *words, status=2)
    assert message in refused.err
    assert not (repository.folder / "executed").exists()
    assert not (tmp_path / "out").exists()


def test_out_that_is_a_file_is_refused_first(repository: Repository) -> None:
    refused = perf_run(repository.folder, "--out", "bench.yaml", status=2)
    assert "Invalid value for '--out': Directory 'bench.yaml' is a file" in refused.err


def test_no_repository_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "bench.yaml").write_text(BENCH)
    refused = perf_run(tmp_path, "--out", "out", status=2)
    assert "not a git repository" in refused.err
    assert "--commit" in refused.err
    perf_run(tmp_path, "--out", "out", "--commit", "a" * 40, "quick")
    assert only_result(tmp_path / "out").commit == "a" * 40


def test_a_failure_is_kept_and_is_the_exit_status(repository: Repository, tmp_path: Path) -> None:
    bench = BENCH.replace('["true"]', '"echo why >&2; exit 3"')
    (repository.folder / "bench.yaml").write_text(bench)
    done = perf_run(repository.folder, "--out", str(tmp_path / "out"), "--commit", "HEAD", status=1)
    assert "FAIL quick: exit status 3, in its first execution\n  | why" in done.out
    made = only_result(tmp_path / "out")
    assert [each.name for each in made.benchmarks] == ["slower"]
    assert [each.name for each in made.failures] == ["quick"]
    perf_run(repository.folder, "--out", str(tmp_path / "all"), "--commit", "HEAD", "quick", status=1)
    assert only_result(tmp_path / "all").failed


@pytest.mark.slow
def test_the_benchmarks_of_this_repository_run() -> None:
    words = ("--suite", "bench/bench.yaml", "--rounds", "1", "start", "render*")
    out = perf_run(REPOSITORY, *words).out
    assert out.startswith("start  ")
    assert "size 1" in out


def test_nothing_chosen(tmp_path: Path) -> None:
    (tmp_path / "bench.yaml").write_text(BENCH)
    assert "did you mean 'quick'?" in perf_run(tmp_path, "quack", status=4).err


def test_the_schema_of_bench_yaml() -> None:
    schema = json.loads(perf_run(Path("/"), "--schema").out)
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing(repository: Repository, tmp_path: Path, number: signal.Signals) -> None:
    bench = "version: 1\nbenchmarks: {a: {run: 'echo $$ > pid; exec sleep 600', cleanup: echo cleaned > cleaned}}\n"
    (repository.folder / "bench.yaml").write_text(bench)
    words = ["perf", "run", "--commit", "HEAD", "--out", str(tmp_path / "out")]
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from longpole.__main__ import main; sys.argv[0] = 'longpole'; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=repository.folder, start_new_session=True, stderr=subprocess.PIPE
    )
    pid = repository.folder / "pid"
    eventually("the benchmark runs", lambda: pid.exists() and pid.read_text().endswith("\n"))
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if number is signal.SIGINT else -number)
    assert b"Traceback" not in said
    program = int(pid.read_text())
    eventually("the benchmark has ended", lambda: not Path(f"/proc/{program}/status").exists())
    assert (repository.folder / "cleaned").exists() is (number is signal.SIGINT)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("perf run s", ["slower"]),
        ("perf run --suite other.yaml ", ["one"]),
        ("perf run --suite broken.yaml ", []),
        ("perf run --suite none.yaml ", []),
    ],
)
def test_a_shell_offers_the_names_of_benchmarks(tmp_path: Path, typed: str, offered: list[str]) -> None:
    (tmp_path / "bench.yaml").write_text(BENCH)
    (tmp_path / "other.yaml").write_text("version: 1\nbenchmarks: {one: {run: [x]}, two words: {run: [x]}}\n")
    (tmp_path / "broken.yaml").write_text("version: 1\nbenchmarks: [\n")
    last = "" if typed.endswith(" ") else typed.rsplit(maxsplit=1)[-1]
    environ = {"_LONGPOLE_COMPLETE": "fish_complete", "COMP_WORDS": f"longpole {typed}", "COMP_CWORD": last}
    argv = [sys.executable, "-c", "from longpole.__main__ import main; import sys; sys.argv[0] = 'longpole'; main()"]
    done = subprocess.run(
        argv, cwd=tmp_path, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert [line.removeprefix("plain,") for line in done.stdout.split()] == offered
    assert done.stderr == ""
