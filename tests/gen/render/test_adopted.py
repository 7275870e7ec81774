"""CI without Nix for a suite that `longpole init` wrote: as it is, nothing added by hand."""

from pathlib import Path

import pytest

from tests.gen.adapters.projects import empty, with_rust, write
from tests.gen.render.gitlab_runner import GitLab
from tests.gen.render.runner import Runner
from tests.project import Project, records_in

__all__ = ["empty"]
pytestmark = pytest.mark.slow

TESTS = "import pytest\n\n@pytest.mark.parametrize('x', [1, 2])\ndef test_x(x): assert x < {limit}\n"


@pytest.fixture
def adopted(empty: Project) -> Project:
    write(empty.root, {"tests/test_a.py": TESTS.format(limit=3), "tests/test_b.py": TESTS.format(limit=3)})
    for argv in (["init"], ["render", "--ci=github-plain"], ["render", "--ci=gitlab"]):
        done = empty.longpole(*argv)
        assert done.status == 0, done.text
    return empty


def test_github_tests_it_and_writes_the_step_summary(adopted: Project, tmp_path: Path) -> None:
    runner = Runner(adopted, tmp_path / "github")
    summary = tmp_path / "summary"
    runner.environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    runner.begin("1")
    workflow = adopted.root / ".github/workflows/ci.yml"
    assert runner.job(workflow, "test") == ["success"], runner.log
    assert "passed" in summary.read_text()
    (results,) = runner.artifacts.glob("*-results-x86_64-linux/longpole-results")
    assert sum(len(record["cases"]) for record in records_in(results)) == 4
    write(adopted.root, {"tests/test_b.py": TESTS.format(limit=2)})
    assert runner.job(workflow, "test") == ["failure"]
    assert "failed" in summary.read_text()


def test_gitlab_tests_it_and_reports_each_test(adopted: Project, tmp_path: Path) -> None:
    pip = tmp_path / "bin/pip"
    write(tmp_path, {"bin/pip": "#!/bin/sh\n"})
    pip.chmod(0o755)
    gitlab = GitLab(adopted, tmp_path / "gitlab", environ={"PATH": f"{pip.parent}:{adopted.environ['PATH']}"})
    gitlab.begin()
    assert gitlab.job("test-x86_64-linux") == ["success"], gitlab.log
    junit = gitlab.artifacts / "test-x86_64-linux.1/longpole-results/junit.xml"
    assert junit.read_text().count("<testcase ") == 4
    write(adopted.root, {"tests/test_b.py": TESTS.format(limit=2)})
    assert gitlab.job("test-x86_64-linux") == ["failed"]
    assert junit.read_text().count("<failure") == 1


CMAKE = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.21)\nproject(calc C)\nenable_testing()\n"
    "add_executable(calc calc.c)\nadd_test(NAME adds COMMAND calc)\nadd_test(NAME more COMMAND calc)\n"
    "set_tests_properties(adds PROPERTIES COST 9)\n",
    "calc.c": "int main(void) { return 0; }\n",
}
CRATE = {
    "Cargo.toml": '[package]\nname = "parser"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": "/// ```\n/// parser::parse();\n/// ```\npub fn parse() {}\n#[test]\nfn works() {}\n",
    "tests/api.rs": "#[test]\nfn parses() { parser::parse() }\n",
}


@pytest.mark.parametrize(("files", "tests"), [(CMAKE, 2), (CRATE, 3)], ids=["ctest", "cargo"])
def test_it_is_built_once_and_split(empty: Project, tmp_path: Path, files: dict[str, str], tests: int) -> None:
    """What the build leaves in the target directory is all that the shards need, on a fresh checkout."""
    if "Cargo.toml" in files:
        with_rust(empty)
    write(empty.root, files)
    assert empty.longpole("init").status == 0
    suite = empty.root / "suite.yaml"
    suite.write_text(suite.read_text() + "\nplatforms:\n  x86_64-linux: {default: checked, shards: 2}\n")
    assert empty.longpole("render", "--ci=gitlab").status == 0
    write(tmp_path, {"bin/pip": "#!/bin/sh\n"})
    (tmp_path / "bin/pip").chmod(0o755)
    gitlab = GitLab(empty, tmp_path / "gitlab", environ={"PATH": f"{tmp_path}/bin:{empty.environ['PATH']}"})
    gitlab.begin()
    assert gitlab.job("build-x86_64-linux") == ["success"], gitlab.log
    assert gitlab.job("shard-x86_64-linux") == ["success"] * 2, gitlab.log
    assert gitlab.job("union-x86_64-linux") == ["success"], gitlab.log
    junit = gitlab.artifacts / "union-x86_64-linux.1/longpole-results/junit.xml"
    assert junit.read_text().count("<testcase ") == tests
