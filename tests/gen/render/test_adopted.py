"""CI without Nix for a suite that `longpole init` wrote: as it is, nothing added by hand."""

from pathlib import Path

import pytest

from tests.gen.adapters.projects import empty, write
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
