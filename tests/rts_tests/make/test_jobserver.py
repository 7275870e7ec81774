"""One jobserver: whoever said `-j`, no more units run at once than that."""

import re

import pytest

from tests.project import Project, shell

COUNTING = shell(
    # A unit counts itself in, then waits a moment for others to do so too.
    "mkdir -p here && touch here/$$",
    "ls here | wc -l >>counts",
    "sleep 0.05",
    "ls here | wc -l >>counts",
    "rm here/$$",
)


def most(project: Project) -> int:
    return max(int(word) for word in (project.root / "counts").read_text().split())


@pytest.fixture
def counting(project: Project) -> Project:
    return project.write({f"u{number}": COUNTING for number in range(12)})


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_as_many_units_run_at_once_as_j_says(counting: Project, jobs: int) -> None:
    assert counting.make(f"-j{jobs}", "test").status == 0
    assert most(counting) == jobs


def test_a_parent_make_shares_its_jobserver(counting: Project) -> None:
    counting.root.joinpath("parent.mk").write_text("all:\n\t$(MAKE) test\n")
    done = counting.make("-j3", "-f", "parent.mk")
    assert done.status == 0, done.text
    assert "jobserver" not in done.text
    assert most(counting) <= 3
    assert len(counting.statuses()) == 12


def test_two_runs_below_one_parent_stay_within_its_j_together(counting: Project) -> None:
    odd, even = (" ".join(f"test-v-u{number}" for number in range(start, 12, 2)) for start in (0, 1))
    text = f"all: odd even\nodd:\n\t+$(MAKE) {odd}\neven:\n\t+$(MAKE) {even}\n"
    counting.root.joinpath("parent.mk").write_text(text)
    done = counting.make("-j3", "-f", "parent.mk")
    assert done.status == 0, done.text
    assert most(counting) <= 3
    assert sorted(len(counting.records(run)) for run in counting.runs) == [6, 6]


def test_without_j_the_order_is_the_plans(counting: Project) -> None:
    counting.make("test")
    assert most(counting) == 1
    finished = [event["id"] for event in counting.events() if event["event"] == "unit finished"]
    assert finished == sorted(finished, key=lambda name: f"v/{name}")


def test_the_suites_makefile_may_be_named_from_elsewhere(counting: Project) -> None:
    outside = Project(counting.root.parent, counting.environ)
    outside.environ = counting.environ
    done = outside.make("-C", "project", "-j2", "test-v-u1")
    assert done.status == 0, done.text
    assert re.search(r"^1 unit: 1 passed$", done.out, re.MULTILINE)


def test_a_unit_that_is_a_make_has_no_jobserver_to_complain_about(project: Project) -> None:
    project.root.joinpath("inner.mk").write_text("all: a b\na b:\n\t@echo $@ $(MAKELEVEL)\n")
    project.write({"inner": "make -j2 -f inner.mk"})
    assert project.make("-j2", "test").status == 0
    assert sorted(project.log("test-v-inner").splitlines()) == [b"a 0", b"b 0"]
