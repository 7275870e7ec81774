"""What a record keeps of the seeds that a unit ran with, and of which execution it was."""

from tests.project import REVISION, Project, records_in


def test_a_record_keeps_the_seeds_and_where_they_are_from(project: Project) -> None:
    modules = {
        "fixed": {"seeds": 6, "chunks": 2},
        "commit": {"seeds": 1, "seed_policy": "commit"},
    }
    project.write({"plain": "", "fixed": "", "commit": ""}, modules=modules)
    project.make("test")
    records = project.records()
    kept = {name: (row["seeds"], row["seed_source"]) for name, row in records.items()}
    number = records["v/commit"]["seed"]
    assert kept == {
        "v/plain": (None, None),
        "v/fixed[0]": ("0-2", "fixed"),
        "v/fixed[1]": ("3-5", "fixed"),
        "v/commit": (str(number), "commit"),
    }
    project.make("test-v-fixed-1", "SEED=9,7-8", LONGPOLE_REV=REVISION)
    assert [(row["seeds"], row["seed_source"]) for row in records_in(project.last)] == [("9,7-8", "SEED")]


def test_a_record_says_which_execution_it_is(project: Project) -> None:
    project.write({"x": "exit 1"})
    project.longpole("stress", "v/x", "--count", "3", "-j1")
    assert [(row["id"], row["execution"]) for row in records_in(project.last)] == [
        ("v/x#1", 1),
        ("v/x#2", 2),
        ("v/x#3", 3),
    ]
    project.make("test")
    assert project.records()["v/x"]["execution"] is None
